"""The cells of a CSV of probabilities: fractions or percentages, with a point or a comma, rounded or not."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.errors import PredictionsError
from mien.evaluation.probability_csv.columns import Columns, class_number
from mien.evaluation.probability_csv.table import Table

EXPECTED: Final = "expected a number from 0 to 1"

ROUNDING: Final = 0.02
"""Allowed deviation of the sum of a row from 1; it is scaled to 1."""

MOST_ROUNDING: Final = 0.1
"""Most that is allowed for many classes whose probabilities have few digits."""

PERCENT: Final = 100.0

EMPTY: Final = ("", "nan", "na", "n/a", "none", "null", "-")
"""Cells of a row without a prediction, lower case."""


class Probabilities(NamedTuple):
    """Probabilities of a table.

    Attributes:
        values: float32, (n, classes), each row scaled to sum 1.
        empty: (n,), rows without a prediction: all their cells are empty. Their values are uniform.
        notes: How the cells were read, one sentence each.
        only_classes: The table has predicted classes; their values are 1.
    """

    values: NDArray[np.float32]
    empty: NDArray[np.bool_]
    notes: tuple[str, ...] = ()
    only_classes: bool = False


def probabilities_of(table: Table, columns: Columns) -> Probabilities:
    """Return the probabilities of a table.

    Raises:
        PredictionsError: A cell is not a number, or a row is not a distribution. The message names the row.
    """
    if columns.predicted is not None:
        return _of_classes(table, columns)
    names, others = list(columns.classes.values()), list(columns.others)
    empty = _empty_rows(table, names)
    values = _numbers(table, [*names, *others], empty)
    digits = _digits_of(table, names)
    notes = []
    if _are_percentages(values, len(names)):
        values, digits = values / PERCENT, digits + 2
        notes.append("Its numbers are percentages.")
    values, note = _without_others(values, names, others)
    notes += note
    _require_distributions(table, values, _tolerance(len(names), digits))
    scaled: NDArray[np.float32] = (values / values.sum(axis=1, keepdims=True)).astype(np.float32)
    return Probabilities(scaled, empty, tuple(notes))


def _of_classes(table: Table, columns: Columns) -> Probabilities:
    """Return 1 for the predicted class of each row, and 0 for the others."""
    name = columns.predicted or ""
    classes = list(columns.classes)
    cells = table.column(name)
    empty = np.array([cell.lower() in EMPTY for cell in cells], np.bool_)
    values = np.full((len(cells), len(classes)), 1 / len(classes), np.float32)
    for row in np.flatnonzero(~empty).tolist():
        values[row] = 0
        values[row, _class_of(table, name, row, cells[row], classes)] = 1
    return Probabilities(values, empty, only_classes=True)


def _class_of(table: Table, name: str, row: int, cell: str, classes: Sequence[str]) -> int:
    found = class_number(cell, classes)
    if found is None:
        note = "; a number may mean another class in each system" if cell.isdigit() else ""
        raise PredictionsError(
            f"{table.where(row)}: {cell[:24]!r} under {name!r}, expected one of {', '.join(classes)}{note}"
        )
    return found


def _empty_rows(table: Table, names: Sequence[str]) -> NDArray[np.bool_]:
    places = [table.header.index(name) for name in names]
    return np.array([all(row[at].strip().lower() in EMPTY for at in places) for row in table.rows], np.bool_)


def _numbers(table: Table, names: Sequence[str], empty: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The cells as numbers, (n, names); uniform where a row is empty."""
    places = [table.header.index(name) for name in names]
    values = np.full((len(table.rows), len(names)), 1 / len(names))
    for row in np.flatnonzero(~empty).tolist():
        for position, place in enumerate(places):
            cell = table.rows[row][place]
            try:
                values[row, position] = float(_plain(cell))
            except ValueError:
                raise PredictionsError(
                    f"{table.where(row)}: {cell[:24]!r} under {names[position]!r}, {EXPECTED}"
                ) from None
    finite = np.isfinite(values)
    if not finite.all():
        row, column = (int(at) for at in np.argwhere(~finite)[0])
        raise PredictionsError(
            f"{table.where(row)}: {values[row, column]} under {names[column]!r}, {EXPECTED}"
        )
    return values


def _plain(cell: str) -> str:
    """The text of a number with a decimal point and without a percent sign."""
    return cell.strip().removesuffix("%").rstrip().replace(",", ".")


def _are_percentages(values: NDArray[np.float64], classes: int) -> bool:
    """Whether no row is a distribution, and all sum to 100 without or with other emotions."""
    sums = (values[:, :classes].sum(axis=1), values.sum(axis=1))
    return bool((values >= 0).all()) and any(
        np.allclose(total, PERCENT, rtol=0, atol=PERCENT * MOST_ROUNDING / 2) for total in sums
    )


def _without_others(
    values: NDArray[np.float64], names: Sequence[str], others: Sequence[str]
) -> tuple[NDArray[np.float64], list[str]]:
    """The probabilities of the classes, scaled where those of other emotions complete them to 1."""
    own, total = values[:, : len(names)], values.sum(axis=1)
    sums = own.sum(axis=1)
    completes = np.abs(total - 1) < np.abs(sums - 1)
    if not others or not completes.any() or (np.abs(total - 1) > ROUNDING).any() or (sums <= 0).any():
        return own, []
    note = (
        f"Its probabilities of {', '.join(others)}, which the data set lacks, are left out, and the others "
        "are scaled to 1."
    )
    return own / sums[:, None], [note]


def _digits_of(table: Table, names: Sequence[str]) -> int:
    """Most digits after the decimal point."""
    places = [table.header.index(name) for name in names]
    return max((_digits(_plain(row[at])) for row in table.rows for at in places), default=2)


def _digits(cell: str) -> int:
    return 17 if "e" in cell.lower() else len(cell.partition(".")[2])


def _tolerance(classes: int, digits: int) -> float:
    """The allowed deviation of a sum from 1: each rounded cell may miss half a unit of its last digit."""
    rounding = classes * 0.5 * 10.0**-digits if digits > 1 else 0.0
    return max(ROUNDING, min(rounding, MOST_ROUNDING)) + 1e-9


def _require_distributions(table: Table, values: NDArray[np.float64], tolerance: float) -> None:
    outside = ((values < 0) | (values > 1 + ROUNDING)).any(axis=1)
    wrong = np.flatnonzero(outside | (np.abs(values.sum(axis=1) - 1) > tolerance))
    if len(wrong):
        row = int(wrong[0])
        found = ", ".join(f"{value:.4g}" for value in values[row])
        raise PredictionsError(
            f"{table.where(row)}: {found} sums to {values[row].sum():.4g}; expected "
            f"probabilities from 0 to 1 that sum to 1{_remedy(values)}"
        )


def _remedy(values: NDArray[np.float64]) -> str:
    """What to do if most rows are logits or other scores, or a part of the rows are percentages."""
    if np.isclose(values.sum(axis=1), PERCENT, atol=PERCENT * ROUNDING).any():
        return " (some rows are percentages, others are not)"
    sums = values.sum(axis=1)
    if _most((values < 0).any(axis=1) | (sums > values.shape[1])):
        return " (these look like logits or scores: apply softmax to each row)"
    if (values >= 0).all() and _most(np.abs(sums - 1) > ROUNDING):
        return " (if classes are left out or scores are independent, divide each row by its sum)"
    return ""


def _most(rows: NDArray[np.bool_]) -> bool:
    return bool(rows.mean() > 0.5)
