"""The format of percentages in texts, tables and images."""


def percent(fraction: float, digits: int = 0) -> str:
    """Return a fraction in percent, such as "71 %" or "70.9 %".

    Args:
        fraction: 0 to 1.
        digits: Decimal places.
    """
    return f"{100 * fraction:.{digits}f} %"
