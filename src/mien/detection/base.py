"""The protocol of a face detector, and what it returns."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mien.detection.box import Box
from mien.detection.landmarks import Landmarks
from mien.errors import DetectorError


@dataclass(frozen=True)
class Detection:
    """A face in an image.

    Attributes:
        box: Position of the face, upright in the image.
        score: Confidence of the detector, 0 to 1.
        tilt: Degrees by which the head is rotated clockwise in the image; rotating the image back
            around the center of the box makes the face upright.
        landmarks: Eyes, nose and mouth corners in pixels of the image; None if the detector has none.
        doubt: Why the box may not be an upright face (`mien.detection.reliability`), or None. Detectors
            leave it out.
    """

    box: Box
    score: float
    tilt: float = 0.0
    landmarks: Landmarks | None = None
    doubt: str | None = None


@dataclass(frozen=True)
class Framing:
    """How the boxes of a detector become squares framed as the faces of FER2013.

    Attributes:
        scale: Side of the square, in sides of the box (the square root of its area).
        down: Shift of the center down the face (up if negative), in sides of the box.
    """

    scale: float = 1.0
    down: float = 0.0


class Detector(Protocol):
    """Finds faces. Any object with these attributes is a detector; `detect` must be thread-safe.

    `mien.load(detector=...)` takes such an object. A package adds a detector by name with an entry
    point of the group "mien.detectors", see `mien.detection.factory`.

    Optional attributes, which the built-in detectors have:

    - `score_limits`: what its scores mean, see `mien.detection.reliability.ScoreLimits`.
    - `longest`: the longer side in pixels to which it reduces a larger image itself. Large JPEGs are then
      decoded at a fraction of their size.
    - `version`: a string that differs where its boxes do, such as the digest of its file. Part of the key of
      cached crops of photographs.
    - `detect_unrotated`: `detect` without a search for rotated heads, for views turned by right angles.
    """

    @property
    def name(self) -> str:
        """The name that `mien.load` and the commands know it by."""
        ...

    @property
    def framing(self) -> Framing:
        """How its boxes are cropped."""
        ...

    def detect(self, image: NDArray[np.uint8], /) -> list[Detection]:
        """Return the faces of an RGB image, uint8 (height, width, 3), from left to right."""
        ...


def require_detector(detector: object) -> None:
    """Check that an object has what the protocol of a detector requires.

    Raises:
        DetectorError: It has not.
    """
    is_complete = all(hasattr(detector, name) for name in ("name", "framing", "detect"))
    if isinstance(detector, type) or not is_complete:
        name = getattr(detector, "__name__", "")
        what = (
            f"the class {name}"
            if isinstance(detector, type)
            else f"an object of type {type(detector).__name__}"
        )
        raise DetectorError(
            f"detector: {what}, expected a name or an object of the protocol "
            "mien.detection.base.Detector, with name, framing and detect"
        )
