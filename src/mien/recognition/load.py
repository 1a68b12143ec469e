"""`mien.load`: a recognizer from a bundle, an engine and a detector."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mien.arguments import FLAG, FUNCTION, INTEGER, PATH, TEXT, checked, optional, within
from mien.bundles.defaults import DEFAULT
from mien.bundles.reading import Bundle, read_bundle
from mien.detection.base import Detector
from mien.detection.factory import make_detector
from mien.detection.options import DetectorOptions
from mien.detection.selection import Selection
from mien.errors import DetectorError
from mien.files.writing import as_path
from mien.limits import MAX_THREADS
from mien.recognition.components import require_threshold
from mien.recognition.engines.base import Engine
from mien.recognition.engines.factory import make_engine
from mien.recognition.recognizer import Recognizer

_log = logging.getLogger("mien")


@checked(
    largest=FLAG,
    any_orientation=FLAG,
    tolerate_truncated=FLAG,
    offline=FLAG,
    threads=optional(within(INTEGER, 1, MAX_THREADS)),
    device=TEXT,
    detector_digest=optional(TEXT),
    detector_model=optional(PATH),
    notice=FUNCTION,
)
def load(
    bundle: str | Path | Bundle = DEFAULT,
    *,
    engine: str | Engine = "auto",
    detector: str | Detector = "auto",
    detector_model: str | Path | None = None,
    detector_digest: str | None = None,
    device: str = "cpu",
    threads: int | None = None,
    threshold: float | None = None,
    min_face: float = 0.0,
    max_faces: int | None = None,
    largest: bool = False,
    detector_threshold: float | None = None,
    any_orientation: bool = False,
    tolerate_truncated: bool = False,
    offline: bool = False,
    notice: Callable[[str], None] = _log.warning,
) -> Recognizer:
    """Return a recognizer: images in, faces with their expressions out.

    Args:
        bundle: Name of a bundle that ships with mien, the path of one, or a bundle that is read already.
        engine: Name of an engine, "auto", "onnx", "openvino" or that of a plugin, or an object of the
            protocol `mien.recognition.engines.base.Engine`. "auto" is OpenVINO if it is installed, else
            ONNX Runtime.
        detector: Name of a detector, "auto", "yunet", "mtcnn", "whole" or that of a plugin, or an object
            of the protocol `mien.detection.base.Detector`. "auto" is YuNet if its file is available or
            can be downloaded, else "mtcnn". With "whole" each image is one face.
        detector_model: File of YuNet; by default `$MIEN_YUNET`, the cache, or a download.
        detector_digest: SHA-256 of that file in hexadecimal digits, or its first twelve or more. Needed for
            another YuNet than the one that mien was tested with; `$MIEN_YUNET_SHA256` by default.
        device: Device of the engine: "cpu", or another that it knows, such as "cuda".
        threads: Threads of the engine, of the decoder of videos, and of OpenCV during a call, and images that
            are searched at a time; one per usable core by default. With 1, calls use one core in all.
        threshold: A face whose confidence is below this value, 0 to 1, is uncertain; the threshold of
            the bundle by default.
        min_face: Faces whose box is less than this many pixels wide or high are ignored; a larger value
            makes the search of large images faster.
        max_faces: Only this many faces of each image, the largest ones.
        largest: Only the largest face of each image.
        detector_threshold: Faces to which the detector gives a lower score, 0 to 1, are ignored; that of
            the detector by default.
        any_orientation: Images may be turned by 90, 180 or 270 degrees: where no face is found or one
            scores low, the other orientations are searched, too. Such images take up to four times as long.
        tolerate_truncated: Process what is there of JPEGs that end early; their faces are uncertain and
            `Result.truncated` is true. By default such a file is an error.
        offline: Download nothing.
        notice: Called with one line that the user may want to know, such as that a better detector is
            available; by default a warning of the logger "mien".

    Raises:
        BundleError: The bundle is missing, damaged, or not one of mien's.
        DetectorError: There is no such detector, or it is not available.
        MissingExtraError: The engine is not installed.
        MienError: There is no such engine or device, or a number is out of range.
    """
    if threshold is not None:
        require_threshold(threshold)
    selection = Selection(min_face, max_faces, largest, detector_threshold, any_orientation)
    opened = bundle if isinstance(bundle, Bundle) else read_bundle(bundle)
    model = None if detector_model is None else as_path(detector_model, "detector_model", DetectorError)
    options = DetectorOptions(model, offline, notice, threshold=detector_threshold, digest=detector_digest)
    recognizer = Recognizer(
        opened.metadata, make_engine(opened, engine, threads, device), make_detector(detector, options),
        threshold=threshold, selection=selection, threads=threads, tolerate_truncated=tolerate_truncated,
    )  # fmt: skip
    if isinstance(engine, str) and isinstance(detector, str):
        recognizer.arguments = {
            "bundle": bundle if opened.path is None else opened.path.absolute(),
            "engine": engine, "detector": detector,
            "detector_model": None if model is None else model.absolute(),
            "detector_digest": detector_digest, "device": device, "threads": threads, "min_face": min_face,
            "max_faces": max_faces, "largest": largest, "detector_threshold": detector_threshold,
            "any_orientation": any_orientation, "tolerate_truncated": tolerate_truncated, "offline": offline,
        }  # fmt: skip
    return recognizer


def load_again(arguments: dict[str, Any]) -> Recognizer:
    """Return a recognizer of the arguments of another one; unpickling calls it."""
    return load(**arguments)
