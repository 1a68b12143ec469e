"""What can be drawn: boxes with predicted labels."""

from collections.abc import Sequence
from typing import Protocol

from mien.detection.box import Box


class LabeledFace(Protocol):
    """A face with its expression, such as `mien.Face`."""

    @property
    def box(self) -> Box:
        """Position in the image, in pixels."""
        ...

    @property
    def label(self) -> str:
        """One of `classes`."""
        ...

    @property
    def confidence(self) -> float:
        """Probability of the label, 0 to 1."""
        ...

    @property
    def uncertain(self) -> bool:
        """Whether the label gets a question mark and a dashed frame."""
        ...

    @property
    def probabilities(self) -> tuple[float, ...]:
        """Probability of each class, in the order of `classes`."""
        ...

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes."""
        ...

    @property
    def track(self) -> int | None:
        """Number of the track in a video, or None."""
        ...


class LabeledFaces(Protocol):
    """The faces of an image, such as `mien.Result`."""

    @property
    def faces(self) -> Sequence[LabeledFace]:
        """The faces; may be empty."""
        ...
