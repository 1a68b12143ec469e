"""The misclassified faces of highest confidence."""

from mien.evaluation.galleries import confident_errors
from mien.evaluation.sections.base import ReportData, Section


def section(data: ReportData) -> Section | None:
    """Return the section; None if there are no errors, no images, or no probabilities."""
    evaluation, predictions = data.evaluation, data.predictions
    if not evaluation.confident_errors or predictions.images is None:
        return None
    return Section(
        "confident-errors",
        "Most confident errors",
        "Predicted class with its confidence, and the label. Some may be label errors.",
        figures={"confident_errors": lambda: confident_errors(evaluation, predictions)},
    )
