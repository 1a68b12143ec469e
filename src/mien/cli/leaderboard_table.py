"""A leaderboard on the terminal: the systems, the paired tests, and how far the systems agree."""

from rich.markup import escape
from rich.table import Table

from mien.cli.tables import metrics_table
from mien.console import Console
from mien.evaluation.comparison import Comparison
from mien.evaluation.leaderboard.files import all_notes
from mien.evaluation.leaderboard.leaderboard import Leaderboard, Standing
from mien.percent import p_value, percent
from mien.text import counted

MOST_PAIRS = 15
"""Pairs that the terminal lists; pairs.csv has all."""


def print_leaderboard(board: Leaderboard, console: Console) -> None:
    """Print the systems, the pairs, the agreement and the notes."""
    title = f"{len(board.systems)} systems on {board.split} of {board.source}, {counted(board.n, 'face')}"
    console.print(f"[bold]{escape(title)}[/bold]", highlight=False)
    console.print(_systems(board))
    console.print(
        "[dim]rank and accuracy with 95 % intervals; coverage at a selective accuracy of "
        f"{percent(board.target_accuracy)}[/dim]\n",
        highlight=False,
    )
    console.print(_pairs(board), "")
    if len(board.pairs) > MOST_PAIRS:
        console.print(f"{MOST_PAIRS} of {len(board.pairs)} pairs; pairs.csv lists all\n", highlight=False)
    mean = "" if board.mean_accuracy is None else f"mean of probabilities {percent(board.mean_accuracy, 2)}, "
    line = (
        f"oracle of all (any system correct) {percent(board.oracle_accuracy, 2)}, {mean}"
        f"all correct {percent(board.unanimous_accuracy, 2)}"
    )
    console.print(line, highlight=False)
    console.print(f"[bold]{escape(board.verdict)}[/bold]", highlight=False)
    for note in all_notes(board):
        console.print(f"[dim]· {escape(note)}[/dim]", highlight=False)


def _systems(board: Leaderboard) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("rank", no_wrap=True)
    table.add_column("system", overflow="fold", min_width=10)
    for name in ("accuracy", "interval", "log loss", "ECE", "coverage", "ms/face", "MB"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in board.systems:
        table.add_row(*_cells(one))
    return table


def _cells(one: Standing) -> tuple[str, ...]:
    low, high = one.rank_interval
    return (
        f"{one.rank} ({low})" if low == high else f"{one.rank} ({low}-{high})",
        escape(one.system),
        percent(one.accuracy, 2),
        f"{100 * one.interval[0]:.1f} to {100 * one.interval[1]:.1f}",
        "" if one.log_loss is None else f"{one.log_loss:.3f}",
        "" if one.calibration_error is None else percent(one.calibration_error, 1),
        "" if one.coverage is None else percent(one.coverage, 1),
        "" if one.milliseconds is None else f"{one.milliseconds:.2g}",
        "" if one.size is None else f"{one.size / 1e6:.1f}",
    )


def _pairs(board: Leaderboard) -> Table:
    table = metrics_table(["pair"], ["difference", "95 % interval", "p (Holm)"])
    table.add_column("")
    for pair in board.pairs[:MOST_PAIRS]:
        table.add_row(*_pair_cells(pair))
    return table


def _pair_cells(pair: Comparison) -> tuple[str, ...]:
    low, high = (100 * value for value in pair.interval)
    return (
        escape(f"{pair.system} - {pair.against}"),
        f"{100 * pair.difference:+.2f}",
        f"{low:+.2f} to {high:+.2f}",
        p_value(pair.p_mid if pair.p_adjusted is None else pair.p_adjusted),
        "significant" if pair.significant else "",
    )
