"""The recognizer: pictures in, faces out. What `mien.load()` returns, and every command uses."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.bundle.card import Card
from mien.predict.detect.base import Detection, Detector
from mien.predict.detect.crop import crop_faces
from mien.predict.engine.base import Engine
from mien.predict.face import Face


class Recognizer:
    """Finds the faces of a picture and says what their expressions look like. Thread-safe.

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

    def crops(
        self, picture: NDArray[np.uint8], detections: Sequence[Detection], detector: Detector | None = None
    ) -> NDArray[np.uint8]:
        """Return the grey faces (n, side, side) of an RGB picture, upright and framed as FER2013's."""
        framing = (detector or self.detector).framing
        grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
        return crop_faces(grey, detections, self.card.side, framing)

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
