"""MTCNN: three small networks that find faces, with landmarks; a package brings them, so it works offline."""

from typing import Final

from mien.detection.base import Framing
from mien.detection.mtcnn.files import read_networks
from mien.detection.mtcnn.network import THRESHOLDS, MtcnnNetworks, open_mtcnn
from mien.detection.options import DetectorOptions
from mien.detection.reliability import ScoreLimits
from mien.detection.view_search import NetworkDetector, Search
from mien.errors import DetectorError
from mien.runtime.failures import failures_as

LONGEST: Final = 1280
"""Longer side, in pixels, to which a larger image is reduced."""

COARSE: Final = 320
"""Longer side, in pixels, to which a smaller image is enlarged."""

CLOSE: Final = 160
"""Longer side of the view of a single tilted face and its surroundings."""

FRAMING: Final = Framing(scale=1.03, down=0.0)
"""Measured on FER2013 by `benchmarks/framing.py`; see docs/lab-notebook.md, 2026-11-27."""

SCORE_LIMITS: Final = ScoreLimits(low=0.95, clear=0.998)
"""See docs/lab-notebook.md, 2026-11-27."""

MIN_FACES: Final = (12.0, 20.0)
PART: Final = 1 / 32
"""Side of the smallest face in pixels of a view: a part of its longer side, within these limits. So an image
of less than 640 pixels is searched for smaller faces at the same cost."""


class Mtcnn(NetworkDetector):
    """Finds faces with MTCNN; `tilt` comes from their eyes and mouths. Thread-safe.

    Args:
        threads: Threads of one call.
        longest: Longer side, in pixels, to which a larger image is reduced.
        threshold: Score from which a box is a face, 0 to 1.

    Raises:
        DetectorError: The files of the networks are missing or damaged.
    """

    name = "mtcnn"
    framing = FRAMING
    score_limits = SCORE_LIMITS

    def __init__(
        self, threads: int = 1, *, longest: int = LONGEST, threshold: float = THRESHOLDS[-1]
    ) -> None:
        contents = read_networks()
        with failures_as(DetectorError, self.name):
            networks = MtcnnNetworks(open_mtcnn(contents, threads), threshold=threshold)
        super().__init__(networks, search_of(longest), longest)


def make_detector(options: DetectorOptions) -> Mtcnn:
    """Return the detector."""
    options.require_no_model("mtcnn")
    return Mtcnn(options.threads, threshold=options.lowered(THRESHOLDS[-1]))


def search_of(longest: int = LONGEST) -> Search:
    """Return how an image is searched that is reduced to `longest` pixels if it is larger."""
    return Search(
        sides=lambda side: (max(COARSE, min(side, longest)),),
        min_face=_min_face,
        coarse=COARSE,
        close=CLOSE,
        clear=0.9,
        upright=8.0,
        rotated=0.98,
        gain=1.0,
    )


def _min_face(side: int) -> float:
    lowest, highest = MIN_FACES
    return min(max(side * PART, lowest), highest)
