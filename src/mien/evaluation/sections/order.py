"""The sections of a report in their order: a new section is one file of this package and one line here.

Sections that need more than predictions, such as results of further computations, are passed to
`mien.evaluation.report.write_report`, which places them between `SECTIONS` and `LAST`.
"""

from collections.abc import Sequence
from typing import Final

from mien.evaluation.sections import (
    calibration,
    classes,
    comparison,
    confident_errors,
    confusion_matrix,
    confusions,
    duplicates,
    examples,
    faces,
    training,
)
from mien.evaluation.sections.base import ReportData, Section, SectionMaker

SECTIONS: Final[tuple[SectionMaker, ...]] = (
    comparison.section,
    duplicates.section,
    classes.section,
    confusion_matrix.section,
    faces.section,
    confusions.section,
    confident_errors.section,
    examples.section,
    calibration.section,
)

LAST: Final[tuple[SectionMaker, ...]] = (training.section,)


def sections_of(data: ReportData, additional: Sequence[Section] = ()) -> list[Section]:
    """Return the sections that the data has something for, and the additional ones."""
    first, last = ([make(data) for make in makers] for makers in (SECTIONS, LAST))
    return [section for section in (*first, *additional, *last) if section is not None]
