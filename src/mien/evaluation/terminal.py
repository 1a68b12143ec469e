"""An evaluation on the terminal: the figures that matter, and what limits them."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mien.evaluation.caveats import caveats
from mien.evaluation.comparison import Comparison
from mien.evaluation.evaluation import Evaluation, Measured

PATTERNS = 3


def print_evaluation(evaluation: Evaluation, console: Console, comparison: Comparison | None = None) -> None:
    """Print the head figures, a row for each class, the commonest mistakes and the caveats."""
    title = f"{evaluation.system} on {evaluation.split}, {evaluation.n:,} faces"
    console.print(f"[bold]{escape(title)}[/bold]", highlight=False)
    console.print(_figures(evaluation), "")
    console.print(_classes(evaluation), "")
    for pattern in evaluation.patterns[:PATTERNS]:
        how_often = f"{100 * pattern.share:.0f} % ({pattern.count:,} faces)"
        console.print(escape(f"{pattern.truth} taken for {pattern.answer}: {how_often}"), highlight=False)
    if comparison is not None:
        print_comparison(comparison, console)
    console.print()
    for caveat in caveats(evaluation):
        console.print(f"[dim]· {escape(caveat)}[/dim]", highlight=False)


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print how two systems differ on the same faces."""
    low, high = (100 * value for value in comparison.interval)
    words = (
        f"{comparison.verdict} {100 * comparison.accuracy:.1f} % against "
        f"{100 * comparison.accuracy_against:.1f} %: {100 * comparison.difference:+.1f} points "
        f"({low:+.1f} to {high:+.1f}); McNemar p = {comparison.p_mid:.2g}."
    )
    console.print(f"[bold]{escape(words)}[/bold]", highlight=False)


def _figures(evaluation: Evaluation) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, value in (
        ("accuracy", _measured(evaluation.overall)),
        ("  not seen in training", _measured(evaluation.unseen) if evaluation.seen else ""),
        ("balanced accuracy", _percent(evaluation.balanced_accuracy)),
        ("macro-F1", _percent(evaluation.macro_f1)),
        ("weighted F1", _percent(evaluation.weighted_f1)),
        ("top-2", _percent(evaluation.top_2)),
        ("log-loss", f"{evaluation.log_loss:.4f}"),
        ("calibration error", _percent(evaluation.calibration_error)),
    ):
        if value:
            table.add_row(name, value)
    return table


def _classes(evaluation: Evaluation) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("class")
    for name in ("F1", "precision", "recall", "faces", "answers"):
        table.add_column(name, justify="right")
    for row in evaluation.per_class:
        scores = (f"{100 * value:.1f}" for value in (row.f1, row.precision, row.recall))
        table.add_row(escape(row.name), *scores, f"{row.support:,}", f"{row.predicted:,}")
    return table


def _measured(part: Measured | None) -> str:
    if part is None:
        return ""
    low, high = part.interval
    return f"{_percent(part.accuracy)}  (95 %: {100 * low:.1f} to {100 * high:.1f}; {part.n:,} faces)"


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"
