"""The section of the report on corruption robustness."""

from mien.evaluation.robustness.result import COLUMNS, Robustness
from mien.evaluation.sections.base import Section
from mien.files.writing import csv_text


def robustness_section(found: Robustness) -> Section:
    """Return the section, with corruptions.json and corruptions.csv."""
    return Section(
        "corruptions",
        "Corruption robustness",
        "Accuracy and mean confidence on corrupted copies of the faces, at five strengths from weak to "
        "strong. Where the confidence is above the accuracy, the system is overconfident.",
        figures={"corruptions": found.plot},
        template="section.html.j2",
        values={"found": found},
        files={
            "corruptions.json": found.model_dump_json(indent=2) + "\n",
            "corruptions.csv": csv_text(COLUMNS, found.rows()),
        },
        package="mien.evaluation.robustness",
    )
