"""Faces of a page on one sheet: many small images as one WebP, of limited size."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.figures.inline_images import encode_webp, thumbnail, webp_uri
from mien.predictions import Predictions

MOST_FACES: Final = 4_000
MOST_BYTES: Final = 1_900_000
"""Of the WebP; base64 takes a third more."""
LARGEST_SIDE: Final = 64
"""Larger faces are scaled down."""
QUALITIES: Final = (62, 45, 30)


@dataclass(frozen=True)
class FaceSheet:
    """Faces in rows on one image.

    Attributes:
        rows: (m,), indices in the predictions; the place of a face is that of its index in this array.
        columns: Faces in a row of the sheet.
        uri: The image as a data URI.
    """

    rows: NDArray[np.int64]
    columns: int
    uri: str


def face_sheet(predictions: Predictions, most: int = MOST_FACES) -> FaceSheet:
    """Return a sheet of the faces of `predictions`, which must have images.

    Of more than `most` faces, and of those that take too many bytes, it has a selection, see `selection`.
    """
    images = predictions.require_images("galleries")
    while True:
        rows = selection(predictions, most)
        columns = max(1, int(np.ceil(np.sqrt(len(rows)))))
        sheet = _tiled(images[rows], columns)
        for quality in QUALITIES:
            content = encode_webp(sheet, quality)
            if len(content) <= MOST_BYTES or len(rows) == 1:
                return FaceSheet(rows, columns, webp_uri(content))
        most = len(rows) // 2


def selection(predictions: Predictions, most: int) -> NDArray[np.int64]:
    """Return the indices of up to `most` faces, (m,), ascending.

    Cells of the confusion matrix take turns, so rare confusions are complete. Within a cell faces are at
    equal distances.
    """
    n, k = len(predictions), len(predictions.classes)
    if n <= most:
        return np.arange(n)
    cells = predictions.labels * k + predictions.predicted
    turn = np.empty(n, np.int64)
    for cell in np.unique(cells):
        members = np.flatnonzero(cells == cell)
        # Bit-reversed positions: any first part of them is spread over the whole cell.
        turn[members] = np.argsort(np.argsort(_spread(len(members)), kind="stable"), kind="stable")
    return np.sort(np.argsort(turn, kind="stable")[:most])


def _spread(n: int) -> NDArray[np.float64]:
    """The van der Corput sequence in base 2 of 0 to n - 1."""
    index, found, weight = np.arange(n), np.zeros(n), 0.5
    while index.any():
        found += weight * (index & 1)
        index, weight = index >> 1, weight / 2
    return found


def _tiled(images: NDArray[np.uint8], columns: int) -> NDArray[np.uint8]:
    side = min(images.shape[1], LARGEST_SIDE)
    rows = -(-len(images) // columns)
    sheet = np.zeros((rows * side, columns * side, *images.shape[3:]), np.uint8)
    for number, image in enumerate(images):
        top, left = side * (number // columns), side * (number % columns)
        sheet[top : top + side, left : left + side] = thumbnail(image, side)
    return sheet
