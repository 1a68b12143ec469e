"""The section of the report on groups of faces."""

from mien.evaluation.groups.result import COLUMNS, GroupEvaluation
from mien.evaluation.sections.base import Section
from mien.files.writing import csv_text


def groups_section(found: GroupEvaluation) -> Section:
    """Return the section, with groups.json and groups.csv."""
    return Section(
        "groups",
        "Groups of faces",
        "Accuracy of each group with its 95 % interval. Hollow points are groups that are too small to "
        "compare.",
        figures={"groups": found.plot},
        template="section.html.j2",
        values={"found": found},
        files={
            "groups.json": found.model_dump_json(indent=2) + "\n",
            "groups.csv": csv_text(COLUMNS, found.rows()),
        },
        package="mien.evaluation.groups",
    )
