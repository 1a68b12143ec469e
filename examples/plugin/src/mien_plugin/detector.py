"""A detector for portraits: the one face is the square in the middle of the image."""

from mien.detection.base import Detection, Framing
from mien.detection.box import Box


class Middle:
    """Returns the largest square in the middle of the image as the one face."""

    name = "middle"
    framing = Framing()

    def detect(self, image, /):
        """Return the square of an RGB image, uint8 (height, width, 3)."""
        height, width = image.shape[:2]
        side = min(height, width)
        return [Detection(Box((width - side) / 2, (height - side) / 2, side, side), score=1.0)]


def make_detector(options):
    """Return the detector; `options` is a `mien.detection.options.DetectorOptions`."""
    options.require_no_model("middle")
    return Middle()
