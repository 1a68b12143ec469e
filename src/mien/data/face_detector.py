"""The detector of the faces of a data set."""

from typing import Final

from mien.data.cache import digest_of_text
from mien.detection.base import Detector
from mien.detection.factory import DETECTORS, make_detector
from mien.errors import DataError

WHOLE: Final = "whole"
DETECT: Final = "detect"
FACES: Final = (WHOLE, DETECT)
"""Each image is a face; or the largest face in it is detected."""


def choose_detector(faces: str, detector: str | Detector) -> Detector | None:
    """Return the detector of a data set; None if its images are faces.

    Args:
        faces: "whole" or "detect".
        detector: The detector or its name, for "detect".

    Raises:
        DataError: `faces` is something else.
        DetectorError: There is no such detector, or it is not available.
    """
    if faces not in FACES:
        raise DataError(
            f"faces={faces!r}, expected {WHOLE} (each image is a face) or {DETECT} (detect the face in it)"
        )
    if faces == WHOLE:
        return None
    return make_detector(detector)


def digest_of(detector: Detector | None) -> str:
    """Return a digest of what decides the crops of a detector; empty for None.

    These are its name, its framing, its `version` if it has one, and the installed plug-ins.
    """
    if detector is None:
        return ""
    version = getattr(detector, "version", "")
    words = (detector.name, type(detector).__qualname__, repr(detector.framing), version, DETECTORS.plugins())
    return digest_of_text(*map(str, words))[:16]
