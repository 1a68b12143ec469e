"""Face and Result: what travels from the detector to every output.

A `Result` is one picture, one frame of a video or one row of a data set; it holds its `Face`s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.detection.box import Box


@dataclass(frozen=True)
class Face:
    """One face, and what its expression looks like.

    Attributes:
        box: Where it is.
        score: How sure the detector is, 0 to 1; 1 for boxes that were given.
        classes: Names of the classes.
        scores: Calibrated probability of each class, in the order of `classes`; they sum to 1.
        threshold: Below this top probability the face is "uncertain".
        track: Number of the person in a video, or None.
    """

    box: Box
    score: float
    classes: tuple[str, ...]
    scores: tuple[float, ...]
    threshold: float = 0.0
    track: int | None = None

    @cached_property
    def label(self) -> str:
        """The most probable class."""
        return self.classes[int(np.argmax(self.scores))]

    @property
    def confidence(self) -> float:
        """Probability of the label, 0 to 1."""
        return max(self.scores)

    @property
    def uncertain(self) -> bool:
        """Whether the confidence is below the threshold."""
        return self.confidence < self.threshold

    @property
    def probabilities(self) -> Mapping[str, float]:
        """Probability of each class by name."""
        return dict(zip(self.classes, self.scores, strict=True))

    def to_json(self) -> dict[str, Any]:
        """Return the face as JSON can hold it: pixels to a tenth, probabilities to five digits."""
        return {
            "box": [round(value, 1) for value in self.box],
            "score": round(self.score, 4),
            "label": self.label,
            "confidence": round(self.confidence, 5),
            "uncertain": self.uncertain,
            "probabilities": {name: round(value, 5) for name, value in self.probabilities.items()},
            "track": self.track,
        }


@dataclass(frozen=True)
class Result:
    """The faces of one picture, frame or row, from left to right.

    Attributes:
        source: Path or name of what was looked at.
        width: Of the picture, in pixels.
        height: Of the picture, in pixels.
        faces: The faces; perhaps none.
        frame: Number of the frame in a video, counted from 0; None for pictures.
        time: Seconds since the start of the video; None for pictures.
        image: The picture, RGB uint8 (height, width, 3), where somebody will draw on it.
    """

    source: str
    width: int
    height: int
    faces: tuple[Face, ...]
    frame: int | None = None
    time: float | None = None
    image: NDArray[np.uint8] | None = field(default=None, repr=False, compare=False)

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON can hold it, without the image."""
        return {
            "source": self.source,
            "width": self.width,
            "height": self.height,
            "frame": self.frame,
            "time": None if self.time is None else round(self.time, 4),
            "faces": [face.to_json() for face in self.faces],
        }


def two_best(face: Face) -> tuple[int, int]:
    """Return the positions of a face's most probable class and of the next."""
    first, second = sorted(range(len(face.scores)), key=lambda place: -face.scores[place])[:2]
    return first, second
