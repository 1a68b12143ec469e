"""Position and size of each face's label, and of its probability bars where there is room."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

import numpy as np

from mien.drawing.base import LabeledFace
from mien.drawing.canvas import Rect, line_height, text_width
from mien.drawing.layout import (
    LabelLayout,
    Overlap,
    corner_positions,
    label_positions,
    margin_positions,
    panel_positions,
)
from mien.percent import percent

TEXT_SIZES: Final = (
    11, 12, 13, 14, 16, 18, 20, 23, 26, 30, 34, 39, 45, 51, 58, 67, 76, 87, 100, 115, 131, 150,
)  # fmt: skip
"""Font sizes in pixels. They are few, so that the size of text rarely changes in a video."""

MAX_BARS: Final = 8
"""With more classes, only the most probable ones get a bar."""

MAX_NAME: Final = 16
"""Characters of a class name; longer ones are cut."""

MAX_OWN_OVERLAP: Final = 0.12
"""Fraction of a face that its own label or bars may cover if there is no other position."""


class FaceRegion(NamedTuple):
    """A face on the canvas."""

    face: LabeledFace
    box: Rect
    number: int
    """Index of its box in the `LabelLayout`."""


class Label(NamedTuple):
    """A label at its position."""

    rect: Rect
    text: str
    size: int
    """Font size in pixels."""


class BarPanel(NamedTuple):
    """A panel of probability bars at its position."""

    rect: Rect
    size: int
    """Font size in pixels."""
    indices: tuple[int, ...]
    """The classes that have a bar, from top to bottom."""


def text_sizes(bounds: Rect, box: Rect) -> list[int]:
    """Return the font sizes to try for a face, the best first; smaller ones fit among many faces.

    The best size is proportional to the face, limited by the size of the image.
    """
    side = bounds.area**0.5
    best = np.clip(0.18 * box.area**0.5, 0.012 * side, max(14, 0.03 * side))
    return [size for size in reversed(TEXT_SIZES) if size <= best] or [TEXT_SIZES[0]]


def place_label(region: FaceRegion, layout: LabelLayout) -> Label:
    """Return a face's label, next to its box and not on another face where possible."""
    tried: list[tuple[Label, Overlap]] = []
    for label in _labels(region, layout):
        overlap = layout.overlap(label.rect, region.number)
        if not any(overlap):
            return label
        tried.append((label, overlap))
    for label, overlap in tried:
        if _is_acceptable(overlap, region.box):
            return label
    return min(tried, key=lambda one: 4 * one[1].others + one[1].own + 9 * one[1].outside)[0]


def place_bars(region: FaceRegion, label: Rect, layout: LabelLayout, *, alone: bool) -> BarPanel | None:
    """Return a face's bars at a position where they cover nothing; None if there is none.

    Args:
        region: The face.
        label: Position of its label.
        layout: The occupied areas.
        alone: Whether it is the only face. Then the bars may be in the margin or in a corner of the
            image, where they may cover a small part of the face.
    """
    panels = _panel_sizes(region, layout)
    indices = bar_indices(region.face)
    for size, width, height in panels:
        panel = (label, width, height, padding(size))
        in_margin = margin_positions(layout.margin, *panel) if alone else ()
        for rect in chain(in_margin, panel_positions(region.box, *panel)):
            if (alone or height <= region.box.height) and not any(layout.overlap(rect, region.number)):
                return BarPanel(rect, size, indices)
    for size, width, height in panels if alone else ():
        for rect in corner_positions(layout.bounds, width, height, padding(size)):
            if _is_acceptable(layout.overlap(rect, region.number), region.box):
                return BarPanel(rect, size, indices)
    return None


def bar_indices(face: LabeledFace) -> tuple[int, ...]:
    """Return the classes that get a bar: all in their order, or the most probable ones of many."""
    if len(face.classes) <= MAX_BARS:
        return tuple(range(len(face.classes)))
    return tuple(np.argsort(face.probabilities)[::-1][:MAX_BARS].tolist())


def column_widths(face: LabeledFace, indices: Sequence[int], size: int) -> tuple[int, int]:
    """Return the widths of a panel's names and of its percentages, in pixels."""
    names = max(text_width(shortened(face.classes[index]), size) for index in indices)
    return names, text_width(percent(1.0), size)


def shortened(name: str) -> str:
    """Return a class name of at most `MAX_NAME` characters."""
    return name if len(name) <= MAX_NAME else name[: MAX_NAME - 1] + "…"


def padding(size: int) -> int:
    """Return the space around text of a font size, in pixels."""
    return max(3, round(size / 3))


def _is_acceptable(overlap: Overlap, box: Rect) -> bool:
    """Return whether only a small part of the own face is covered."""
    return not overlap.others and not overlap.outside and overlap.own < MAX_OWN_OVERLAP * box.area


def _labels(region: FaceRegion, layout: LabelLayout) -> Iterator[Label]:
    """Yield the labels to try: with confidence before without, large before small."""
    for text in _texts(region.face):
        for size in text_sizes(layout.bounds, region.box):
            width, height = text_width(text, size) + 2 * padding(size), line_height(size)
            for rect in label_positions(region.box, width, height):
                yield Label(layout.clamped(rect), text, size)


def _texts(face: LabeledFace) -> tuple[str, str]:
    track = "" if face.track is None else f"#{face.track} "
    label = shortened(face.label) + ("?" if face.uncertain else "")
    return f"{track}{label} {percent(face.confidence)}", f"{track}{label}"


def _panel_sizes(region: FaceRegion, layout: LabelLayout) -> list[tuple[int, int, int]]:
    """Return font size, width and height of the panels to try, the largest first."""
    indices = bar_indices(region.face)
    best = text_sizes(layout.bounds, region.box)[0]
    return [
        (size, _panel_width(region.face, indices, size), len(indices) * line_height(size) + 2 * padding(size))
        for size in reversed(TEXT_SIZES)
        if 0.55 * best <= size <= best
    ]


def _panel_width(face: LabeledFace, indices: Sequence[int], size: int) -> int:
    names, numbers = column_widths(face, indices, size)
    return names + numbers + 4 * size + 4 * padding(size)
