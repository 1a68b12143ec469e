"""The training of a run: its curves and its recipe."""

from mien.evaluation.sections.base import ReportData, Section
from mien.training.run_folder.history import draw_curves


def section(data: ReportData) -> Section | None:
    """Return the section; None if the training is unknown."""
    training = data.training
    if training is None:
        return None
    return Section(
        "training",
        "Training",
        figures={"training_curves": lambda: draw_curves(training.history)} if training.history else {},
        template="training.html.j2",
        values={"training": training},
    )
