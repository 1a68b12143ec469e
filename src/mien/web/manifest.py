"""The manifest of a site, JSON: its bundles and detectors, and the constants of the pipeline.

The JavaScript states none of these constants, so it can't differ from the Python code.
"""

from collections.abc import Sequence
from typing import Any, Final

from mien.bundles.metadata import INPUT, PROBABILITIES
from mien.detection import landmarks, nms, reliability, rotated_views, view_search
from mien.limits import MAX_PIXELS
from mien.media.images import resize
from mien.recognition.labeling import LOW_CONFIDENCE
from mien.recognition.tracking import smoothing, tracker
from mien.recognition.video import VideoOptions
from mien.web.detectors import SiteDetector

FILE: Final = "manifest.json"


def make_manifest(
    bundles: Sequence[dict[str, Any]], detectors: Sequence[SiteDetector], files: dict[str, dict[str, str]]
) -> dict[str, Any]:
    """Return the manifest of a site.

    Args:
        bundles: As `GET /v1/bundles` lists them, each with the path of its `file` and the faces of a `batch`.
        detectors: The first is the default.
        files: Paths of the networks of each detector by their role.
    """
    settings = {one.name: one.settings | {"files": files[one.name]} for one in detectors if one.files}
    return {
        "bundles": list(bundles),
        "detectors": [one.name for one in detectors],
        "constants": constants() | {"detectors": settings},
    }


def constants() -> dict[str, Any]:
    """Return the constants that all detectors and bundles share."""
    template = [[point.real, point.imag] for point in landmarks.TEMPLATE.tolist()]
    return {
        "graph": {"input": INPUT, "output": PROBABILITIES},
        "low_confidence": LOW_CONFIDENCE,
        "max_pixels": MAX_PIXELS,
        "resize": _of(resize, "MAX_SAMPLES", "MAX_REGION", "MARGIN"),
        "views": _of(rotated_views, "MIN_SIDE"),
        "nms": _of(nms, "MAX_OVERLAP"),
        "landmarks": {"names": landmarks.Landmarks._fields, "template": template, "fitted": landmarks.FITTED},
        "search": _of(view_search, "ANGLES", "STEPS", "NEAR", "FACE_IN_CLOSE_VIEW", "MIN_GAIN"),
        "reliability": _of(
            reliability, "LOW_SCORE", "ORIENTATION", "CLOSER_TO_1", "OTHER_ORIENTATION", "MAX_COMPARED"
        ),
        "tracking": _of(
            tracker,
            *("MIN_IOU", "MAX_DISTANCE", "MAX_SIDE_RATIO", "MAX_AGE", "VELOCITY_MOMENTUM", "VELOCITY_DECAY"),
        ),
        "smoothing": _of(smoothing, "MAX_AGE"),
        "video": {"detect_every": VideoOptions().detect_every, "smooth": VideoOptions().smooth},
    }


def _of(module: object, *names: str) -> dict[str, Any]:
    """Return constants of a module, with their names in lower case."""
    return {name.lower(): getattr(module, name) for name in names}
