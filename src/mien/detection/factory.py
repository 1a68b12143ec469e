"""Detectors by name: `DETECTORS` has the built-in ones and those of installed packages."""

from typing import Final

from mien.detection.base import Detector
from mien.detection.options import DetectorFactory, DetectorOptions
from mien.errors import DetectorError
from mien.registry import Registry

DETECTORS: Final = Registry[DetectorFactory](
    "mien.detectors",
    {
        "auto": "mien.detection.auto:make_detector",
        "yunet": "mien.detection.yunet:make_detector",
        "mtcnn": "mien.detection.mtcnn:make_detector",
        "whole": "mien.detection.whole:make_detector",
    },
    noun="detector",
    error=DetectorError,
)
"""Factories of detectors by name."""


def make_detector(name: str = "auto", options: DetectorOptions | None = None) -> Detector:
    """Return the detector called `name`.

    Args:
        name: One of `DETECTORS`. With "whole" each image is one face; "auto" is YuNet if its file is
            available or can be downloaded, else MTCNN.
        options: Its options; the defaults if None.

    Raises:
        DetectorError: There is no such detector, its file is missing or not valid, or it was requested
            by name and is not available.
    """
    return DETECTORS.get(name)(options or DetectorOptions())
