"""No detector at all: every picture is a face already, as in a folder of cut-out faces."""

import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection, Framing
from mien.detection.box import Box


class Whole:
    """Takes each picture as one face, stretched to a square."""

    name = "whole"
    framing = Framing(stretch=True)

    def detect(self, picture: NDArray[np.uint8]) -> list[Detection]:
        """Return the picture (height, width, 3) itself as the one face."""
        height, width = picture.shape[:2]
        return [Detection(Box(0.0, 0.0, float(width), float(height)), 1.0)]
