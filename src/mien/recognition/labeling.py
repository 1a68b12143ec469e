"""From probabilities of classes to the label of a face, its confidence, and why it may be uncertain."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from mien.arguments import items_of
from mien.errors import MienError
from mien.text import counted

LOW_CONFIDENCE: Final = "low confidence"
"""Reason of an uncertain face that the classifier causes; the others are in `mien.detection.reliability`."""


class Labeling(NamedTuple):
    """The label of a face.

    Attributes:
        label: The most probable class; the first of equal ones.
        confidence: Its probability, 0 to 1.
        uncertain_reason: Why the label should not be relied on; None if it may be.
    """

    label: str
    confidence: float
    uncertain_reason: str | None

    @property
    def uncertain(self) -> bool:
        """Whether the label should not be relied on."""
        return self.uncertain_reason is not None


def label_of(
    probabilities: tuple[float, ...], classes: Sequence[str], threshold: float, doubt: str | None
) -> Labeling:
    """Return the label of a face.

    Args:
        probabilities: Of the classes, 0 to 1.
        classes: Names of the classes.
        threshold: A confidence below this value is uncertain; at 1, each one is.
        doubt: Why the box may not be an upright face; None if nothing says so.
    """
    confidence = max(probabilities)
    reason = doubt or (LOW_CONFIDENCE if confidence < threshold or threshold >= 1 else None)
    return Labeling(classes[probabilities.index(confidence)], confidence, reason)


def checked_probabilities(probabilities: Sequence[float], classes: Sequence[str]) -> tuple[float, ...]:
    """Return probabilities as numbers, one for each class.

    Raises:
        MienError: There are no classes, or not one number for each.
    """
    if not isinstance(classes, list | tuple) or not classes:
        raise MienError(f"classes of type {type(classes).__name__}, expected one name or more")
    given = items_of(probabilities, "probabilities of a face", len(classes))
    if len(given) != len(classes):
        raise MienError(
            f"{counted(len(given), 'probability', 'probabilities')} of a face, expected one for each of "
            "its classes"
        )
    try:
        return tuple(map(float, given))
    except (TypeError, ValueError, OverflowError) as error:
        raise MienError(f"probabilities of a face: {error}; expected a number for each class") from error
