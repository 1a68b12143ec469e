"""How far confidence and accuracy agree."""

from mien.evaluation.plots import plot_reliability
from mien.evaluation.sections.base import ReportData, Section
from mien.evaluation.selective_plot import plot_selective
from mien.figures.style import figure_of


def section(data: ReportData) -> Section | None:
    """Return the section; None without probabilities."""
    if data.predictions.only_classes:
        return None
    return Section(
        "calibration",
        "Calibration and selective accuracy",
        figures={
            "reliability_diagram": lambda: figure_of(plot_reliability(data.evaluation)),
            "selective_accuracy": lambda: figure_of(plot_selective(data.evaluation)),
        },
        template="calibration.html.j2",
        values={"evaluation": data.evaluation},
    )
