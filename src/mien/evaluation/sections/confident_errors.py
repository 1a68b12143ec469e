"""The misclassified faces of highest confidence."""

from mien.evaluation.galleries import confident_errors
from mien.evaluation.sections.base import ReportData, Section


def section(data: ReportData) -> Section | None:
    """Return the section; None if there are no errors, or no images."""
    evaluation, predictions = data.evaluation, data.predictions
    if not evaluation.confusions or predictions.images is None:
        return None
    return Section(
        "confident-errors",
        "Most confident errors",
        "Predicted class with its confidence, and the label. Some may be label errors.",
        figures={"confident_errors": lambda: confident_errors(evaluation, predictions)},
    )
