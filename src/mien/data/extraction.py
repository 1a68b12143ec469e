"""The face of an image of a data set: the image itself, a box in it, or the face that a detector finds.

Detected faces are cropped as in recognition, with the framing of the detector.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.data.reading import FaceShape
from mien.detection.base import Detection
from mien.detection.box import Box
from mien.detection.crops import crop_faces
from mien.detection.findings import find_faces
from mien.detection.provided.boxes import ProvidedBoxes
from mien.detection.reliability import limits_of
from mien.detection.selection import Selection
from mien.errors import ImageError
from mien.media.images.pixels import with_channels
from mien.media.images.reading import decode
from mien.media.images.resize import resize, resize_window, square_window

LARGEST: Final = Selection(largest=True)


class Extracted(NamedTuple):
    """The face of an image.

    Attributes:
        face: uint8, (size, size) or (size, size, 3); None if no face was detected.
        width: Of the image, in pixels.
        height: Of the image, in pixels.
        detected: Number of faces that were detected; None if no detector was run.
    """

    face: NDArray[np.uint8] | None
    width: int
    height: int
    detected: int | None = None


def extract_face(content: bytes, shape: FaceShape, box: tuple[float, ...] | None = None) -> Extracted:
    """Decode an image and return its face; of several detected faces, the largest.

    Args:
        content: The bytes of a file.
        shape: Size and channels of the face, and the detector if faces are to be detected.
        box: Left, top, width and height of the face in pixels of the upright image. No detector is run then.

    Raises:
        ImageError: The image can't be decoded, or the box lies outside of it. The message doesn't name the
            file.
    """
    image = decode(content)
    height, width = image.shape[:2]
    if box is not None:
        return Extracted(_at(image, Box(*box), shape), width, height)
    if shape.detector is None:
        return Extracted(resize(with_channels(image, shape.channels), shape.size), width, height)
    found = find_faces(shape.detector, with_channels(image, 3))
    if not found:
        return Extracted(None, width, height, 0)
    pixels = with_channels(image, shape.channels)
    low = limits_of(shape.detector).low
    (face,) = crop_faces(pixels, LARGEST.of(found, low), shape.size, shape.detector.framing)
    return Extracted(face, width, height, clear_faces(found, low))


def clear_faces(detections: Sequence[Detection], low: float) -> int:
    """Return the number of faces in an image, at least 1: boxes with a score below `low` are rarely faces."""
    return max(1, sum(found.score >= low for found in detections))


def _at(image: NDArray[np.uint8], box: Box, shape: FaceShape) -> NDArray[np.uint8]:
    """The face at a box: framed as boxes of recognition where faces are detected, else the box itself."""
    height, width = image.shape[:2]
    left, top, across, down = box
    if not (left < width and top < height and left + across > 0 and top + down > 0):
        raise ImageError(
            f"box {left:g},{top:g},{across:g},{down:g} lies outside of the image of {width}x{height} pixels; "
            "expected left,top,width,height"
        )
    pixels = with_channels(image, shape.channels)
    if shape.detector is None:
        return resize_window(pixels, square_window(*box), shape.size)
    (face,) = crop_faces(pixels, [Detection(box, 1.0)], shape.size, ProvidedBoxes.framing)
    return np.asarray(face, np.uint8)
