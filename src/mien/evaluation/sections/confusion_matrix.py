"""The confusion matrix."""

from mien.evaluation.plots import plot_confusion
from mien.evaluation.sections.base import ReportData, Section
from mien.figures.style import figure_of


def section(data: ReportData) -> Section:
    """Return the section."""
    return Section(
        "confusion-matrix",
        "Confusion matrix",
        "Rows are true classes, columns predicted classes. The color scale of errors is amplified, so that "
        "rare ones are visible.",
        figures={"confusion_matrix": lambda: figure_of(plot_confusion(data.evaluation))},
    )
