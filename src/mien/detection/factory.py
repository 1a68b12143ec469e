"""Detectors by name: `DETECTORS` has the built-in ones and those of installed packages."""

from typing import Final

from mien.detection.base import Detector, require_detector
from mien.detection.options import DetectorFactory, DetectorOptions
from mien.errors import DetectorError
from mien.registry import Registry

DETECTORS: Final = Registry[DetectorFactory](
    "mien.detectors",
    {
        "auto": "mien.detection.auto:make_detector",
        "yunet": "mien.detection.yunet.detector:make_detector",
        "mtcnn": "mien.detection.mtcnn.detector:make_detector",
        "whole": "mien.detection.whole:make_detector",
    },
    noun="detector",
    error=DetectorError,
)
"""Factories of detectors by name."""


def make_detector(detector: str | Detector = "auto", options: DetectorOptions | None = None) -> Detector:
    """Return a detector by its name, or the given one.

    Args:
        detector: One of `DETECTORS`, or a detector, to which the options don't apply. With "whole" each image
            is one face; "auto" is YuNet if its file is available or can be downloaded, else MTCNN.
        options: Its options; the defaults if None.

    Raises:
        DetectorError: There is no such detector, its file is missing or not valid, it was requested by name
            and is not available, or the object is not a detector.
    """
    if isinstance(detector, str):
        return DETECTORS.get(detector)(options or DetectorOptions())
    require_detector(detector)
    return detector
