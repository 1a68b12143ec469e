"""The confusion matrix: a figure as a file, and in the page a table whose cells lead to their faces."""

from typing import Any

import numpy as np

from mien.evaluation.plots import ERROR_CONTRAST, plot_confusion
from mien.evaluation.sections.base import ReportData, Section
from mien.evaluation.shown_classes import most_confused
from mien.figures.many_classes import omission
from mien.figures.style import figure_of


def section(data: ReportData) -> Section:
    """Return the section."""
    evaluation, shown = data.evaluation, most_confused(data.evaluation)
    linked = data.predictions.images is not None
    text = (
        "Rows are true classes, columns predicted classes: percent of the true class, and number of faces"
        f"{omission(len(evaluation.classes), 'most confused')}. The color scale of errors is amplified, so "
        "that rare ones are visible."
    )
    return Section(
        "confusion-matrix",
        "Confusion matrix",
        text + (" Click a cell to see its faces." if linked else ""),
        figures={"confusion_matrix": lambda: figure_of(plot_confusion(evaluation))},
        template="confusion_matrix.html.j2",
        values={
            "rows": _rows(data, shown),
            "names": [evaluation.classes[at] for at in shown],
            "linked": linked,
        },
    )


def _rows(data: ReportData, shown: list[int]) -> list[list[dict[str, Any]]]:
    counts = np.array(data.evaluation.confusion_matrix, np.float64)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return [[_cell(row, column, counts, shares) for column in shown] for row in shown]


def _cell(row: int, column: int, counts: np.ndarray, shares: np.ndarray) -> dict[str, Any]:
    correct, share = row == column, float(shares[row, column])
    return {
        "label": row,
        "predicted": column,
        "correct": correct,
        "share": share,
        "count": int(counts[row, column]),
        "opacity": round(max(0.05, share if correct else min(1.0, ERROR_CONTRAST * share)), 3),
    }
