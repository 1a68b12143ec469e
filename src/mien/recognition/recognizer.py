"""The recognizer: images in, faces with expressions out. `mien.load` returns it; the commands use it."""

import logging
import math
import os
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.arguments import FLAG, INTEGER, NUMBER, checked, of_type, optional, within
from mien.bundles.metadata import BundleMetadata
from mien.detection.base import Detection, Detector, Framing, require_detector
from mien.detection.box import Box
from mien.detection.provided.boxes import ProvidedBoxes, VideoBoxes, detections_of, frame_boxes
from mien.detection.selection import SelectingDetector, Selection
from mien.errors import ImageError, MienError
from mien.limits import MAX_THREADS
from mien.media.images.reading import ImageLike, is_one_image
from mien.recognition.arguments import require_crops, require_faces
from mien.recognition.components import Classifier, Components, require_threshold
from mien.recognition.detect_and_crop import detect_and_crop
from mien.recognition.engines.base import Engine, require_engine
from mien.recognition.face import Face, Result
from mien.recognition.pipeline import recognize_images
from mien.recognition.sources.items import Failure, ImageItem
from mien.runtime.threads import opencv_limited

_log = logging.getLogger("mien")


class Recognizer:
    """Detects the faces of an image and classifies their expressions. Thread-safe.

    `mien.load` makes one:

        recognizer = mien.load()
        for face in recognizer("photo.jpg"):
            print(face.label, face.confidence, face.box)

    Args:
        metadata: Of the bundle.
        engine: Runs the bundle.
        detector: Finds the faces.
        threshold: A face whose confidence is below this value is uncertain, 0 to 1; the threshold of
            the bundle by default.
        selection: Which of the detected faces are recognized; all by default.
        threads: Threads that decode a video, images that are searched at a time, and threads of OpenCV during
            a call; one per core by default.
        tolerate_truncated: Process what is there of JPEGs that end early, instead of raising an error.

    Attributes:
        components: The detector and the classifier.
        arguments: Those of `mien.load`, with which another process can load it again; None if there are none.
    """

    @checked(
        metadata=of_type(BundleMetadata, "the metadata of a bundle"),
        selection=optional(of_type(Selection, "a Selection")),
        threads=optional(within(INTEGER, 1, MAX_THREADS)),
        tolerate_truncated=FLAG,
    )
    def __init__(
        self,
        metadata: BundleMetadata,
        engine: Engine,
        detector: Detector,
        *,
        threshold: float | None = None,
        selection: Selection | None = None,
        threads: int | None = None,
        tolerate_truncated: bool = False,
    ) -> None:
        require_engine(engine)
        require_detector(detector)
        chosen = metadata.default_threshold if threshold is None else threshold
        require_threshold(chosen)
        selecting = SelectingDetector(detector, selection)
        self.components = Components(
            selecting, Classifier(metadata, engine, chosen), threads, tolerate_truncated
        )
        self.arguments: dict[str, Any] | None = None

    def __reduce__(self) -> tuple[Callable[..., "Recognizer"], tuple[dict[str, Any]]]:
        """Pickle the arguments of `mien.load`: each process loads the bundle and the detector again.

        Raises:
            MienError: The recognizer was not made by `mien.load`, or of an engine or a detector that is an
                object.
        """
        if self.arguments is None:
            raise MienError(
                "a recognizer of an engine or a detector that is an object can't be pickled or copied; "
                "call mien.load in each process instead"
            )
        from mien.recognition.load import load_again

        return load_again, (self.arguments | {"threshold": self.threshold},)

    def __repr__(self) -> str:
        return (
            f"<Recognizer of bundle {self.metadata.name!r}: {', '.join(self.classes)}; engine "
            f"{self.engine.name}, detector {self.detector.name}, uncertain below {self.threshold:.2f}>"
        )

    @property
    def metadata(self) -> BundleMetadata:
        """Metadata of the bundle."""
        return self.components.classifier.metadata

    @property
    def engine(self) -> Engine:
        """The engine that runs the bundle."""
        return self.components.classifier.engine

    @property
    def detector(self) -> Detector:
        """The face detector, before the selection of faces."""
        return self.components.detector.detector

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of `Face.probabilities`."""
        return self.metadata.classes

    @property
    def threshold(self) -> float:
        """A face whose confidence is below this value is uncertain, 0 to 1."""
        return self.components.classifier.threshold

    @threshold.setter
    def threshold(self, value: float) -> None:
        require_threshold(value)
        self.components.classifier.threshold = value

    def __call__(
        self, image: ImageLike, *, boxes: Iterable[Sequence[float]] | None = None, bgr: bool = False
    ) -> tuple[Face, ...]:
        """Return the faces of an image; see `recognize`."""
        return self.recognize(image, boxes=boxes, bgr=bgr, keep_image=False).faces

    @checked(ImageError, bgr=FLAG, keep_image=FLAG)
    def recognize(
        self,
        image: ImageLike,
        *,
        boxes: Iterable[Sequence[float]] | None = None,
        bgr: bool = False,
        keep_image: bool = True,
    ) -> Result:
        """Return the faces of an image, from left to right, as a result that can be plotted.

        Args:
            image: A path, the bytes of a file, a file opened with "rb", a Pillow image, or an array
                (height, width) or (height, width, 3 or 4): gray, RGB or RGBA.
            boxes: Boxes of the faces: left, top, width and height of each, in pixels of the upright
                image. No detector runs then, and the faces are in the order of the boxes.
            bgr: The channels of the array are in OpenCV's order.
            keep_image: Put the image into the result; `Result.plot` needs it.

        Raises:
            ImageError: The image can't be read, or a box is outside of it.
            DetectorError: One of `boxes` isn't a box.
        """
        name = os.fspath(image) if isinstance(image, str | os.PathLike) else "image"
        provided = None if boxes is None else ProvidedBoxes({name: detections_of(boxes)})
        item = ImageItem(name, image, bgr)
        found, crops = detect_and_crop(self.components, item, boxes=provided, keep_image=keep_image)
        faces = self.components.classifier.classify(found.detections, crops)
        return found.result(faces)

    @checked(ImageError, bgr=FLAG)
    def batch(self, images: Iterable[ImageLike], *, bgr: bool = False) -> list[tuple[Face, ...]]:
        """Return the faces of each image, in order: read by several threads, classified in batches.

        Memory holds a few of the images at a time, so `images` may be a generator of many. The first
        one that can't be read ends the call: where that may happen, call the recognizer for each image
        and catch the error.

        Args:
            images: As for a single one.
            bgr: The channels of those that are arrays are in OpenCV's order.

        Raises:
            ImageError: An image can't be read; the message names it.
        """
        if is_one_image(images):
            raise ImageError("batch takes a list of images; for one image, call the recognizer itself")
        items = (ImageItem(_name(image, number), image, bgr) for number, image in enumerate(images, 1))
        with closing(recognize_images(self.components, items)) as outcomes:
            return [_faces_of(outcome) for outcome in outcomes]

    def classify(self, faces: NDArray[np.uint8]) -> list[Face]:
        """Return the expressions of faces that are cropped already.

        Args:
            faces: uint8, gray (n, size, size) or RGB (n, size, size, 3); n may be 0. They are resized
                and converted to what the bundle expects.

        Raises:
            ImageError: It isn't such an array.
        """
        size = float(require_faces(faces).shape[1])
        detections = [Detection(Box(0.0, 0.0, size, size), 1.0)] * len(faces)
        classifier = self.components.classifier
        with opencv_limited(self.components.threads):
            crops = classifier.inputs(faces)
        return list(classifier.classify(detections, crops))

    @checked(every=INTEGER, start=NUMBER, end=NUMBER, detect_every=INTEGER, smooth=NUMBER, keep_images=FLAG)
    def stream(
        self,
        video: str | os.PathLike[str] | int,
        *,
        every: int = 1,
        start: float = 0.0,
        end: float = math.inf,
        detect_every: int = 3,
        smooth: float = 0.5,
        boxes: VideoBoxes | None = None,
        keep_images: bool = False,
    ) -> Generator[Result, None, None]:
        """Yield a result for each frame of a video; its faces have track numbers.

        Memory doesn't grow with the length of the video. Close the generator to end early.

        Args:
            video: A path, an address (rtsp://, http://…) or the number of a webcam.
            every: Process each n-th frame only.
            start: Seconds at which to begin.
            end: Seconds at which to end.
            detect_every: Run the detector on each n-th frame, and track faces in between.
            smooth: Time constant in seconds of the smoothing of probabilities; 0 is off.
            boxes: Boxes of the faces: left, top, width and height of each, in pixels of the upright frame,
                the same in all frames; or a dict of such lists by the number of the frame, from 0, where
                other frames have no faces. No detector runs then; faces are tracked.
            keep_images: Put the frames into the results.

        Raises:
            ImageError: There is no such video, it can't be read, or a box is outside of it.
            DetectorError: One of `boxes` isn't a box.
            MienError: An option is out of range.
        """
        from mien.recognition.video import VideoOptions, recognize_video

        options = VideoOptions(every, start, end, detect_every, smooth)
        provided = None if boxes is None else frame_boxes(boxes)
        return recognize_video(
            self.components, video, options, boxes=provided, keep_images=keep_images, notice=_log.warning
        )

    def crops(
        self, image: NDArray[np.uint8], detections: Sequence[Detection], framing: Framing | None = None
    ) -> NDArray[np.uint8]:
        """Return the faces of an image as the network gets them.

        Args:
            image: RGB uint8, (height, width, 3).
            detections: Boxes in pixels of the image, as a detector returns them.
            framing: How a box becomes the square of its face; that of the detector by default.

        Returns:
            uint8, gray (n, size, size) or RGB (n, size, size, 3), as the bundle requires.

        Raises:
            ImageError: `image` is not such an array, or `detections` are none.
        """
        require_crops(image, detections, framing)
        return self.components.crops(image, detections, framing)


def _name(image: ImageLike, number: int) -> str:
    return os.fspath(image) if isinstance(image, str | os.PathLike) else f"image {number}"


def _faces_of(outcome: Result | Failure) -> tuple[Face, ...]:
    if isinstance(outcome, Failure):
        raise ImageError(outcome.message)
    return outcome.faces
