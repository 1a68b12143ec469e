"""Draws recognized faces into their image, and writes the annotated image."""

from collections.abc import Sequence
from io import BytesIO
from math import ceil
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mien.arguments import items_of
from mien.detection.box import Box
from mien.drawing.annotations import BACKGROUND, draw_bars, draw_box, draw_label, draw_no_face
from mien.drawing.base import LabeledFace, LabeledFaces, require_labeled_face
from mien.drawing.canvas import Canvas, Rect, bounds
from mien.drawing.layout import LabelLayout
from mien.drawing.placement import FaceRegion, place_bars, place_label, text_sizes
from mien.errors import MienError
from mien.files.writing import write_bytes
from mien.limits import MAX_BOXES
from mien.media.images.reading import ImageLike, read_image
from mien.media.origin import FORMATS, origin_exif

MIN_SIDE: Final = 240
"""An image whose longer side is smaller is enlarged, since no text fits into it. In pixels."""

MAX_LABELS: Final = 300
"""Labels in an image: those of the largest faces."""

MARGIN: Final = 200
"""Width of the margin beside an enlarged image, in pixels."""


def draw(image: ImageLike, result: LabeledFaces) -> NDArray[np.uint8]:
    """Return an image with the box, label, confidence and probability bars of each face.

        result = mien.load().recognize("photo.jpg")
        annotated = mien.draw("photo.jpg", result)

    An uncertain face has a dashed frame, a dark label and a question mark. Bars are drawn only where they
    cover no face. Of more than 300 faces, the largest have labels. An image smaller than 240 pixels is
    enlarged by a whole number, with a margin for the text; all others keep their size. The size of the
    output follows from that of the image alone.

    Args:
        image: A path, an encoded image, a Pillow image, or an RGB array.
        result: Its faces, with boxes in pixels of the image.

    Returns:
        A new array, RGB uint8 (height, width, 3).

    Raises:
        ImageError: The image can't be read.
        MienError: `result` isn't a result of recognition.
    """
    if not hasattr(result, "faces"):
        raise MienError(f"a result of type {type(result).__name__}, expected one of recognition, with faces")
    faces = items_of(result.faces, "faces of the result", MAX_BOXES)
    for face in faces:
        require_labeled_face(face)
    return draw_faces(read_image(image), faces)


def draw_faces(image: NDArray[np.uint8], faces: Sequence[LabeledFace]) -> NDArray[np.uint8]:
    """Return an image with its faces drawn in, as `draw`.

    Args:
        image: RGB uint8 (height, width, 3), upright; it is not changed.
        faces: The faces, with boxes in pixels of the image.

    Returns:
        A new array, RGB uint8.
    """
    canvas, zoom = _make_canvas(image)
    visible = Rect(0, 0, zoom * image.shape[1], zoom * image.shape[0])
    boxes = [_to_pixels(face.box, zoom).intersection(visible) for face in faces]
    regions = [FaceRegion(*region) for region in zip(faces, boxes, range(len(boxes)), strict=True)]
    margin = bounds(canvas)._replace(left=visible.right)
    if margin.width and not regions:
        draw_no_face(canvas, margin)
    _draw(canvas, sorted(regions, key=_negative_area), LabelLayout(bounds(canvas), boxes, margin))
    return canvas


def write_annotated_image(path: Path, image: NDArray[np.uint8], origin: str = "") -> None:
    """Write an annotated image as PNG or JPEG, atomically, with the mark of `mien.media.origin`.

    Args:
        path: The file; its ending selects the format.
        image: RGB uint8 (height, width, 3).
        origin: Key of its source, from `source_key`.

    Raises:
        MienError: The ending is another one, or the file can't be written.
    """
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        expected = ", ".join(FORMATS)
        raise MienError(
            f"{path}: can't write an image with the ending {path.suffix!r}; expected one of {expected}",
            path=path, expected=expected,
        )  # fmt: skip
    content = BytesIO()
    Image.fromarray(image).save(content, kind, quality=92, compress_level=3, exif=origin_exif(origin))
    write_bytes(path, content.getvalue())


def _draw(canvas: Canvas, regions: Sequence[FaceRegion], layout: LabelLayout) -> None:
    """Draw the faces, the largest first: their labels and bars are placed first."""
    for face, box, _ in regions:
        draw_box(canvas, face, box, text_sizes(layout.bounds, box)[0])
    regions = regions[:MAX_LABELS]
    labels = []
    for region in regions:
        labels.append(place_label(region, layout))
        layout.reserve(labels[-1].rect)
    for region, label in zip(regions, labels, strict=True):
        panel = place_bars(region, label.rect, layout, alone=len(regions) == 1)
        if panel is not None:
            layout.reserve(panel.rect)
            draw_bars(canvas, region.face, panel)
    for region, label in zip(regions, labels, strict=True):
        draw_label(canvas, region.face, label)


def _negative_area(region: FaceRegion) -> int:
    return -region.box.area


def _make_canvas(image: NDArray[np.uint8]) -> tuple[Canvas, int]:
    """Return a copy of an image to draw on, and the factor by which it is enlarged."""
    height, width = image.shape[:2]
    if max(height, width) >= MIN_SIDE:
        return image.copy(), 1
    zoom = ceil(MIN_SIDE / max(height, width))
    large = cv2.resize(image, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
    wide = cv2.copyMakeBorder(large, 0, 0, 0, MARGIN, cv2.BORDER_CONSTANT, value=BACKGROUND)
    return np.asarray(wide, np.uint8), zoom


def _to_pixels(box: Box, zoom: int) -> Rect:
    left, top = round(zoom * box.left), round(zoom * box.top)
    return Rect(left, top, round(zoom * (box.left + box.width)), round(zoom * (box.top + box.height)))
