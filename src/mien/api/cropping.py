"""`mien.crop_faces`: a data set of faces from photographs and videos."""

import logging
from collections.abc import Callable
from pathlib import Path

from mien.arguments import FLAG, FUNCTION, INTEGER, NUMBER, TEXT, checked, optional
from mien.data.cropping.crop import CropCounts, CropOptions, crop_source
from mien.data.cropping.scenes import INTERVAL, FrameOptions
from mien.detection.base import Detector
from mien.detection.factory import make_detector
from mien.detection.options import DetectorOptions
from mien.detection.selection import Selection
from mien.errors import DataError, DetectorError
from mien.files.targets import require_folder
from mien.files.writing import as_path

_log = logging.getLogger("mien")

SIZE = 112
"""Side of the crops in pixels: enough for a person to label them, and for networks of 48 to 112 pixels."""


@checked(
    DataError,
    size=INTEGER,
    all_faces=FLAG,
    min_face=NUMBER,
    offline=FLAG,
    detector_digest=optional(TEXT),
    every=optional(INTEGER),
    interval=NUMBER,
    max_frames=optional(INTEGER),
    force=FLAG,
    progress=optional(FUNCTION),
    notice=FUNCTION,
)
def crop_faces(
    source: str | Path,
    dest: str | Path,
    *,
    size: int = SIZE,
    all_faces: bool = False,
    min_face: float = 0.0,
    detector: str | Detector = "auto",
    detector_model: str | Path | None = None,
    detector_digest: str | None = None,
    offline: bool = False,
    every: int | None = None,
    interval: float = INTERVAL,
    max_frames: int | None = None,
    force: bool = False,
    progress: Callable[[int, int | None], None] | None = None,
    notice: Callable[[str], None] = _log.warning,
) -> CropCounts:
    """Crop the faces of photographs and videos into a folder of PNG images, ready for labeling and training.

    The crops are upright and framed as in recognition, gray or RGB as their photographs. The folders of the
    source are kept, so that photographs by split and class become a data set. `crops.csv` has a row for each
    crop with its source, frame, box, score and tilt, and one without a box for each image without a face.
    An interrupted run is continued by the same call.

    Args:
        source: A folder of photographs and videos, an archive of photographs, a photograph, or a video.
        dest: The folder of the crops: new, empty, or one of an earlier call.
        size: Side of the crops in pixels, 8 to 512.
        all_faces: Crop all faces of an image instead of the largest.
        min_face: Shorter side of the smallest box in pixels.
        detector: A detector, or its name as in `mien.load`.
        detector_model: File of YuNet, as in `mien.load`.
        detector_digest: Its SHA-256, as in `mien.load`.
        offline: Download nothing.
        every: Search each n-th frame of a video; by default frames at an interval.
        interval: Seconds between these frames.
        max_frames: Largest number of frames of a video.
        force: Remove the crops of an earlier call, and begin again.
        progress: Called with the number of images and frames that are done, and their total if it is known.
        notice: Called with one line for each file that can't be read; by default a warning of "mien".

    Returns:
        Numbers of images, frames, faces, images without a face and with several, and failures.

    Raises:
        DataError: There is no such source, an option is out of range, or `dest` holds other files.
        DetectorError: The detector is not available, or `min_face` is out of range.
        MienError: `dest` can't be written to.
    """
    photographs, folder = as_path(source, "source", DataError), as_path(dest, "dest", DataError)
    require_folder(folder)  # before a detector is downloaded
    frames = FrameOptions(every, interval, max_frames)
    options = CropOptions(size, Selection(min_face=min_face, largest=not all_faces), frames, force)
    model = None if detector_model is None else as_path(detector_model, "detector_model", DetectorError)
    found = make_detector(detector, DetectorOptions(model, offline, notice, digest=detector_digest))
    return crop_source(photographs, folder, found, options, progress=progress, notice=notice)
