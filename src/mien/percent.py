"""The format of percentages and p-values in texts, tables and images."""


def percent(fraction: float, digits: int = 0) -> str:
    """Return a fraction in percent, such as "71 %" or "70.9 %".

    Args:
        fraction: 0 to 1.
        digits: Decimal places.
    """
    return f"{100 * fraction:.{digits}f} %"


def p_value(p: float, symbol: str = "") -> str:
    """Return a p-value with three decimals, such as "0.042", "p = 0.042" or "p < 0.001".

    Args:
        p: 0 to 1.
        symbol: What stands before it, such as "p" in a sentence.
    """
    if p < 0.001:
        return f"{symbol} < 0.001".lstrip()
    return f"{symbol} = {p:.3f}" if symbol else f"{p:.3f}"
