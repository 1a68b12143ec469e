"""Faces that are cropped out of their scenes by a detector; the same for all systems of one input shape."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mien.data.progress import Progress, no_progress
from mien.detection.base import Detection, Detector
from mien.detection.crops import crop_faces
from mien.detection.factory import make_detector
from mien.detection.options import DetectorOptions
from mien.detection.yunet.model_file import chosen_file
from mien.errors import DetectorError
from mien.evaluation.shifts.scenes import scene, side_of, view_of


@dataclass(frozen=True)
class DetectedFaces:
    """The faces that a detector found again.

    Attributes:
        detector: Name of the detector.
        rows: int64 (m,), positions of the found faces among all, increasing.
        crops: uint8 (m, size, size) or (m, size, size, 3).
    """

    detector: str
    rows: NDArray[np.int64]
    crops: NDArray[np.uint8]


def available_detectors(options: DetectorOptions) -> list[Detector]:
    """Return YuNet, if its file is there, and MTCNN; nothing is downloaded.

    Raises:
        DetectorError: A file was chosen, by an option or by `MIEN_YUNET`, that isn't a YuNet.
    """
    local = replace(options, offline=True)
    is_chosen = chosen_file(local) is not None
    mtcnn = make_detector("mtcnn", replace(local, model=None, digest=None))
    try:
        return [make_detector("yunet", local), mtcnn]
    except DetectorError:
        if is_chosen:
            raise
        options.notice(
            "accuracy under shift without the detector yunet, whose file is not there; give it as the "
            "detector model or in MIEN_YUNET"
        )
        return [mtcnn]


def detect_again(
    images: NDArray[np.uint8], detectors: Sequence[Detector], progress: Progress = no_progress
) -> list[DetectedFaces]:
    """Return the faces that each detector finds in the scenes of `mien.evaluation.shifts.scenes`.

    Args:
        images: Cropped faces, uint8 (n, size, size) or (n, size, size, 3).
        detectors: One or more.
        progress: Receives the number of scenes that are done.
    """
    found, n = list[DetectedFaces](), len(images)
    for number, detector in enumerate(detectors):
        crops = dict[int, NDArray[np.uint8]]()
        for row, face in enumerate(images):
            crop = _crop(face, row, detector)
            if crop is not None:
                crops[row] = crop
            progress(number * n + row + 1, n * len(detectors))
        stacked = np.array([*crops.values()], np.uint8).reshape(-1, *images.shape[1:])
        found.append(DetectedFaces(detector.name, np.array([*crops], np.int64), stacked))
    return found


def _crop(face: NDArray[np.uint8], position: int, detector: Detector) -> NDArray[np.uint8] | None:
    """Return the face as the detector crops it out of its scene, or None if it is not found."""
    view = view_of(position)
    image = scene(face, view)
    color = image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)
    center, reach = len(image) / 2, side_of(face, view) / 3
    near = [one for one in detector.detect(color) if _distance(one, center) < reach]
    if not near:
        return None
    best = max(near, key=lambda one: one.score)
    crop: NDArray[np.uint8] = crop_faces(image, [best], len(face), detector.framing)[0]
    return crop


def _distance(detection: Detection, center: float) -> float:
    box = detection.box
    return math.hypot(box.left + box.width / 2 - center, box.top + box.height / 2 - center)
