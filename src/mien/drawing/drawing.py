"""A result drawn on its picture, and the picture written."""

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mien.detection.box import Box
from mien.drawing.annotations import (
    PLATE,
    Spot,
    draw_bars,
    draw_box,
    draw_label,
    draw_nobody,
    place_bars,
    place_label,
    sizes_for,
)
from mien.drawing.base import LabeledFace
from mien.drawing.canvas import Picture, Rect, whole
from mien.drawing.layout import LabelLayout
from mien.errors import MienError
from mien.files import replacing
from mien.media.origin import KINDS, origin_exif

SMALL: Final = 240
"""A picture whose longer side has fewer pixels is enlarged, since no word fits into it."""

MARGIN: Final = 200
"""Width of the panel beside an enlarged picture, in pixels."""


def draw_faces(image: NDArray[np.uint8], faces: Sequence[LabeledFace]) -> NDArray[np.uint8]:
    """Return the picture with the box, label, confidence and bars of each face.

    An uncertain face has a dashed frame, a dark label and a question mark. Bars are drawn where they cover
    nobody. A picture of under 240 pixels comes back enlarged by a whole number, with a panel beside
    it; all others keep their size. The size depends on that of the picture alone.

    Args:
        image: RGB uint8 (height, width, 3), upright; it stays as it is.
        faces: The faces; their boxes are in pixels of the image.

    Returns:
        A new array, RGB uint8.
    """
    picture, zoom = _canvas(image)
    seen = Rect(0, 0, zoom * image.shape[1], zoom * image.shape[0])
    boxes = [_pixels(face.box, zoom).within(seen) for face in faces]
    spots = [Spot(*found) for found in zip(faces, boxes, range(len(boxes)), strict=True)]
    margin = whole(picture)._replace(left=seen.right)
    if margin.width and not spots:
        draw_nobody(picture, margin)
    _draw(picture, sorted(spots, key=lambda spot: -spot.box.area), LabelLayout(whole(picture), boxes, margin))
    return picture


def write_annotated_image(path: Path, image: NDArray[np.uint8], origin: str = "") -> None:
    """Write RGB pixels as a PNG or JPEG, after the suffix, atomically, marked as drawn by mien.

    Args:
        path: Where to.
        image: RGB uint8 (height, width, 3).
        origin: What stands for its source, of `origin.source_key`.

    Raises:
        MienError: Another suffix, or the file can't be written.
    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise MienError(f"{path}: can't write a picture of the kind {path.suffix!r}; use {', '.join(KINDS)}")
    with replacing(path) as temporary:
        Image.fromarray(image).save(temporary, kind, quality=92, compress_level=3, exif=origin_exif(origin))


def _draw(picture: Picture, spots: Sequence[Spot], room: LabelLayout) -> None:
    """Draw the faces, the largest first: their labels and bars choose first, and lie below the others'."""
    for face, box, _ in spots:
        draw_box(picture, face, box, sizes_for(room.whole, box)[0])
    labels = []
    for spot in spots:
        labels.append(place_label(spot, room))
        room.take(labels[-1].place)
    for spot, label in zip(spots, labels, strict=True):
        bars = place_bars(spot, label.place, room, alone=len(spots) == 1)
        if bars is not None:
            room.take(bars.place)
            draw_bars(picture, spot.face, bars)
    for spot, label in zip(spots, labels, strict=True):
        draw_label(picture, spot.face, label)


def _canvas(image: NDArray[np.uint8]) -> tuple[Picture, int]:
    """Return a copy to draw on, and by how much it is enlarged."""
    height, width = image.shape[:2]
    if max(height, width) >= SMALL:
        return image.copy(), 1
    zoom = ceil(SMALL / max(height, width))
    large = cv2.resize(image, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
    wide = cv2.copyMakeBorder(large, 0, 0, 0, MARGIN, cv2.BORDER_CONSTANT, value=PLATE)
    return np.asarray(wide, np.uint8), zoom


def _pixels(box: Box, zoom: int) -> Rect:
    left, top = round(zoom * box.left), round(zoom * box.top)
    return Rect(left, top, round(zoom * (box.left + box.width)), round(zoom * (box.top + box.height)))
