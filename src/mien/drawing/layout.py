"""Positions of labels and bars: near their face, inside the image, and not on other faces."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final, NamedTuple

import numpy as np

from mien.drawing.canvas import Rect

CELLS: Final = 64
"""Cells of the grid on the longer side of the image."""

MIN_CELL: Final = 32
"""Smallest side of a cell in pixels."""


class Overlap(NamedTuple):
    """What a rectangle covers, in pixels."""

    others: int
    """Area of other faces and of their labels and bars."""
    own: int
    """Area of the face that it belongs to."""
    outside: int
    """Its own area outside of the image."""


class LabelLayout:
    """The occupied areas of an image, in a grid, so that the cost of a face depends on its neighbors only.

    Args:
        bounds: The whole canvas.
        faces: Boxes of the faces.
        margin: The part of the canvas beside the image; may have no width.
    """

    def __init__(self, bounds: Rect, faces: Sequence[Rect], margin: Rect) -> None:
        self.bounds = bounds
        self.margin = margin
        self._cell = max(MIN_CELL, max(bounds.width, bounds.height) // CELLS)
        self._rects: list[Rect] = []
        self._grid: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for face in faces:
            self.reserve(face)

    def reserve(self, rect: Rect) -> None:
        """Mark a rectangle as occupied."""
        for cell in self._cells(rect):
            self._grid[cell].append(len(self._rects))
        self._rects.append(rect)

    def overlap(self, rect: Rect, face: int) -> Overlap:
        """Return what a rectangle that belongs to the face with index `face` covers."""
        own, outside = (rect.intersection(other).area for other in (self._rects[face], self.bounds))
        near = {index for cell in self._cells(rect) for index in self._grid.get(cell, ())} - {face}
        if not near:
            return Overlap(0, own, rect.area - outside)
        others = np.array([self._rects[index] for index in near], np.int64)
        low, high = np.maximum(others[:, :2], rect[:2]), np.minimum(others[:, 2:], rect[2:])
        areas = np.maximum(high - low, 0).prod(axis=1)
        return Overlap(int(areas.sum()), own, rect.area - outside)

    def _cells(self, rect: Rect) -> Iterator[tuple[int, int]]:
        """Yield the cells of the grid that a rectangle touches."""
        rows = range(rect.top // self._cell, (rect.bottom - 1) // self._cell + 1)
        columns = range(rect.left // self._cell, (rect.right - 1) // self._cell + 1)
        return product(rows, columns)

    def clamped(self, rect: Rect) -> Rect:
        """Return a rectangle moved into the canvas; one that is too large is aligned left and top."""
        left = max(self.bounds.left, min(rect.left, self.bounds.right - rect.width))
        top = max(self.bounds.top, min(rect.top, self.bounds.bottom - rect.height))
        return Rect(left, top, left + rect.width, top + rect.height)


def label_positions(box: Rect, width: int, height: int) -> Iterator[Rect]:
    """Yield positions of a label, the best first: above its box, below, right, left, inside."""
    for top in (box.top - height, box.bottom):
        for left in (box.left, box.right - width, (box.left + box.right - width) // 2):
            yield Rect(left, top, left + width, top + height)
    for left in (box.right, box.left - width):
        for top in (box.top, box.bottom - height):
            yield Rect(left, top, left + width, top + height)
    for top in (box.top, box.bottom - height):
        yield Rect(box.left, top, box.left + width, top + height)


def margin_positions(margin: Rect, label: Rect, width: int, height: int, gap: int) -> Iterator[Rect]:
    """Yield positions of a panel of bars in the margin: at its top, or below the label."""
    left = margin.left + gap
    for top in (margin.top + gap, label.bottom + gap):
        yield Rect(left, top, left + width, top + height)


def panel_positions(box: Rect, label: Rect, width: int, height: int, gap: int) -> Iterator[Rect]:
    """Yield positions of a panel of bars near its box, the best first: right, left, below, above."""
    for left in (box.right + gap, box.left - width - gap):
        for top in (box.top, label.bottom + gap, box.bottom - height):
            yield Rect(left, top, left + width, top + height)
    for top in (box.bottom + gap, box.top - height - gap):
        for left in (box.left, box.right - width):
            yield Rect(left, top, left + width, top + height)


def corner_positions(bounds: Rect, width: int, height: int, gap: int) -> Iterator[Rect]:
    """Yield the corners of the canvas, the lower ones first: they rarely cover eyes or forehead."""
    for top in (bounds.bottom - height - gap, bounds.top + gap):
        for left in (bounds.right - width - gap, bounds.left + gap):
            yield Rect(left, top, left + width, top + height)
