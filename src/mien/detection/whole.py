"""No detection: each image is one face, as in a folder of cropped faces."""

import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection, Framing
from mien.detection.box import Box
from mien.detection.options import DetectorOptions


class WholeImage:
    """Returns each image as one face. Its crop is the square of the area of the image, as in training."""

    name = "whole"
    framing = Framing()

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Return the image (height, width, 3) itself as the one face."""
        height, width = image.shape[:2]
        return [Detection(Box(0.0, 0.0, float(width), float(height)), 1.0)]


def make_detector(options: DetectorOptions) -> WholeImage:
    """Return the detector."""
    options.require_no_model("whole")
    return WholeImage()
