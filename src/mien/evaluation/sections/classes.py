"""Metrics of each class."""

from mien.evaluation.plots import plot_class_metrics
from mien.evaluation.sections.base import ReportData, Section
from mien.evaluation.shown_classes import lowest_f1
from mien.figures.style import figure_of
from mien.labels import colors_of


def section(data: ReportData) -> Section:
    """Return the section."""
    evaluation = data.evaluation
    return Section(
        "classes",
        "Per-class metrics",
        "In percent. Precision: correct among the faces predicted as the class. Recall: correct among the "
        "faces of the class. F1: their harmonic mean.",
        figures={"class_metrics": lambda: figure_of(plot_class_metrics(evaluation))},
        template="classes.html.j2",
        values={
            "rows": lowest_f1(evaluation),
            "total": len(evaluation.per_class),
            "colors": dict(zip(evaluation.classes, colors_of(evaluation.classes), strict=True)),
        },
    )
