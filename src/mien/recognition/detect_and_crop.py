"""One image: read it, detect its faces and crop them. Single images and the pipeline share this step."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection, Framing
from mien.detection.crops import side_of
from mien.detection.moves import scaled
from mien.detection.provided.boxes import ProvidedBoxes
from mien.detection.reliability import TRUNCATED
from mien.errors import ImageError
from mien.media.images.decoding import Decoded, DecodeOptions
from mien.media.images.reading import read_decoded
from mien.recognition.components import Components
from mien.recognition.face import Face, Result
from mien.recognition.sources.items import ImageItem
from mien.runtime.threads import opencv_limited


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
        truncated: The file ends early; what is missing of it is gray.
    """

    source: str
    width: int
    height: int
    detections: Sequence[Detection]
    image: NDArray[np.uint8] | None
    framing: Framing
    truncated: bool = False

    def result(self, faces: tuple[Face, ...]) -> Result:
        """Return the result of the image with its classified faces."""
        return Result(
            self.source, self.width, self.height, faces,
            image=self.image, framing=self.framing, truncated=self.truncated,
        )  # fmt: skip


MARGIN: Final = 1.5
"""Longer side of a reduced image, at least, in longer sides of what the detector searches.

At 1.0 the two resampling steps change boxes by 3 % of a face, twice as much as JPEG compression does.
"""

MIN_OVERSAMPLING: Final = 2.0
"""Pixels of a reduced image per pixel of a crop, along each axis, at least."""


def detect_and_crop(
    components: Components, item: ImageItem, *, boxes: ProvidedBoxes | None = None, keep_image: bool = False
) -> tuple[DetectedImage, NDArray[np.uint8]]:
    """Read an image, detect its faces and crop them.

    A JPEG that is larger than what the detector searches is decoded at a fraction of its size. If a face in
    it is small, it is decoded and searched again in full.

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
    with opencv_limited(components.threads):
        return _detected_and_cropped(components, item, boxes, keep_image=keep_image)


def _detected_and_cropped(
    components: Components, item: ImageItem, boxes: ProvidedBoxes | None, *, keep_image: bool
) -> tuple[DetectedImage, NDArray[np.uint8]]:
    provided = None if boxes is None else boxes.of(item.source)
    side = None if keep_image or provided is not None else _searched_side(components, item)
    image = _read(components, item, side, fit=not keep_image)
    require_inside(provided or (), image.size, item.source)
    detect = components.detector.detect
    found = detect(image.pixels, image.scale) if provided is None else list(provided)
    framing = components.detector.framing if boxes is None or provided is None else boxes.framing
    if not _shows_enough(image, found, framing, components.classifier.metadata.size):
        image = _read(components, item, None, fit=True)
        found = detect(image.pixels, image.scale)
    crops = components.crops(image.pixels, _in_pixels(image, found), framing)
    if image.truncated:
        found = [replace(one, doubt=one.doubt or TRUNCATED) for one in found]
    kept = image.pixels if keep_image else None
    return DetectedImage(item.source, *image.size, found, kept, framing, image.truncated), crops


def _searched_side(components: Components, item: ImageItem) -> int | None:
    """Return the longer side in pixels that is enough; None for all, as where it can be read only once."""
    content = item.content
    is_file = isinstance(content, str | os.PathLike) and os.path.isfile(content)  # noqa: PTH113 - a null byte
    is_known = is_file or isinstance(content, bytes | bytearray | memoryview)
    longest = components.detector.longest if is_known else None
    return None if longest is None else round(MARGIN * longest)


def _read(components: Components, item: ImageItem, side: int | None, *, fit: bool) -> Decoded:
    options = DecodeOptions(side, components.tolerate_truncated, fit)
    return read_decoded(item.content, bgr=item.bgr, options=options)


def _shows_enough(image: Decoded, found: Sequence[Detection], framing: Framing, size: int) -> bool:
    """Whether each face has enough pixels in the image, or it is not reduced."""
    if image.scale == (1.0, 1.0):
        return True
    return all(side_of(one, framing) >= MIN_OVERSAMPLING * size for one in _in_pixels(image, found))


def _in_pixels(image: Decoded, found: Sequence[Detection]) -> Sequence[Detection]:
    """Return the faces in pixels of the image as it was decoded."""
    across, along = image.scale
    if (across, along) == (1.0, 1.0):
        return found
    return [scaled(one, 1 / across, 1 / along) for one in found]


def require_inside(provided: Sequence[Detection], size: tuple[int, int], source: str) -> None:
    """Check that all boxes intersect the image.

    Args:
        provided: Detections with boxes in pixels.
        size: Width and height of the image in pixels.
        source: Name of the image, for the message.

    Raises:
        ImageError: A box doesn't.
    """
    width, height = size
    for number, (left, top, across, down) in enumerate((detection.box for detection in provided), 1):
        if not (left < width and top < height and left + across > 0 and top + down > 0):
            raise ImageError(
                f"{source}: box {number} ({left:g}, {top:g}, {across:g}, {down:g}) is outside of the "
                f"image, which has {width}x{height} pixels; expected left, top, width, height in pixels"
            )
