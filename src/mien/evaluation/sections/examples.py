"""Faces of the split beside their probabilities."""

from mien.evaluation.galleries import examples
from mien.evaluation.sections.base import ReportData, Section


def section(data: ReportData) -> Section:
    """Return the section; without images it states that."""
    if data.predictions.images is None:
        return Section("examples", "Examples", "These predictions contain no images, so no faces are shown.")
    return Section(
        "examples",
        "Examples",
        "Faces at equal distances in the split, with their predicted probabilities in percent. The label is "
        "bold.",
        figures={"examples": lambda: examples(data.predictions)},
    )
