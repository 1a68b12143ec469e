"""The most frequent confusions, with faces if the predictions have images."""

from typing import Final

from mien.evaluation.galleries import frequent_confusions
from mien.evaluation.sections.base import ReportData, Section

ROWS: Final = 8
"""Rows of the table that replaces the figure if there are no images."""


def section(data: ReportData) -> Section | None:
    """Return the section; None if there are no errors."""
    evaluation, predictions = data.evaluation, data.predictions
    if not evaluation.confusions:
        return None
    if predictions.images is None:
        rows = evaluation.confusions[:ROWS]
        return Section(
            "confusions", "Most frequent confusions", template="confusions.html.j2", values={"rows": rows}
        )
    return Section(
        "confusions",
        "Most frequent confusions",
        "True class → predicted class, with the faces of highest confidence.",
        figures={"frequent_confusions": lambda: frequent_confusions(evaluation, predictions)},
    )
