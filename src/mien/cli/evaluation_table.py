"""An evaluation on the terminal: the main metrics, a table of the classes, and notes on the estimate."""

from rich.markup import escape
from rich.table import Table

from mien.cli.tables import metrics_table
from mien.console import Console
from mien.evaluation.caveats import caveats
from mien.evaluation.comparison import Comparison
from mien.evaluation.evaluation import AccuracyEstimate, Evaluation
from mien.evaluation.shown_classes import lowest_f1
from mien.percent import percent
from mien.text import counted

CONFUSIONS = 3


def print_evaluation(evaluation: Evaluation, console: Console, comparison: Comparison | None = None) -> None:
    """Print the main metrics, a row per class, the most frequent confusions and the notes."""
    title = f"{evaluation.system} on {evaluation.split}, {counted(evaluation.n, 'face')}"
    console.print(f"[bold]{escape(title)}[/bold]", highlight=False)
    console.print(_metrics(evaluation), "")
    console.print(_classes(evaluation))
    console.print(f"{hidden}\n" if (hidden := _hidden(evaluation)) else "")
    _print_confusions(evaluation, console)
    if comparison is not None:
        print_comparison(comparison, console)
    printed = () if comparison is None else comparison.notes
    for caveat in caveats(evaluation, compared=comparison is not None):
        if caveat in printed:
            continue
        console.print(f"[dim]· {escape(caveat)}[/dim]", highlight=False)


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print the difference between two systems on the same faces."""
    low, high = (100 * value for value in comparison.interval)
    words = (
        f"{comparison.verdict} Accuracy {100 * comparison.accuracy:.2f} % and "
        f"{100 * comparison.accuracy_against:.2f} %, difference {100 * comparison.difference:+.2f} points "
        f"(95 % interval {low:+.2f} to {high:+.2f})."
    )
    console.print(f"[bold]{escape(words)}[/bold]", highlight=False)
    for note in comparison.notes:
        console.print(f"[dim]· {escape(note)}[/dim]", highlight=False)
    console.print()


def _print_confusions(evaluation: Evaluation, console: Console) -> None:
    if not evaluation.confusions:
        return
    console.print("most frequent confusions (true → predicted)")
    for confusion in evaluation.confusions[:CONFUSIONS]:
        share = f"{100 * confusion.share:.0f} % ({counted(confusion.count, 'face')})"
        line = f"  {confusion.label} → {confusion.predicted}: {share}"
        console.print(escape(line), highlight=False)
    console.print()


def _metrics(evaluation: Evaluation) -> Table:
    duplicates = evaluation.excluding_duplicates if evaluation.in_training else None
    table = Table.grid(padding=(0, 2))
    for name, value in (
        ("accuracy", _estimate(evaluation.overall)),
        ("  excluding training duplicates", _estimate(duplicates)),
        (
            "  excluding doubtful labels",
            _estimate(evaluation.excluding_doubtful if evaluation.doubtful else None),
        ),
        ("balanced accuracy", percent(evaluation.balanced_accuracy, 2)),
        ("macro-F1", percent(evaluation.macro_f1, 2)),
        ("weighted F1", percent(evaluation.weighted_f1, 2)),
        ("top-2 accuracy", _percent(evaluation.top_2_accuracy)),
        ("log loss", "" if evaluation.log_loss is None else f"{evaluation.log_loss:.4f}"),
        ("calibration error (ECE)", _percent(evaluation.calibration_error)),
    ):
        if value:
            table.add_row(name, value)
    return table


def _classes(evaluation: Evaluation) -> Table:
    table = metrics_table(["class"], ["F1", "precision", "recall", "faces", "predicted"])
    for row in lowest_f1(evaluation):
        scores = (f"{100 * value:.1f}" for value in (row.f1, row.precision, row.recall))
        table.add_row(escape(row.name), *scores, f"{row.support:,}", f"{row.predicted:,}")
    return table


def _hidden(evaluation: Evaluation) -> str:
    """Which classes the table omits; "" if it lists all."""
    total, shown = len(evaluation.per_class), len(lowest_f1(evaluation))
    return f"the {shown} classes of lowest F1 of {total:,}; class_metrics.csv lists all" * (shown < total)


def _estimate(part: AccuracyEstimate | None) -> str:
    if part is None:
        return ""
    low, high = part.interval
    return (
        f"{percent(part.accuracy, 2)}  (95 % interval {100 * low:.1f} to {100 * high:.1f}; "
        f"{counted(part.n, 'face')})"
    )


def _percent(share: float | None) -> str:
    return "" if share is None else percent(share, 2)
