"""The HTML page of a report: texts, numbers and drawings for the template."""

import math
from collections.abc import Mapping
from typing import Any

from mien import __version__
from mien.evaluation.caveats import caveats
from mien.evaluation.comparison import Comparison
from mien.evaluation.evaluation import Evaluation
from mien.evaluation.shown_classes import lowest_f1
from mien.evaluation.splits import ALL
from mien.evaluation.training_record import TrainingRecord
from mien.labels import colors_of
from mien.templates import template

CONFUSIONS = 8
"""Rows of the table that stands in for the figure when there are no images."""


def report_page(
    evaluation: Evaluation,
    drawings: Mapping[str, str],
    comparison: Comparison | None = None,
    training: TrainingRecord | None = None,
) -> str:
    """Return the HTML of the report: one page that needs no other file and no network.

    Args:
        evaluation: What to report.
        drawings: SVG elements by the name of their figure, see `mien.figures.encode.inline_svg`.
        comparison: With another system.
        training: The training of the system.
    """
    return template("mien.evaluation", "report.html.j2").render(
        evaluation=evaluation,
        comparison=comparison,
        training=training,
        drawings=drawings,
        caveats=caveats(evaluation, compared=comparison is not None),
        rows=lowest_f1(evaluation),
        faces=_faces(evaluation),
        summary=_summary(evaluation),
        baseline=_majority_baseline(evaluation),
        colors=dict(zip(evaluation.classes, colors_of(evaluation.classes), strict=True)),
        confusions=evaluation.confusions[:CONFUSIONS],
        uniform_loss=math.log(len(evaluation.classes)),
        version=__version__,
    )


def _faces(evaluation: Evaluation) -> str:
    source = evaluation.source or "an unnamed source"
    if evaluation.split == ALL:
        return f"all faces of {source}"
    return f"the {evaluation.split} split of {source}"


def _majority_baseline(evaluation: Evaluation) -> dict[str, Any]:
    """The class with the most faces, and the accuracy of always predicting it."""
    row = max(evaluation.per_class, key=lambda row: row.support)
    return {"name": row.name, "accuracy": row.support / evaluation.n}


def _summary(evaluation: Evaluation) -> str:
    """The result in words."""
    correct = round(evaluation.accuracy * evaluation.n)
    present = [row for row in evaluation.per_class if row.support]
    best, worst = max(present, key=lambda row: row.f1), min(present, key=lambda row: row.f1)
    words = f"{correct:,} of {evaluation.n:,} faces are classified correctly."
    if best is not worst:
        words += f" The best class is {best.name} (F1 {100 * best.f1:.0f} %),"
        words += f" the worst {worst.name} ({100 * worst.f1:.0f} %)."
    if evaluation.confusions:
        top = evaluation.confusions[0]
        words += f" The most frequent confusion: {100 * top.share:.0f} % of {top.label} faces"
        words += f" are predicted as {top.predicted}."
    return words
