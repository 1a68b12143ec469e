"""The accuracy of a bundle under distribution shift, as its metadata states it.

`mien.evaluation.shifts` measures it.
"""

from pydantic import Field

from mien.config.base import Fraction, Strict
from mien.percent import percent
from mien.text import counted

CORRUPTED = "corruptions"
"""Name of the part of the corrupted faces; the other parts have the names of the detectors."""


class ShiftPart(Strict):
    """The accuracy under one kind of shift."""

    name: str
    """Name of the detector that cropped the faces, or "corruptions"."""
    n: int = Field(ge=0)
    """Number of classified images."""
    found: Fraction | None = None
    """Fraction of the faces that the detector found; None for corruptions."""
    accuracy: Fraction
    """On the classified images; 0 if there are none."""
    interval: tuple[Fraction, Fraction]
    """95 % interval of the accuracy over faces (normal approximation)."""
    unchanged: Fraction
    """Accuracy on the same faces as they are: a detector may find those that are easier to classify."""


class ShiftScores(Strict):
    """The accuracy on faces that are detected again, resized and tilted, and on corrupted ones."""

    split: str
    n: int = Field(ge=1)
    """Number of labeled faces, each of which is in every part."""
    unchanged: Fraction
    """Accuracy on the same faces as they are."""
    accuracy: Fraction
    """Mean accuracy of the parts."""
    interval: tuple[Fraction, Fraction]
    """Its 95 % interval over faces (normal approximation)."""
    parts: tuple[ShiftPart, ...] = Field(min_length=1)


def describe_shifts(scores: ShiftScores) -> str:
    """Return the accuracy under shift in one line, with its interval and its parts."""
    low, high = scores.interval
    parts = ", ".join(
        f"{part.name} {percent(part.accuracy, 1)}"
        + ("" if part.found is None else f" (found {percent(part.found, 1)})")
        for part in scores.parts
    )
    return (
        f"accuracy under shift {percent(scores.accuracy, 1)} ({percent(low, 1)} to {percent(high, 1)}): "
        f"{parts}; unchanged {percent(scores.unchanged, 1)}, {counted(scores.n, 'face')} of {scores.split}"
    )
