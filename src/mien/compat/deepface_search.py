"""Images and faces as deepface returns them: backends, the search for faces, regions and eyes."""

import os
from pathlib import Path
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.compat.errors import DataTypeError, FaceNotDetected, ImgNotFound, UnimplementedError
from mien.compat.images import UnreadableTypeError, read_pixels
from mien.compat.recognizing import classify, detect, shared_recognizer, whole_image
from mien.detection.base import Detection, Framing
from mien.detection.landmarks import Landmarks, Point
from mien.errors import ImageError
from mien.recognition.face import Face
from mien.recognition.recognizer import Recognizer

SKIP: Final = "skip"
"""The backend that takes each image as one face."""

_OTHER_BACKENDS: Final = (
    "opencv", "ssd", "dlib", "retinaface", "mediapipe", "centerface",
    "yolov8", "yolov8n", "yolov8m", "yolov8l", "yolov11n", "yolov11s", "yolov11m", "yolov11l",
    "yolov12n", "yolov12s", "yolov12m", "yolov12l",
)  # fmt: skip
DETECTORS: Final = dict.fromkeys(_OTHER_BACKENDS, "auto") | {
    "yunet": "yunet",
    "mtcnn": "mtcnn",
    "fastmtcnn": "mtcnn",
    SKIP: "whole",
}
"""The detector of mien for each backend of deepface."""

_WITH_MOUTH: Final = "retinaface"
"""The backend whose regions also have nose and mouth corners."""


class Request(NamedTuple):
    """What is searched, and how."""

    enforce: bool
    """Raise FaceNotDetected for an image without a face, instead of taking all of it as one."""
    backend: str
    align: bool
    expand: float
    """Percent."""
    anti_spoofing: bool
    bundle: str | Path


class Found(NamedTuple):
    """An image, RGB uint8 (height, width, 3), and its faces, the largest first."""

    pixels: NDArray[np.uint8]
    detections: list[Detection]
    is_face: bool
    """The whole image is taken as a face."""
    backend: str
    recognizer: Recognizer

    def faces(self) -> tuple[Face, ...]:
        """Return the faces with their expressions."""
        return classify(self.recognizer, self.pixels, self.detections, Framing() if self.is_face else None)

    def upright(self, detection: Detection) -> NDArray[np.uint8]:
        """Return the box of a face, RGB uint8, rotated around its center so that the head is upright."""
        if self.is_face:
            return self.pixels
        left, top, width, height = detection.box
        size = max(1, round(width)), max(1, round(height))
        center = left + width / 2, top + height / 2
        matrix = np.asarray(cv2.getRotationMatrix2D(center, detection.tilt, 1), np.float64)
        matrix[:, 2] += np.array(size) / 2 - center
        return np.asarray(cv2.warpAffine(self.pixels, matrix, size), np.uint8)

    def region(self, face: Face | Detection) -> dict[str, Any]:
        """Return the box of a face in whole pixels inside of the image, and its eyes."""
        height, width = self.pixels.shape[:2]
        x, y = max(0, int(face.box.left)), max(0, int(face.box.top))
        box: dict[str, Any] = {
            "x": x,
            "y": y,
            "w": min(width - x - 1, int(face.box.width)),
            "h": min(height - y - 1, int(face.box.height)),
        }
        return box | _points(face.landmarks, width, height, with_mouth=self.backend == _WITH_MOUTH)

    def confidence(self, face: Face | Detection) -> float:
        """Return the score of the detector, 0 to 1; 0 if there was no detection."""
        return 0.0 if self.is_face else round(float(face.score), 2)


def search(source: Any, request: Request) -> Found | list[Found]:  # noqa: ANN401 - any image
    """Return an image and its faces, or a list of them for a list or an array of images.

    Raises:
        UnimplementedError: The backend is unknown, or the request has an option that mien doesn't have.
        FaceNotDetected: An image has no face, and `request.enforce` is set.
        ImgNotFound: An image can't be read.
        DataTypeError: It is no image.
    """
    _require_served(request)
    if isinstance(source, list | tuple) or (isinstance(source, np.ndarray) and source.ndim == 4):
        return [_search(one, request) for one in source]
    return _search(source, request)


def _search(source: object, request: Request) -> Found:
    pixels = _read(source)
    recognizer = shared_recognizer(request.bundle, DETECTORS[request.backend])
    if request.backend == SKIP:
        return Found(pixels, whole_image(pixels), True, request.backend, recognizer)
    detections = detect(recognizer, pixels, align=request.align, expand=max(0.0, request.expand))
    if not detections and request.enforce:
        raise FaceNotDetected(
            f"Face could not be detected in {_name(source)}. Please confirm that the picture is a face photo "
            "or consider to set enforce_detection param to False."
        )
    found = detections or whole_image(pixels)
    return Found(pixels, found, not detections, request.backend, recognizer)


def _require_served(request: Request) -> None:
    if request.backend not in DETECTORS:
        raise UnimplementedError(
            f"Invalid model_name passed - face_detector/{request.backend}: expected one of "
            + ", ".join(sorted(DETECTORS))
        )
    if request.anti_spoofing:
        raise UnimplementedError("anti_spoofing: mien has no check against spoofing; leave it out")


def _read(source: object) -> NDArray[np.uint8]:
    try:
        return read_pixels(source)
    except UnreadableTypeError as error:
        raise DataTypeError(str(error)) from error
    except ImageError as error:
        raise ImgNotFound(str(error)) from error


def _name(source: object) -> str:
    is_path = isinstance(source, str | os.PathLike) and not str(source).startswith("data:")
    return os.fsdecode(source) if is_path else "the image"  # type: ignore[arg-type]


def _points(marks: Landmarks | None, width: int, height: int, *, with_mouth: bool) -> dict[str, Any]:
    if marks is None:
        return {"left_eye": None, "right_eye": None}
    points = {"left_eye": marks.left_eye, "right_eye": marks.right_eye}
    if with_mouth:
        points |= {"nose": marks.nose, "mouth_left": marks.left_mouth, "mouth_right": marks.right_mouth}
    return {name: _inside(point, width, height) for name, point in points.items()}


def _inside(point: Point, width: int, height: int) -> tuple[int, int] | None:
    is_inside = 0 <= point.x < width and 0 <= point.y < height
    return (int(point.x), int(point.y)) if is_inside else None
