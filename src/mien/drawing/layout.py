"""Where labels and bars go: beside their face, inside the picture, on nobody else's face."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from mien.drawing.canvas import Rect


class Hidden(NamedTuple):
    """What a rectangle would hide, in pixels."""

    others: int
    """Of other faces, and of their labels and bars."""
    own: int
    """Of the face that it belongs to."""
    cut: int
    """Of itself, outside of the picture."""


class LabelLayout:
    """A picture with what is taken in it.

    Args:
        whole: The picture.
        faces: Boxes of the faces, which should stay free.
        margin: Of the picture, where nothing is to be seen; perhaps without any width.
    """

    def __init__(self, whole: Rect, faces: Sequence[Rect], margin: Rect) -> None:
        self.whole = whole
        self.margin = margin
        self._taken = np.array(faces, np.int64).reshape(-1, 4)

    def take(self, rect: Rect) -> None:
        """Let nothing else be put there."""
        self._taken = np.vstack([self._taken, [rect]])

    def hidden(self, rect: Rect, face: int) -> Hidden:
        """Return what a rectangle hides that belongs to one of the faces."""
        low = np.maximum(self._taken[:, :2], rect[:2])
        high = np.minimum(self._taken[:, 2:], rect[2:])
        areas = np.maximum(high - low, 0).prod(axis=1)
        own = int(areas[face])
        return Hidden(int(areas.sum()) - own, own, rect.area - rect.within(self.whole).area)

    def inside(self, rect: Rect) -> Rect:
        """Return a rectangle pushed into the picture, to its left top corner where it is too large."""
        left = max(self.whole.left, min(rect.left, self.whole.right - rect.width))
        top = max(self.whole.top, min(rect.top, self.whole.bottom - rect.height))
        return Rect(left, top, left + rect.width, top + rect.height)


def around(box: Rect, width: int, height: int) -> Iterator[Rect]:
    """Yield places for a line of text at a box, the best first: above, below, right, left, inside."""
    for top in (box.top - height, box.bottom):
        for left in (box.left, box.right - width, (box.left + box.right - width) // 2):
            yield Rect(left, top, left + width, top + height)
    for left in (box.right, box.left - width):
        for top in (box.top, box.bottom - height):
            yield Rect(left, top, left + width, top + height)
    for top in (box.top, box.bottom - height):
        yield Rect(box.left, top, box.left + width, top + height)


def aside(margin: Rect, label: Rect, width: int, height: int, gap: int) -> Iterator[Rect]:
    """Yield places for a panel at the top of a margin, where a label may be."""
    left = margin.left + gap
    for top in (margin.top + gap, label.bottom + gap):
        yield Rect(left, top, left + width, top + height)


def beside(box: Rect, label: Rect, width: int, height: int, gap: int) -> Iterator[Rect]:
    """Yield places for a panel at a box that has a label, the best first: right, left, below, above."""
    for left in (box.right + gap, box.left - width - gap):
        for top in (box.top, label.bottom + gap, box.bottom - height):
            yield Rect(left, top, left + width, top + height)
    for top in (box.bottom + gap, box.top - height - gap):
        for left in (box.left, box.right - width):
            yield Rect(left, top, left + width, top + height)


def corners(whole: Rect, width: int, height: int, gap: int) -> Iterator[Rect]:
    """Yield the corners of the picture, the best first: those below, where no forehead or eye is."""
    for top in (whole.bottom - height - gap, whole.top + gap):
        for left in (whole.right - width - gap, whole.left + gap):
            yield Rect(left, top, left + width, top + height)
