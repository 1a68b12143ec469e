"""The recognizer: pictures in, faces out. What `mien.load()` returns, and every command uses."""

import io
import logging
import math
import os
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.bundles.metadata import BundleMetadata
from mien.detection.base import Detection, Detector, Framing
from mien.detection.box import Box
from mien.detection.boxes import GivenBoxes, given
from mien.detection.crops import crop_faces
from mien.errors import ImageError
from mien.media.images.reading import ImageLike
from mien.media.images.resize import resize_all
from mien.recognition.detect_and_crop import look_at
from mien.recognition.engines.base import Engine
from mien.recognition.face import Face, Result
from mien.recognition.pipeline import recognize_pictures
from mien.recognition.sources.items import Failure, Picture

_ONE: Final = "the picture"
"""What a picture is called that was given alone."""

_log = logging.getLogger("mien")


class Recognizer:
    """Finds the faces of a picture and says what their expressions look like. Thread-safe.

    `mien.load` makes one:

        recognizer = mien.load()
        for face in recognizer("photo.jpg"):
            print(face.label, face.confidence, face.box)

    Args:
        metadata: Of the bundle.
        engine: Runs the bundle.
        detector: Finds the faces.
        threshold: Below this top probability a face is "uncertain"; None takes the metadata's.
    """

    def __init__(
        self, metadata: BundleMetadata, engine: Engine, detector: Detector, *, threshold: float | None = None
    ) -> None:
        self.metadata = metadata
        self.engine = engine
        self.detector = detector
        known = metadata.confidence_threshold.value if metadata.confidence_threshold else 0.0
        self.threshold = known if threshold is None else threshold

    def __repr__(self) -> str:
        return (
            f"<Recognizer of bundle {self.metadata.name!r}: {', '.join(self.metadata.classes)}; engine "
            f"{self.engine.name}, detector {self.detector.name}, uncertain below {self.threshold:.2f}>"
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the expressions, in the order of `Face.probabilities`."""
        return self.metadata.classes

    def __call__(
        self, picture: ImageLike, *, boxes: Iterable[Sequence[float]] | None = None, bgr: bool = False
    ) -> tuple[Face, ...]:
        """Return the faces of a picture, from left to right; perhaps none.

        Args:
            picture: A path, the bytes of a file, a file opened with "rb", a Pillow image, or an array
                (height, width) or (height, width, 3 or 4): gray, RGB or RGBA.
            boxes: Where the faces are, if that is known: left, top, width and height of each, in
                pixels of the upright picture. Nothing is searched for then, and the faces come in
                the order of the boxes.
            bgr: The array's colors are in OpenCV's order.

        Raises:
            ImageError: The picture can't be read, or one of the boxes lies outside of it.
            DetectorError: Something among the boxes is no box.
        """
        known = None if boxes is None else GivenBoxes({_ONE: given(boxes)})
        seen, crops = look_at(self, Picture(_ONE, picture, bgr), boxes=known)
        return self.judge(seen.detections, crops)

    def batch(self, pictures: Iterable[ImageLike], *, bgr: bool = False) -> list[tuple[Face, ...]]:
        """Return the faces of each picture, in order: read by several threads, judged together.

        Memory holds a few of the pictures at a time, so `pictures` may be a generator of many. One that
        can't be read ends it all, and no faces are returned: where that may happen, call the recognizer
        for each picture and catch the error, or use `mien predict`, which reports it and goes on.

        Args:
            pictures: As for a single one.
            bgr: The colors of those that are arrays are in OpenCV's order.

        Raises:
            ImageError: A picture can't be read; it says which.
        """
        one_alone = isinstance(pictures, str | bytes | bytearray | memoryview | io.IOBase)
        if one_alone or not isinstance(pictures, Iterable):
            raise ImageError("batch takes a list of pictures; for one, call the recognizer itself")
        items = (Picture(_name(one, number), one, bgr) for number, one in enumerate(pictures, 1))
        with closing(recognize_pictures(self, items)) as outcomes:
            return [_faces_of(outcome) for outcome in outcomes]

    def faces(self, faces: NDArray[np.uint8]) -> list[Face]:
        """Return what the expressions of faces look like that were cut out already.

        Args:
            faces: uint8 (n, side, side), gray; n may be 0. Another side than the bundle's is resized.

        Raises:
            ImageError: It is no such array.
        """
        size = _checked(faces).shape[1]
        whole = Detection(Box(0.0, 0.0, float(size), float(size)), 1.0)
        return list(self.judge([whole] * len(faces), resize_all(faces, self.metadata.size)))

    def stream(
        self,
        video: str | os.PathLike[str] | int,
        *,
        every: int = 1,
        start: float = 0.0,
        end: float = math.inf,
        detect_every: int = 3,
        smooth: float = 0.5,
        keep_images: bool = False,
    ) -> Generator[Result, None, None]:
        """Yield a result for each frame of a video; its faces have the number of their track.

        Memory doesn't grow with the length of the video. Close the generator to end early.

        Args:
            video: A path, an address (rtsp://, http://…) or the number of a webcam.
            every: Look at each n-th frame only.
            start: Seconds at which to begin.
            end: Seconds at which to end.
            detect_every: Search each n-th frame for faces, and follow them in between.
            smooth: Time constant in seconds of the smoothing of probabilities; 0 is off.
            keep_images: Put the frames into the results.

        Raises:
            ImageError: There is no such video, or it can't be read.
            MienError: An option is out of range.
        """
        from mien.recognition.video import WatchOptions, watch

        options = WatchOptions(every, start, end, detect_every, smooth)
        return watch(self, video, options, keep_images=keep_images, notice=_log.warning)

    def crops(
        self, picture: NDArray[np.uint8], detections: Sequence[Detection], framing: Framing | None = None
    ) -> NDArray[np.uint8]:
        """Return the gray faces (n, side, side) of an RGB picture, upright and framed as FER2013's.

        Args:
            picture: uint8, (height, width, 3).
            detections: The n faces.
            framing: How their boxes are cut; as the detector's unless given.
        """
        gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
        return crop_faces(gray, detections, self.metadata.size, framing or self.detector.framing)

    def judge(self, detections: Sequence[Detection], crops: NDArray[np.uint8]) -> tuple[Face, ...]:
        """Return a face for each detection and its crop (n, side, side)."""
        probabilities = self.engine(crops).probabilities
        return tuple(
            Face.from_probabilities(
                detection.box, detection.score, self.metadata.classes, row.tolist(), self.threshold
            )
            for detection, row in zip(detections, probabilities, strict=True)
        )


def _name(picture: ImageLike, number: int) -> str:
    return os.fspath(picture) if isinstance(picture, str | os.PathLike) else f"picture {number}"


def _faces_of(outcome: Result | Failure) -> tuple[Face, ...]:
    if isinstance(outcome, Failure):
        raise ImageError(outcome.message)
    return outcome.faces


def _checked(faces: NDArray[np.uint8]) -> NDArray[np.uint8]:
    found = f"{faces.dtype} {faces.shape}" if isinstance(faces, np.ndarray) else type(faces).__name__
    square = isinstance(faces, np.ndarray) and faces.ndim == 3 and faces.shape[1] == faces.shape[2] > 0
    if not (square and faces.dtype == np.uint8):
        raise ImageError(f"expected faces as uint8 (n, side, side), gray, got {found}")
    return faces
