"""The detectors of a site: the files of their networks, and their constants for the JavaScript."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from mien.detection.auto import without_yunet
from mien.detection.base import Framing
from mien.detection.mtcnn import detector as mtcnn
from mien.detection.mtcnn import network as mtcnn_network
from mien.detection.mtcnn.files import read_networks
from mien.detection.options import DetectorOptions
from mien.detection.reliability import ScoreLimits
from mien.detection.view_search import Search
from mien.detection.yunet import detector as yunet
from mien.detection.yunet import network as yunet_network
from mien.detection.yunet.download import fetch_yunet
from mien.detection.yunet.model_file import chosen_digest, chosen_file, read_model
from mien.errors import DetectorError
from mien.runtime.shapes import with_dynamic_shapes

NAMES: Final = ("auto", "yunet", "mtcnn", "whole")
"""Detectors that a browser can run; "auto" is YuNet if its file is available, else MTCNN."""


@dataclass(frozen=True)
class SiteDetector:
    """A detector of a site.

    Attributes:
        name: As in `mien.load`.
        settings: Its constants, as the JavaScript reads them; empty for "whole".
        files: Contents of its networks by their role, ONNX.
    """

    name: str
    settings: dict[str, Any]
    files: dict[str, bytes]


def site_detectors(names: Sequence[str], options: DetectorOptions) -> list[SiteDetector]:
    """Return the detectors with these names, each once.

    Args:
        names: Some of `NAMES`; the first is the default of the site.
        options: Where their files are.

    Raises:
        DetectorError: A browser can't run one of them, or its file is not available.
    """
    if not names:
        raise DetectorError(f"no detector, expected one or more of {', '.join(NAMES)}")
    found: dict[str, SiteDetector] = {}
    for name in names:
        if name not in NAMES:
            raise DetectorError(f"detector {name!r}: a browser can't run it; expected {', '.join(NAMES)}")
        detector = _MAKERS[name](options)
        found.setdefault(detector.name, detector)
    return list(found.values())


def _whole(_: DetectorOptions) -> SiteDetector:
    return SiteDetector("whole", {}, {})


def _auto(options: DetectorOptions) -> SiteDetector:
    try:
        return _yunet(options)
    except DetectorError:
        if chosen_file(options):
            raise
        options.notice(without_yunet(options))
        return _mtcnn(options)


def _yunet(options: DetectorOptions) -> SiteDetector:
    path = chosen_file(options)
    content = (
        read_model(path, chosen_digest(options))
        if path
        else fetch_yunet(offline=options.offline, notice=options.notice)
    )
    settings = _shared(yunet.FRAMING, yunet.SCORE_LIMITS, yunet.search_of()) | {
        "longest": yunet.LONGEST,
        "max_single": yunet.MAX_SINGLE,
        "strides": yunet_network.STRIDES,
        "threshold": yunet_network.THRESHOLD,
        "nms_threshold": yunet_network.NMS_THRESHOLD,
        "largest_log": yunet_network.LARGEST_LOG,
    }
    dynamic = with_dynamic_shapes(content, {yunet_network.INPUT: (1, 3, None, None)})
    return SiteDetector("yunet", settings, {"network": dynamic})


def _mtcnn(_: DetectorOptions) -> SiteDetector:
    settings = _shared(mtcnn.FRAMING, mtcnn.SCORE_LIMITS, mtcnn.search_of()) | {
        "longest": mtcnn.LONGEST,
        "min_faces": mtcnn.MIN_FACES,
        "part": mtcnn.PART,
        "scale_step": mtcnn_network.SCALE_STEP,
        "thresholds": mtcnn_network.THRESHOLDS,
        "window": mtcnn_network.WINDOW,
        "stride": mtcnn_network.STRIDE,
        "sides": mtcnn_network.SIDES,
        "level_overlap": mtcnn_network.LEVEL_OVERLAP,
        "overlap": mtcnn_network.OVERLAP,
        "max_windows": mtcnn_network.MAX_WINDOWS,
        "batch": mtcnn_network.BATCH,
        "outputs": mtcnn_network.OUTPUTS,
    }
    return SiteDetector("mtcnn", settings, read_networks())


_MAKERS: Final = {"auto": _auto, "yunet": _yunet, "mtcnn": _mtcnn, "whole": _whole}


def _shared(framing: Framing, limits: ScoreLimits, search: Search) -> dict[str, Any]:
    names = ("coarse", "close", "clear", "upright", "rotated", "gain")
    return {
        "framing": asdict(framing),
        "score_limits": asdict(limits),
        **{name: getattr(search, name) for name in names},
    }
