"""The further computations of `mien evaluate`: corruptions, and groups of faces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mien.cli.messages import say
from mien.console import Console
from mien.text import counted

if TYPE_CHECKING:
    from mien.evaluation.groups.result import GroupEvaluation
    from mien.evaluation.robustness.result import Robustness
    from mien.evaluation.sections.base import Section
    from mien.predictions import Predictions

MANY: Final = 1000
"""More faces take long under all corruptions, and fewer have an interval of about ±2 points."""


@dataclass(frozen=True)
class ExtraOptions:
    """What is requested beside the report.

    Attributes:
        system: The run or the bundle.
        corruptions: Whether corrupted faces are evaluated.
        corruption_faces: Most faces for that; None takes all.
        groups: The CSV of groups; or None.
        groups_predicted: Whether these groups are predictions.
        tta: With the test-time augmentation of a run's recipe.
        device: Device of a run's network.
    """

    system: Path
    corruptions: bool
    corruption_faces: int | None
    groups: Path | None
    groups_predicted: bool
    tta: bool
    device: str


@dataclass(frozen=True)
class Extras:
    """Results of further computations.

    Attributes:
        robustness: On corrupted faces.
        groups: Per group of faces.
        filters: The group of each face by attribute, for the page.
    """

    robustness: "Robustness | None"
    groups: "GroupEvaluation | None"
    filters: Mapping[str, Sequence[str]]

    def sections(self) -> "list[Section]":
        """Return the sections of the report."""
        from mien.evaluation.groups.section import groups_section
        from mien.evaluation.robustness.section import robustness_section

        found = [groups_section(self.groups)] if self.groups else []
        return [*found, *([robustness_section(self.robustness)] if self.robustness else [])]

    def values(self) -> dict[str, Any]:
        """Return the results as JSON."""
        found = {"groups": self.groups, "corruptions": self.robustness}
        return {name: one.model_dump(mode="json") for name, one in found.items() if one is not None}

    def print_tables(self, console: Console) -> None:
        """Print the results."""
        from mien.cli.corruption_table import print_robustness
        from mien.cli.group_table import print_groups

        if self.groups is not None:
            print_groups(self.groups, console)
        if self.robustness is not None:
            print_robustness(self.robustness, console)


def compute_extras(options: ExtraOptions, predictions: "Predictions") -> Extras:
    """Return the requested results.

    Raises:
        MienError: The groups are not those of the faces, or the system can't classify corrupted faces.
    """
    from mien.evaluation.groups.measure import evaluate_groups
    from mien.evaluation.groups.reading import labels_of

    labels = [] if options.groups is None else labels_of(options.groups, predictions)
    groups = evaluate_groups(predictions, labels, predicted=options.groups_predicted) if labels else None
    filters = {one.name: one.groups.tolist() for one in labels if not one.is_combined}
    return Extras(_robustness(options, predictions) if options.corruptions else None, groups, filters)


def _robustness(options: ExtraOptions, predictions: "Predictions") -> "Robustness":
    from mien.cli.image_progress import ImageProgress
    from mien.evaluation.robustness.corruptions import CORRUPTIONS, STRENGTHS
    from mien.evaluation.robustness.measure import corrupted_classifier, measure_robustness, some_of

    classify = corrupted_classifier(options.system, tta=options.tta, device=options.device)
    some = some_of(predictions, options.corruption_faces)
    if len(some) == len(predictions) > MANY:
        number = len(CORRUPTIONS) * STRENGTHS * len(some)
        say(f"{counted(number, 'corrupted face')}; --corruption-faces {MANY} takes fewer, evenly chosen")
    with ImageProgress("corrupted faces", Console(stderr=True)) as shown:
        return measure_robustness(some, classify, faces_of_split=len(predictions), progress=shown.update)
