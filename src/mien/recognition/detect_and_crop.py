"""One picture: read, its faces found and cut out. What a single picture and the pipeline have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from mien.detection.base import Detection, Framing
from mien.errors import ImageError
from mien.media.images.reading import read_image
from mien.recognition.sources.items import Picture

if TYPE_CHECKING:
    from mien.recognition.recognizer import Recognizer


class Boxes(Protocol):
    """Faces that are known already."""

    framing: Framing

    def of(self, source: str) -> list[Detection] | None:
        """Return the faces of a picture; None leaves them to the detector."""
        ...


@dataclass(frozen=True, eq=False)
class Seen:
    """A picture that was searched for faces.

    Attributes:
        source: Its name.
        width: In pixels.
        height: In pixels.
        detections: Its faces.
        image: The picture, where somebody will draw on it.
    """

    source: str
    width: int
    height: int
    detections: Sequence[Detection]
    image: NDArray[np.uint8] | None


def look_at(
    recognizer: "Recognizer", picture: Picture, *, boxes: Boxes | None = None, keep_image: bool = False
) -> tuple[Seen, NDArray[np.uint8]]:
    """Read a picture, find its faces and cut them out; return it with its crops, uint8 (n, side, side).

    Raises:
        MienError: It can't be read, or a known face lies outside of it.
    """
    known = boxes.of(picture.source) if boxes is not None else None
    image = read_image(picture.content, bgr=picture.bgr)
    _refuse_outside(known or (), image, picture.source)
    found = recognizer.detector.detect(image) if known is None else known
    framing = boxes.framing if boxes is not None and known is not None else None
    height, width = image.shape[:2]
    seen = Seen(picture.source, width, height, found, image if keep_image else None)
    return seen, recognizer.crops(image, found, framing)


def _refuse_outside(known: Sequence[Detection], image: NDArray[np.uint8], source: str) -> None:
    """Raise ImageError for a box that shares nothing with the picture."""
    height, width = image.shape[:2]
    for number, (left, top, across, down) in enumerate((detection.box for detection in known), 1):
        if not (left < width and top < height and left + across > 0 and top + down > 0):
            raise ImageError(
                f"{source}: box {number} ({left:g}, {top:g}, {across:g}, {down:g}) lies outside of the "
                f"picture, which has {width}x{height} pixels; expected left, top, width, height in its pixels"
            )
