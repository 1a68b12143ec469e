"""One image: read it, detect its faces and crop them. Single images and the pipeline share this step."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection, Framing
from mien.detection.boxes import ProvidedBoxes
from mien.errors import ImageError
from mien.media.images.reading import read_image
from mien.recognition.components import Components
from mien.recognition.sources.items import ImageItem


@dataclass(frozen=True, eq=False)
class DetectedImage:
    """An image and the faces that were detected in it.

    Attributes:
        source: Path or name of the image.
        width: In pixels.
        height: In pixels.
        detections: Its faces.
        image: RGB uint8 (height, width, 3), if it is kept.
        framing: How their boxes become squares.
    """

    source: str
    width: int
    height: int
    detections: Sequence[Detection]
    image: NDArray[np.uint8] | None
    framing: Framing


def detect_and_crop(
    components: Components, item: ImageItem, *, boxes: ProvidedBoxes | None = None, keep_image: bool = False
) -> tuple[DetectedImage, NDArray[np.uint8]]:
    """Read an image, detect its faces and crop them.

    Args:
        components: The detector, and the size and color of the crops.
        item: The image.
        boxes: Boxes of images that need no detector.
        keep_image: Return the pixels, too.

    Returns:
        The image, and its crops: uint8, (n, size, size) or (n, size, size, 3).

    Raises:
        MienError: The image can't be read, or a provided box is outside of it.
    """
    provided = None if boxes is None else boxes.of(item.source)
    image = read_image(item.content, bgr=item.bgr)
    require_inside(provided or (), image, item.source)
    found = components.detector.detect(image) if provided is None else provided
    framing = components.detector.framing if boxes is None or provided is None else boxes.framing
    height, width = image.shape[:2]
    detected = DetectedImage(item.source, width, height, found, image if keep_image else None, framing)
    return detected, components.crops(image, found, framing)


def require_inside(provided: Sequence[Detection], image: NDArray[np.uint8], source: str) -> None:
    """Raise ImageError for a box that doesn't intersect the image."""
    height, width = image.shape[:2]
    for number, (left, top, across, down) in enumerate((detection.box for detection in provided), 1):
        if not (left < width and top < height and left + across > 0 and top + down > 0):
            raise ImageError(
                f"{source}: box {number} ({left:g}, {top:g}, {across:g}, {down:g}) is outside of the "
                f"image, which has {width}x{height} pixels; expected left, top, width, height in pixels"
            )
