"""The interface of fer 25.10.3.

    from mien.compat.fer import FER, Video          # instead of: from fer import FER, Video

    FER(mtcnn=True).detect_emotions(cv2.imread("photo.jpg"))

Faces are lists of dicts as those of fer, the largest first. `Video` is in `mien.compat.fer_video`.
"""

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mien.arguments import FLAG, INTEGER, NUMBER, checked
from mien.bundles.defaults import DEFAULT
from mien.compat.errors import InvalidImage, InvalidVideo, UnimplementedError
from mien.compat.fer_output import draw_annotations
from mien.compat.fer_video import Video
from mien.compat.images import read_pixels
from mien.compat.recognizing import classify, detect, shared_recognizer
from mien.detection.base import Detection
from mien.detection.provided.boxes import detections_of
from mien.errors import ImageError
from mien.recognition.face import Face

__all__ = ["FER", "InvalidImage", "InvalidVideo", "UnimplementedError", "Video", "draw_annotations"]

_UNUSED: Final = {"scale_factor": 1.1, "min_neighbors": 5, "offsets": (10, 10)}
"""Arguments of the Haar cascade and of its crops, by their defaults; mien has neither."""

_log = logging.getLogger("mien")


class FER:
    """Finds faces and their expressions, as `fer.FER`.

    Args:
        cascade_file: Must be None; mien has no Haar cascades.
        mtcnn: Find faces with MTCNN; by default with the default detector of mien.
        tfserving: Must be false; there is no server for TensorFlow.
        use_tflite: Has no effect: there is one network, that of the bundle.
        scale_factor: Has no effect, as the next two; it must be over 1.
        min_face_size: Smaller faces are ignored, in pixels. As in fer, MTCNN has no such limit.
        min_neighbors: Has no effect; it must not be negative.
        offsets: Has no effect: mien crops faces as its networks saw them in training. Two numbers.
        bundle: Name or path of a bundle of mien; not an argument of fer.

    Raises:
        UnimplementedError: An argument is out of range, or mien doesn't have it. It is a ValueError.
    """

    @checked(
        UnimplementedError, mtcnn=FLAG, tfserving=FLAG, use_tflite=FLAG, scale_factor=NUMBER,
        min_face_size=NUMBER, min_neighbors=INTEGER,
    )  # fmt: skip
    def __init__(
        self,
        cascade_file: str | None = None,
        mtcnn: bool = False,
        tfserving: bool = False,
        use_tflite: bool = True,
        scale_factor: float = 1.1,
        min_face_size: float = 50,
        min_neighbors: int = 5,
        offsets: Sequence[int] = (10, 10),
        *,
        bundle: str | Path = DEFAULT,
    ) -> None:
        _require_served(cascade_file, tfserving=tfserving)
        _require_ranges(scale_factor, min_face_size, min_neighbors, offsets)
        given = {"scale_factor": scale_factor, "min_neighbors": min_neighbors, "offsets": tuple(offsets)}
        if unused := [name for name, value in given.items() if value != _UNUSED[name]]:
            _log.warning("%s: no effect in mien, which has no Haar cascade", ", ".join(unused))
        self.tfserving, self.use_tflite = tfserving, use_tflite
        detector, smallest = ("mtcnn", 0.0) if mtcnn else ("auto", float(min_face_size))
        self.recognizer = shared_recognizer(bundle, detector, smallest)
        self.emotions: list[dict[str, Any]] = []

    def find_faces(
        self, img: NDArray[Any], bgr: bool = True, gray_img: NDArray[Any] | None = None
    ) -> list[list[int]]:
        """Return the boxes of the faces: left, top, width and height in pixels, the largest first.

        Args:
            img: As for `detect_emotions`.
            bgr: Has no effect: an array with channels is BGR, one without is gray.
            gray_img: Has no effect; mien searches the image in color.

        Raises:
            InvalidImage: It can't be read.
        """
        return [_box(one) for one in detect(self.recognizer, _read(img))]

    def detect_emotions(
        self, img: NDArray[Any] | str, face_rectangles: Iterable[Sequence[float]] | None = None
    ) -> list[dict[str, Any]]:
        """Return the faces of an image with their emotions, the largest first.

        Args:
            img: An array in BGR or gray, a path, an address, or a data URI.
            face_rectangles: Left, top, width and height of each face, such as `find_faces` returns them; no
                detector runs then. Rectangles outside of the image are left out.

        Returns:
            A dict for each face: "box" (left, top, width, height) and "emotions" (probability of each class,
            rounded to two decimals).

        Raises:
            InvalidImage: It can't be read.
            DetectorError: One of the rectangles isn't one.
        """
        pixels = _read(img)
        if face_rectangles is None:
            found = detect(self.recognizer, pixels)
            boxes: list[Any] = [_box(one) for one in found]
        else:
            boxes = [one for one in face_rectangles if _intersects(one, pixels)]
            found = detections_of(boxes, "face_rectangles")
        faces = classify(self.recognizer, pixels, found)
        self.emotions = [
            {"box": box, "emotions": _rounded(face)} for box, face in zip(boxes, faces, strict=True)
        ]
        return self.emotions

    def batch_detect_emotions(self, imgs: Iterable[NDArray[Any] | str]) -> list[list[dict[str, Any]]]:
        """Return `detect_emotions` of each image."""
        return [self.detect_emotions(img) for img in imgs]

    def top_emotion(self, img: NDArray[Any] | str) -> tuple[str | None, float | None]:
        """Return the most probable emotion of the largest face and its probability; two None without a face.

        Raises:
            InvalidImage: The image can't be read.
        """
        faces = self.detect_emotions(img)
        if not faces:
            return None, None
        emotions = faces[0]["emotions"]
        top = max(emotions, key=emotions.__getitem__)
        return top, emotions[top]

    def _get_labels(self) -> dict[int, str]:
        """Return the classes by their position; scripts for fer use it despite its name."""
        return dict(enumerate(self.recognizer.classes))


def _require_served(cascade_file: object, *, tfserving: bool) -> None:
    if cascade_file is not None:
        raise UnimplementedError("cascade_file: mien has no Haar cascades; leave it out")
    if tfserving:
        raise UnimplementedError("tfserving: mien has no TensorFlow; `mien serve` is its server")


def _require_ranges(scale_factor: float, min_face_size: float, min_neighbors: int, offsets: object) -> None:
    if scale_factor <= 1:
        raise UnimplementedError("scale_factor must be greater than 1.0")
    if min_face_size < 1:
        raise UnimplementedError("min_face_size must be at least 1")
    if min_neighbors < 0:
        raise UnimplementedError("min_neighbors must be non-negative")
    if not isinstance(offsets, tuple | list) or len(offsets) != 2:
        raise UnimplementedError("offsets must be a tuple or list of length 2")


def _read(source: object) -> NDArray[np.uint8]:
    try:
        return read_pixels(source)
    except ImageError as error:
        raise InvalidImage(str(error)) from error


def _box(detection: Detection) -> list[int]:
    """Return left, top, width and height in whole pixels."""
    return [round(value) for value in detection.box]


def _intersects(rectangle: Sequence[float], pixels: NDArray[np.uint8]) -> bool:
    """Whether a rectangle, which may be none, is inside of an image in part."""
    left, top, width, height = detections_of([rectangle], "face_rectangles")[0].box
    return left < pixels.shape[1] and top < pixels.shape[0] and left + width > 0 and top + height > 0


def _rounded(face: Face) -> dict[str, float]:
    return {name: round(share, 2) for name, share in zip(face.classes, face.probabilities, strict=True)}
