"""Recognition as deepface and fer need it: recognizers that are loaded once, the largest face first."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection, Framing
from mien.detection.box import Box
from mien.detection.whole import WholeImage
from mien.recognition.face import Face
from mien.recognition.load import load
from mien.recognition.recognizer import Recognizer
from mien.runtime.threads import opencv_limited


@lru_cache(maxsize=8)
def shared_recognizer(bundle: str | Path, detector: str, min_face: float = 0.0) -> Recognizer:
    """Return the recognizer of a bundle and a detector; it is loaded on the first call.

    Raises:
        BundleError: The bundle is missing or damaged.
        DetectorError: The detector is not available.
    """
    return load(bundle, detector=detector, min_face=min_face)


def detect(
    recognizer: Recognizer, pixels: NDArray[np.uint8], *, align: bool = True, expand: float = 0.0
) -> list[Detection]:
    """Return the faces of an image, the largest first.

    Args:
        recognizer: Its detector finds them.
        pixels: RGB uint8 (height, width, 3).
        align: Rotate tilted heads upright when they are cropped.
        expand: Percent by which a box becomes wider and higher around its center.
    """
    with opencv_limited(recognizer.components.threads):
        found = recognizer.components.detector.detect(pixels)
    adjusted = [_adjusted(one, align=align, factor=1 + expand / 100) for one in found]
    return sorted(adjusted, key=lambda one: -one.box.width * one.box.height)


def whole_image(pixels: NDArray[np.uint8]) -> list[Detection]:
    """Return an image (height, width, 3) as its one face."""
    return WholeImage().detect(pixels)


def classify(
    recognizer: Recognizer,
    pixels: NDArray[np.uint8],
    detections: Sequence[Detection],
    framing: Framing | None = None,
) -> tuple[Face, ...]:
    """Return a face with its expression for each detection.

    Args:
        recognizer: Its bundle classifies them.
        pixels: RGB uint8 (height, width, 3).
        detections: The faces.
        framing: How a box becomes a square; that of the detector by default.
    """
    with opencv_limited(recognizer.components.threads):
        crops = recognizer.components.crops(pixels, detections, framing)
    return recognizer.components.classifier.classify(detections, crops)


def _adjusted(detection: Detection, *, align: bool, factor: float) -> Detection:
    left, top, width, height = detection.box
    wide, high = factor * width, factor * height
    box = Box(left - (wide - width) / 2, top - (high - height) / 2, wide, high)
    return replace(detection, box=box, tilt=detection.tilt if align else 0.0)
