"""The parts that recognition is made of: a detector that finds faces and a classifier that labels them.

`Recognizer` owns them; the pipeline and the video take them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.arguments import NUMBER, shown, within
from mien.bundles.metadata import BundleMetadata
from mien.bundles.outputs import check_probabilities
from mien.detection.base import Detection, Framing
from mien.detection.crops import crop_faces
from mien.detection.selection import SelectingDetector
from mien.errors import MienError
from mien.media.images.pixels import with_channels
from mien.media.images.resize import resize
from mien.recognition.engines.base import Engine
from mien.recognition.face import Face, face_of

_SHARE: Final = within(NUMBER, 0, 1)


@dataclass
class Classifier:
    """Labels cropped faces. Calling its methods is thread-safe.

    Attributes:
        metadata: Of the bundle.
        engine: Runs the bundle.
        threshold: A face whose confidence is below this value is uncertain, 0 to 1; so is a doubtful
            detection with any confidence.
    """

    metadata: BundleMetadata
    engine: Engine
    threshold: float

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of an input: (size, size) for gray, (size, size, 3) for RGB."""
        return self.metadata.input_shape

    def no_crops(self) -> NDArray[np.uint8]:
        """Return the input for zero faces, uint8 (0, size, size) or (0, size, size, 3)."""
        return np.empty((0, *self.shape), np.uint8)

    def inputs(self, faces: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return faces of any size and color as inputs.

        Args:
            faces: uint8, (n, height, width) or (n, height, width, 3); n may be 0.
        """
        if faces.shape[1:] == self.shape:
            return faces
        converted = (
            resize(with_channels(face, self.metadata.channels), self.metadata.size) for face in faces
        )
        return np.array(list(converted), np.uint8).reshape(-1, *self.shape)

    def probabilities(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the calibrated probabilities (n, classes) of inputs (n, *shape).

        Raises:
            BundleError: The engine, which may be that of a plug-in, returns something else.
        """
        found = self.engine(crops).probabilities
        check_probabilities(found, (len(crops), len(self.metadata.classes)), self.metadata.name)
        return found

    def classify(self, detections: Sequence[Detection], crops: NDArray[np.uint8]) -> tuple[Face, ...]:
        """Return a face for each detection and its crop (n, *shape)."""
        return self.faces(detections, self.probabilities(crops))

    def faces(
        self,
        detections: Sequence[Detection],
        probabilities: NDArray[np.floating],
        tracks: Iterable[int] | None = None,
    ) -> tuple[Face, ...]:
        """Return a face for each detection and its probabilities (n, classes).

        Args:
            detections: n of them.
            probabilities: (n, classes).
            tracks: Number of the track of each face, in a video.
        """
        numbers = [None] * len(detections) if tracks is None else list(tracks)
        return tuple(
            face_of(detection, self.metadata.classes, row, self.threshold, track)
            for detection, row, track in zip(detections, probabilities.tolist(), numbers, strict=True)
        )


@dataclass
class Components:
    """A detector and a classifier.

    Attributes:
        detector: Finds the faces.
        classifier: Labels them.
        threads: Threads that decode a video, images that are searched at a time, and threads of OpenCV during
            a call; None is one per core.
        tolerate_truncated: Process what is there of JPEGs that end early.
    """

    detector: SelectingDetector
    classifier: Classifier
    threads: int | None = None
    tolerate_truncated: bool = False

    def crops(
        self, image: NDArray[np.uint8], detections: Sequence[Detection], framing: Framing | None = None
    ) -> NDArray[np.uint8]:
        """Crop faces out of an image, each upright and framed as in FER2013.

        Args:
            image: RGB uint8 (height, width, 3).
            detections: The n faces.
            framing: How a box becomes a square; that of the detector by default.

        Returns:
            uint8, (n, size, size) or (n, size, size, 3), as the bundle expects.
        """
        pixels = with_channels(image, self.classifier.metadata.channels)
        size = self.classifier.metadata.size
        return crop_faces(pixels, detections, size, framing or self.detector.framing)


def _shown(threshold: object) -> str:
    return f"{threshold:g}" if isinstance(threshold, float) else shown(threshold)


def require_threshold(threshold: object) -> None:
    """Check the threshold of confidence.

    Raises:
        MienError: It isn't a number from 0 to 1.
    """
    if not _SHARE.accepts(threshold):
        raise MienError(f"threshold {_shown(threshold)}: expected a probability, 0 to 1")
