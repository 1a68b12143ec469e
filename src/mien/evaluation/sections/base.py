"""A section of the report: its figures, its part of the page, and its files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from matplotlib.figure import Figure

from mien.evaluation.comparison import Comparison
from mien.evaluation.evaluation import Evaluation
from mien.evaluation.training_record import TrainingRecord
from mien.predictions import Predictions

PACKAGE: Final = "mien.evaluation.sections"


@dataclass(frozen=True)
class ReportData:
    """What the sections of a report are made from.

    Attributes:
        predictions: Predictions of the system, n of them.
        evaluation: Their metrics.
        comparison: With another system.
        training: The training of the system.
        groups: Further attributes of each face by the name of the grouping, (n,) each; the gallery can be
            filtered by them. "" if the group of a face is unknown.
    """

    predictions: Predictions
    evaluation: Evaluation
    comparison: Comparison | None = None
    training: TrainingRecord | None = None
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    """One section of the page.

    Attributes:
        name: Anchor of the section, unique in the page.
        title: Heading.
        text: A paragraph below the heading; or "".
        figures: A function that draws each figure, by the stem of its PNG file. Figures are drawn one at a
            time. The template gets them as SVG elements in `drawings`.
        template: Template of what follows the paragraph, in the package `package`. The default shows the
            figures one below the other.
        values: Variables of the template.
        files: Texts of files that are written beside the page, by name.
        package: Package of the template.
    """

    name: str
    title: str
    text: str = ""
    figures: Mapping[str, Callable[[], Figure]] = field(default_factory=dict)
    template: str = "figures.html.j2"
    values: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    package: str = PACKAGE


SectionMaker = Callable[[ReportData], Section | None]
"""Returns a section, or None if the data has nothing for it."""
