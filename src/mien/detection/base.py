"""What a detector is, and what it finds."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mien.detection.box import Box


@dataclass(frozen=True)
class Detection:
    """A face in a picture.

    Attributes:
        box: As the detector frames it, upright in the picture.
        score: How sure the detector is, 0 to 1.
        tilt: Degrees by which the head is turned clockwise in the picture; turning the picture
            back around the middle of the box makes the face upright.
    """

    box: Box
    score: float
    tilt: float = 0.0


@dataclass(frozen=True)
class Framing:
    """How a detector's boxes become squares framed as FER2013's faces are.

    Attributes:
        scale: Side of the square, in sides of the box (the square root of its area).
        down: How far the middle moves down the face (up where negative), in sides of the box.
        stretch: The box itself is the crop, stretched to a square; the other two are ignored.
    """

    scale: float = 1.0
    down: float = 0.0
    stretch: bool = False


class Detector(Protocol):
    """Finds faces. Calling `detect` is thread-safe."""

    name: str
    """As `--detector` calls it: "yunet", "haar", "whole", "given"."""

    framing: Framing
    """How its boxes are cut."""

    def detect(self, picture: NDArray[np.uint8]) -> list[Detection]:
        """Return the faces of an RGB picture (height, width, 3), from left to right."""
        ...
