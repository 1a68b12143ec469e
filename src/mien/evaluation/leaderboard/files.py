"""The files of a leaderboard: one HTML page, a CSV of the systems, a CSV of the paired tests, and JSON."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from mien import __version__
from mien.evaluation.comparison import SIGNIFICANCE, Comparison
from mien.evaluation.leaderboard.leaderboard import COLUMNS, Leaderboard
from mien.evaluation.leaderboard.ranking import DRAWS
from mien.evaluation.leaderboard.speed import BATCH
from mien.evaluation.scoring import CALIBRATION_BINS
from mien.figures.many_classes import MOST_CLASSES
from mien.files import writing
from mien.metrics import MIN_PROBABILITY
from mien.templates import template

PAGE: Final = "leaderboard.html"
SYSTEMS: Final = "leaderboard.csv"
PAIRS: Final = "pairs.csv"
JSON: Final = "leaderboard.json"

PAIR_COLUMNS: Final = (
    "system", "against", "difference", "difference_low", "difference_high", "only_system_correct",
    "only_against_correct", "p_exact", "p_mid", "p_adjusted", "significant", "agreement",
)  # fmt: skip

_HEADINGS: Final = (
    ("rank", 1, "by accuracy"),
    ("system", 1, ""),
    ("accuracy", 0, ""),
    ("w/o duplicates", 0, "accuracy without faces that are identical to a training face"),
    ("macro-F1", 0, "mean F1 over the classes"),
    ("log loss", 1, "lower is better"),
    ("ECE", 1, "expected calibration error, lower is better"),
    ("coverage", 0, "share of faces accepted at the selective accuracy of the footer"),
    ("only it correct", 0, "faces that only this system classifies correctly"),
    ("missing", 1, "faces without a prediction"),
    ("ms/face", 1, "time per face"),
    ("MB", 1, "size"),
)
"""Columns of the table of the page: title, 1 if small values come first, and a hint."""


_METHODS: Final = {
    "bins": CALIBRATION_BINS, "draws": DRAWS, "batch": BATCH, "least": MIN_PROBABILITY, "level": SIGNIFICANCE,
}  # fmt: skip
"""Constants of the methods that the page states."""


def write_leaderboard(board: Leaderboard, folder: Path) -> Path:
    """Write the files into `folder`, which is created if needed, and return the path of the page.

    Raises:
        MienError: `folder` can't be written.
    """
    writing.write_json(folder / JSON, board.model_dump(mode="json"))
    writing.write_csv(folder / SYSTEMS, COLUMNS, ([_cell(cell) for cell in row] for row in board.rows()))
    writing.write_csv(folder / PAIRS, PAIR_COLUMNS, _pairs(board))
    writing.write_text(folder / PAGE, leaderboard_page(board))
    return folder / PAGE


def leaderboard_page(board: Leaderboard) -> str:
    """Return the HTML: one page that needs no other file and no network."""
    return template("mien.evaluation.leaderboard", "leaderboard.html.j2").render(
        board=board,
        pairs=_by_names(board),
        notes=all_notes(board),
        shown=_shown_classes(board),
        columns=_HEADINGS,
        place=_scale(board),
        methods=_METHODS,
        version=__version__,
    )


def all_notes(board: Leaderboard) -> list[str]:
    """Return the notes on all systems together, then those on some, with the names of the systems."""
    systems: dict[str, list[str]] = {}
    for one in board.systems:
        for note in one.notes:
            systems.setdefault(note, []).append(one.system)
    return [*board.notes, *(f"{', '.join(names)}: {note}" for note, names in systems.items())]


def _by_names(board: Leaderboard) -> dict[tuple[str, str], Comparison]:
    """The paired tests in both directions."""
    given = {(pair.system, pair.against): pair for pair in board.pairs}
    return given | {(pair.against, pair.system): pair.reversed() for pair in board.pairs}


def _shown_classes(board: Leaderboard) -> list[int]:
    """The classes of the page, ascending: all, or those in which the systems differ most."""
    scores = np.array([one.class_f1 for one in board.systems])
    widest = np.argsort(-np.ptp(scores, axis=0), kind="stable")[:MOST_CLASSES]
    return sorted(int(label) for label in widest)


def _scale(board: Leaderboard) -> Callable[[float], float]:
    """A function from an accuracy to percent of a scale that the intervals of all systems fill."""
    low = min(one.interval[0] for one in board.systems)
    high = max(one.interval[1] for one in board.systems)
    return lambda value: round(100 * (value - low) / max(high - low, 1e-9), 2)


def _pairs(board: Leaderboard) -> list[list[object]]:
    number = {one.system: at for at, one in enumerate(board.systems)}
    return [
        [
            pair.system, pair.against, pair.difference, *pair.interval, pair.only_system_correct,
            pair.only_against_correct, pair.p_exact, pair.p_mid, pair.p_adjusted,
            str(pair.significant).lower(), board.agreement[number[pair.system]][number[pair.against]],
        ]
        for pair in board.pairs
    ]  # fmt: skip


def _cell(cell: object) -> object:
    """A cell of a CSV; unknown values are empty."""
    return "" if cell is None or (isinstance(cell, float) and math.isnan(cell)) else cell
