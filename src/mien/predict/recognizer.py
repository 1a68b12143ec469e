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

from mien.bundle.card import Card
from mien.errors import PictureError
from mien.predict.detect.base import Detection, Detector, Framing
from mien.predict.detect.crop import crop_faces
from mien.predict.detect.given import GivenBoxes, given
from mien.predict.engine.base import Engine
from mien.predict.face import Box, Face, Result
from mien.predict.inputs.items import Failure, Picture
from mien.predict.look import look_at, sized
from mien.predict.pictures.read import PictureLike
from mien.predict.pipeline import recognise_pictures

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
        card: Of the bundle.
        engine: Runs the bundle.
        detector: Finds the faces.
        threshold: Below this top probability a face is "unsure"; None takes the card's.
    """

    def __init__(
        self, card: Card, engine: Engine, detector: Detector, *, threshold: float | None = None
    ) -> None:
        self.card = card
        self.engine = engine
        self.detector = detector
        known = card.sureness.threshold if card.sureness else 0.0
        self.threshold = known if threshold is None else threshold

    def __repr__(self) -> str:
        return (
            f"<Recognizer of bundle {self.card.name!r}: {', '.join(self.card.classes)}; engine "
            f"{self.engine.name}, detector {self.detector.name}, unsure below {self.threshold:.2f}>"
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the expressions, in the order of `Face.scores`."""
        return self.card.classes

    def __call__(
        self, picture: PictureLike, *, boxes: Iterable[Sequence[float]] | None = None, bgr: bool = False
    ) -> tuple[Face, ...]:
        """Return the faces of a picture, from left to right; perhaps none.

        Args:
            picture: A path, the bytes of a file, a file opened with "rb", a Pillow image, or an array
                (height, width) or (height, width, 3 or 4): grey, RGB or RGBA.
            boxes: Where the faces are, if that is known: left, top, width and height of each, in
                pixels of the upright picture. Nothing is searched for then, and the faces come in
                the order of the boxes.
            bgr: The array's colours are in OpenCV's order.

        Raises:
            PictureError: The picture can't be read, or one of the boxes lies outside of it.
            DetectorError: Something among the boxes is no box.
        """
        known = None if boxes is None else GivenBoxes({_ONE: given(boxes)})
        seen, crops = look_at(self, Picture(_ONE, picture, bgr), boxes=known)
        return self.judge(seen.detections, crops)

    def batch(self, pictures: Iterable[PictureLike], *, bgr: bool = False) -> list[tuple[Face, ...]]:
        """Return the faces of each picture, in order: read by several threads, judged together.

        Memory holds a few of the pictures at a time, so `pictures` may be a generator of many. One that
        can't be read ends it all, and no faces are returned: where that may happen, call the recognizer
        for each picture and catch the error, or use `mien predict`, which reports it and goes on.

        Args:
            pictures: As for a single one.
            bgr: The colours of those that are arrays are in OpenCV's order.

        Raises:
            PictureError: A picture can't be read; it says which.
        """
        one_alone = isinstance(pictures, str | bytes | bytearray | memoryview | io.IOBase)
        if one_alone or not isinstance(pictures, Iterable):
            raise PictureError("batch takes a list of pictures; for one, call the recognizer itself")
        items = (Picture(_name(one, number), one, bgr) for number, one in enumerate(pictures, 1))
        with closing(recognise_pictures(self, items)) as outcomes:
            return [_faces_of(outcome) for outcome in outcomes]

    def faces(self, faces: NDArray[np.uint8]) -> list[Face]:
        """Return what the expressions of faces look like that were cut out already.

        Args:
            faces: uint8 (n, side, side), grey; n may be 0. Another side than the bundle's is resized.

        Raises:
            PictureError: It is no such array.
        """
        side = _checked(faces).shape[1]
        whole = Detection(Box(0.0, 0.0, float(side), float(side)), 1.0)
        return list(self.judge([whole] * len(faces), sized(faces, self.card.side)))

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
            PictureError: There is no such video, or it can't be read.
            MienError: An option is out of range.
        """
        from mien.predict.video.watch import WatchOptions, watch

        options = WatchOptions(every, start, end, detect_every, smooth)
        return watch(self, video, options, keep_images=keep_images, notice=_log.warning)

    def crops(
        self, picture: NDArray[np.uint8], detections: Sequence[Detection], framing: Framing | None = None
    ) -> NDArray[np.uint8]:
        """Return the grey faces (n, side, side) of an RGB picture, upright and framed as FER2013's.

        Args:
            picture: uint8, (height, width, 3).
            detections: The n faces.
            framing: How their boxes are cut; as the detector's unless given.
        """
        grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
        return crop_faces(grey, detections, self.card.side, framing or self.detector.framing)

    def judge(self, detections: Sequence[Detection], crops: NDArray[np.uint8]) -> tuple[Face, ...]:
        """Return a face for each detection and its crop (n, side, side)."""
        probabilities = self.engine(crops).probabilities
        return tuple(
            Face(
                box=detection.box,
                score=detection.score,
                classes=self.card.classes,
                scores=tuple(map(float, row)),
                threshold=self.threshold,
            )
            for detection, row in zip(detections, probabilities, strict=True)
        )


def _name(picture: PictureLike, number: int) -> str:
    return os.fspath(picture) if isinstance(picture, str | os.PathLike) else f"picture {number}"


def _faces_of(outcome: Result | Failure) -> tuple[Face, ...]:
    if isinstance(outcome, Failure):
        raise PictureError(outcome.message)
    return outcome.faces


def _checked(faces: NDArray[np.uint8]) -> NDArray[np.uint8]:
    found = f"{faces.dtype} {faces.shape}" if isinstance(faces, np.ndarray) else type(faces).__name__
    square = isinstance(faces, np.ndarray) and faces.ndim == 3 and faces.shape[1] == faces.shape[2] > 0
    if not (square and faces.dtype == np.uint8):
        raise PictureError(f"expected faces as uint8 (n, side, side), grey, got {found}")
    return faces
