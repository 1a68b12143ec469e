"""Faces that are pixel-identical to training faces, and the accuracy with and without them."""

from mien.evaluation.sections.base import ReportData, Section


def section(data: ReportData) -> Section | None:
    """Return the section; None if there are no duplicates, or if that is unknown."""
    found = data.evaluation
    if found.in_training is None:
        return None
    parts = {
        "all": found.overall,
        "excluding duplicates": found.excluding_duplicates,
        "duplicates of training faces": found.in_training,
    }
    return Section(
        "duplicates",
        "Training-set duplicates",
        "Some faces are pixel-identical to training faces. The accuracy without them is the better estimate.",
        template="duplicates.html.j2",
        values={"parts": {name: part for name, part in parts.items() if part is not None}},
    )
