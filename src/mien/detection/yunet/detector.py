"""YuNet: a small network that finds faces of any size, with landmarks (Wu, Peng and Yu 2023).

No package contains its file; `mien.detection.yunet.download` gets it.
"""

from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np

from mien.detection.base import Framing
from mien.detection.options import DetectorOptions
from mien.detection.reliability import ScoreLimits
from mien.detection.view_search import NetworkDetector, Search
from mien.detection.yunet.download import FILE, fetch_yunet
from mien.detection.yunet.model_file import chosen_digest, chosen_file, read_model
from mien.detection.yunet.network import THRESHOLD, YuNetNetwork, open_yunet
from mien.errors import DetectorError, MienError

LONGEST: Final = 1280
"""Longer side of the larger view, in pixels: finds faces in group photographs."""

COARSE: Final = 320
"""Longer side of the smaller view, to which a small image is enlarged."""

MAX_SINGLE: Final = 640
"""Up to this side one view is enough: YuNet misses faces of more than about 500 pixels."""

CLOSE: Final = 160
"""Longer side of the view of a single tilted face and its surroundings."""

FRAMING: Final = Framing(scale=1.05, down=0.0)
"""Measured on FER2013 by `benchmarks/framing.py`; see docs/lab-notebook.md, 2026-11-21."""

SCORE_LIMITS: Final = ScoreLimits(low=0.8, clear=0.9)
"""See docs/lab-notebook.md, 2026-11-27."""

GAIN: Final = 1.6
"""YuNet puts the landmarks of tilted faces too upright: they show about 0.6 of a small tilt."""


class YuNet(NetworkDetector):
    """Finds faces with YuNet; `tilt` comes from their eyes and mouths. Thread-safe.

    Args:
        content: The network's file, ONNX.
        name: Name of the file in errors.
        threads: Threads of one call.
        longest: Longer side, in pixels, to which a larger image is reduced.
        threshold: Score from which a box is a face, 0 to 1.

    Raises:
        DetectorError: The file can't be run, or it isn't a YuNet.
    """

    name = "yunet"
    framing = FRAMING
    score_limits = SCORE_LIMITS

    def __init__(
        self,
        content: bytes,
        name: str | Path = "YuNet",
        *,
        threads: int = 1,
        longest: int = LONGEST,
        threshold: float = THRESHOLD,
    ) -> None:
        self.version = sha256(content).hexdigest()
        try:
            network = YuNetNetwork(open_yunet(content, threads), threshold=threshold)
            network(np.zeros((CLOSE, CLOSE, 3), np.uint8))
        except Exception as error:
            reason = f" ({error})" if isinstance(error, MienError) else ""
            raise DetectorError(
                f"{name}: not a YuNet that can be run{reason}; expected a file such as {FILE} of OpenCV's "
                "model zoo"
            ) from error
        super().__init__(network, search_of(longest), longest)


def search_of(longest: int = LONGEST) -> Search:
    """Return how an image is searched that is reduced to `longest` pixels if it is larger."""
    return Search(
        sides=lambda side: _sides(side, longest),
        min_face=lambda _: 0.0,
        coarse=COARSE,
        close=CLOSE,
        clear=0.9,
        upright=8.0,
        rotated=0.0,
        gain=GAIN,
    )


def _sides(side: int, longest: int) -> tuple[int, ...]:
    """Return the longer sides of the views of an image, for its longer side in pixels."""
    fine = max(COARSE, min(side, longest))
    return (fine, COARSE) if fine > MAX_SINGLE else (fine,)


def make_detector(options: DetectorOptions) -> YuNet:
    """Return the detector, from its chosen file, the cache, or a download."""
    if path := chosen_file(options):
        return read_yunet(path, options)
    return make_yunet(fetch_yunet(offline=options.offline, notice=options.notice), "YuNet", options)


def make_yunet(content: bytes, name: str | Path, options: DetectorOptions) -> YuNet:
    """Return the detector whose file has this content; `name` is that of the file in errors."""
    return YuNet(content, name, threads=options.threads, threshold=options.lowered(THRESHOLD))


def read_yunet(path: Path, options: DetectorOptions | None = None) -> YuNet:
    """Return the detector whose network is the file `path`.

    Raises:
        DetectorError: The file can't be read, isn't the expected one, or isn't a YuNet.
    """
    options = options or DetectorOptions()
    return make_yunet(read_model(path, chosen_digest(options)), path, options)
