"""Positions of labels and bars: near their face, inside the image, and not on other faces."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from mien.drawing.canvas import Rect


class Overlap(NamedTuple):
    """What a rectangle covers, in pixels."""

    others: int
    """Area of other faces and of their labels and bars."""
    own: int
    """Area of the face that it belongs to."""
    outside: int
    """Its own area outside of the image."""


class LabelLayout:
    """The occupied areas of an image.

    Args:
        bounds: The whole canvas.
        faces: Boxes of the faces.
        margin: The part of the canvas beside the image; may have no width.
    """

    def __init__(self, bounds: Rect, faces: Sequence[Rect], margin: Rect) -> None:
        self.bounds = bounds
        self.margin = margin
        self._occupied = np.array(faces, np.int64).reshape(-1, 4)

    def reserve(self, rect: Rect) -> None:
        """Mark a rectangle as occupied."""
        self._occupied = np.vstack([self._occupied, [rect]])

    def overlap(self, rect: Rect, face: int) -> Overlap:
        """Return what a rectangle that belongs to the face with index `face` covers."""
        low = np.maximum(self._occupied[:, :2], rect[:2])
        high = np.minimum(self._occupied[:, 2:], rect[2:])
        areas = np.maximum(high - low, 0).prod(axis=1)
        own = int(areas[face])
        return Overlap(int(areas.sum()) - own, own, rect.area - rect.intersection(self.bounds).area)

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
