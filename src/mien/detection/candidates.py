"""What a detection network returns for one image, before it is mapped back to the original."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class Candidates(NamedTuple):
    """The n faces that a network finds in its input, in pixels of the input."""

    boxes: NDArray[np.float32]
    """(n, 4): left, top, right, bottom."""
    scores: NDArray[np.float32]
    """(n,), 0 to 1."""
    landmarks: NDArray[np.float32]
    """(n, 5, 2): x and y in the order of `mien.detection.landmarks.Landmarks`."""


class FindFaces(Protocol):
    """Finds faces with a network. Thread-safe."""

    def __call__(self, image: NDArray[np.uint8], min_face: float, /) -> Candidates:
        """Return the faces of an RGB image.

        Args:
            image: uint8 (height, width, 3).
            min_face: Side of the smallest face of interest in pixels; smaller ones may be left out.
        """
        ...


def no_candidates() -> Candidates:
    """Return the candidates of an image without faces."""
    return Candidates(*(np.empty((0, *shape), np.float32) for shape in ((4,), (), (5, 2))))


def finite(candidates: Candidates) -> Candidates:
    """Return the candidates without those that have infinite or undefined values."""
    boxes, scores, landmarks = candidates
    kept = np.isfinite(boxes).all(1) & np.isfinite(scores) & np.isfinite(landmarks).all((1, 2))
    return Candidates(boxes[kept], scores[kept], landmarks[kept])
