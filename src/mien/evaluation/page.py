"""The HTML page of a report: the head with the main metrics, the sections, and a footer."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from mien import __version__
from mien.evaluation.caveats import caveats
from mien.evaluation.evaluation import Evaluation
from mien.evaluation.sections.base import ReportData, Section
from mien.evaluation.splits import ALL
from mien.metrics import MIN_PROBABILITY
from mien.templates import template
from mien.text import counted


def report_page(data: ReportData, sections: Sequence[Section], drawings: Mapping[str, str]) -> str:
    """Return the HTML of the report: one page that needs no other file and no network.

    Args:
        data: What to report.
        sections: In the order of the page; their names are different.
        drawings: SVG elements by the name of their figure, see `mien.figures.encode.inline_svg`. A
            figure that is missing is left out.
    """
    evaluation = data.evaluation
    return template("mien.evaluation", "report.html.j2").render(
        evaluation=evaluation,
        sections=sections,
        bodies={section.name: _body(section, drawings) for section in sections},
        caveats=caveats(evaluation, compared=data.comparison is not None),
        faces=_faces(evaluation),
        summary=_summary(evaluation),
        baseline=_majority_baseline(evaluation),
        uniform_loss=math.log(len(evaluation.classes)),
        least=MIN_PROBABILITY,
        version=__version__,
    )


def _body(section: Section, drawings: Mapping[str, str]) -> Markup:
    """What follows the heading and the paragraph of a section."""
    own = {name: drawings[name] for name in section.figures if name in drawings}
    html = template(section.package, section.template).render(**section.values, drawings=own)
    return Markup(html)  # noqa: S704 - rendered by a template that escapes


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
    words = f"{counted(evaluation.n, 'face')}, {correct:,} classified correctly."
    if best is not worst:
        words += f" The best class is {best.name} (F1 {100 * best.f1:.0f} %),"
        words += f" the worst {worst.name} ({100 * worst.f1:.0f} %)."
    if evaluation.confusions:
        top = evaluation.confusions[0]
        words += f" The most frequent confusion: {100 * top.share:.0f} % of {top.label} faces"
        words += f" are predicted as {top.predicted}."
    return words
