"""What one face gets: a label, and bars where there is room for them."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

import numpy as np

from mien.drawing.base import LabeledFace
from mien.drawing.canvas import (
    BLACK,
    WHITE,
    Color,
    Picture,
    Rect,
    contrast,
    dashes,
    fill,
    frame,
    line_height,
    text_width,
    write,
)
from mien.drawing.layout import LabelLayout, around, aside, beside, corners
from mien.labels import colors_of

SIZES: Final = (11, 12, 13, 14, 16, 18, 20, 23, 26, 30, 34, 39, 45, 51, 58, 67, 76, 87, 100, 115, 131, 150)
"""Heights of text in pixels. Few of them, so that words in a video don't change size all the time."""

NOTE: Final = 14
"""Height of the text that stands for no face."""

MOST_BARS: Final = 8
"""With more classes than that the most probable ones get a bar."""

MOST_HIDDEN: Final = 0.12
"""Share of a face that its own label or bars may hide where there is no other room."""

PLATE: Final[Color] = (24, 24, 27)
TRACK: Final[Color] = (74, 74, 80)
QUIET: Final[Color] = (200, 200, 205)


class Spot(NamedTuple):
    """A face in the picture that is drawn on."""

    face: LabeledFace
    box: Rect
    number: int
    """Which of the room's faces it is."""


class Line(NamedTuple):
    """A label in its place."""

    place: Rect
    words: str
    size: int


class Bars(NamedTuple):
    """A panel of bars in its place."""

    place: Rect
    size: int
    ranks: tuple[int, ...]
    """The classes that get one, from top to bottom."""


def sizes_for(whole: Rect, box: Rect) -> list[int]:
    """Return the sizes of text to try for a face, the best first.

    In proportion to the face, but neither lost nor loud in the picture; smaller where it is crowded.
    """
    picture = whole.area**0.5
    wished = np.clip(0.18 * box.area**0.5, 0.012 * picture, max(14, 0.03 * picture))
    return [size for size in reversed(SIZES) if size <= wished] or [SIZES[0]]


def place_label(spot: Spot, room: LabelLayout) -> Line:
    """Find a place for a face's label: beside its box, on nobody else's face, if that can be."""
    tried = []
    for line in _lines(spot, room):
        hidden = room.hidden(line.place, spot.number)
        if not any(hidden):
            return line
        tried.append((line, hidden))
    for line, hidden in tried:
        if not hidden.others and not hidden.cut and hidden.own < MOST_HIDDEN * spot.box.area:
            return line
    return min(tried, key=lambda one: 4 * one[1].others + one[1].own + 9 * one[1].cut)[0]


def place_bars(spot: Spot, label: Rect, room: LabelLayout, *, alone: bool) -> Bars | None:
    """Find a place for a face's bars where nothing is hidden; None where there is none.

    Args:
        spot: The face.
        label: Where its label is.
        room: The picture, and what else is in it.
        alone: No other face is there. Then the corners of the picture can be meant for this one, too,
            and may hide a little of it.
    """
    panels = _panels(spot, room)
    for size, width, height in panels:
        panel = (label, width, height, _pad(size))
        for place in chain(aside(room.margin, *panel) if alone else (), beside(spot.box, *panel)):
            if (alone or height <= spot.box.height) and not any(room.hidden(place, spot.number)):
                return Bars(place, size, _ranks(spot.face))
    for size, width, height in panels if alone else ():
        for place in corners(room.whole, width, height, _pad(size)):
            hidden = room.hidden(place, spot.number)
            if not hidden.others and not hidden.cut and hidden.own < MOST_HIDDEN * spot.box.area:
                return Bars(place, size, _ranks(spot.face))
    return None


def draw_box(picture: Picture, face: LabeledFace, box: Rect, size: int) -> None:
    """Draw a face's frame in the color of its label: dashed where it is uncertain, visible on any ground."""
    width = max(1, min(round(size / 6), round(min(box.width, box.height) / 14)))
    color = _colors(face.classes)[face.classes.index(face.label)]
    hair = max(1, width // 3)
    frame(picture, box.grown(hair), hair, BLACK, 0.55)
    frame(picture, box.grown(-width), hair, WHITE, 0.45)
    if not face.uncertain:
        frame(picture, box, width, color)
        return
    frame(picture, box, width, PLATE, 0.9)
    dashes(picture, box, width, color, length=max(4, min(3 * width + 4, box.width // 5)))


def draw_label(picture: Picture, face: LabeledFace, line: Line) -> None:
    """Write a face's label on a plate of its color; an uncertain one on a dark plate."""
    color = _colors(face.classes)[face.classes.index(face.label)]
    fill(picture, line.place, PLATE if face.uncertain else color)
    if face.uncertain:
        frame(picture, line.place, max(1, line.size // 12), color)
    at = (line.place.left + _pad(line.size), line.place.top)
    write(picture, at, line.words, line.size, WHITE if face.uncertain else contrast(color))


def draw_nobody(picture: Picture, margin: Rect) -> None:
    """Say in the margin of an enlarged picture, which would be empty else, that there is no face."""
    write(picture, (margin.left + _pad(NOTE), _pad(NOTE)), "no face", NOTE, QUIET)


def draw_bars(picture: Picture, face: LabeledFace, bars: Bars) -> None:
    """Draw a bar a class, with its name and percentage."""
    pad, height = _pad(bars.size), line_height(bars.size)
    names, numbers = _columns(face, bars.ranks, bars.size)
    fill(picture, bars.place, PLATE, 0.8)
    start, end = bars.place.left + names + 2 * pad, bars.place.right - numbers - 2 * pad
    thick = max(3, round(0.55 * bars.size))
    for row, rank in enumerate(bars.ranks):
        top = bars.place.top + pad + row * height
        ink = WHITE if face.classes[rank] == face.label else QUIET
        write(picture, (bars.place.left + pad, top), _short(face.classes[rank]), bars.size, ink)
        words = _percent(face.probabilities[rank])
        at = bars.place.right - pad - text_width(words, bars.size)
        write(picture, (at, top), words, bars.size, ink)
        track = Rect(start, top + (height - thick + 1) // 2, end, top + (height + thick + 1) // 2)
        fill(picture, track, TRACK)
        long = round(track.width * face.probabilities[rank])
        fill(picture, track._replace(right=start + long), _colors(face.classes)[rank])


def _wordings(face: LabeledFace) -> tuple[str, str]:
    track = "" if face.track is None else f"#{face.track} "
    label = _short(face.label) + ("?" if face.uncertain else "")
    return f"{track}{label} {_percent(face.confidence)}", f"{track}{label}"


def _ranks(face: LabeledFace) -> tuple[int, ...]:
    if len(face.classes) <= MOST_BARS:
        return tuple(range(len(face.classes)))
    return tuple(np.argsort(face.probabilities)[::-1][:MOST_BARS].tolist())


def _lines(spot: Spot, room: LabelLayout) -> Iterator[Line]:
    """Yield the labels to try: the whole one before the short one, large ones before small ones."""
    for words in _wordings(spot.face):
        for size in sizes_for(room.whole, spot.box):
            width, height = text_width(words, size) + 2 * _pad(size), line_height(size)
            for place in around(spot.box, width, height):
                yield Line(room.inside(place), words, size)


def _panels(spot: Spot, room: LabelLayout) -> list[tuple[int, int, int]]:
    """Size of text, width and height of the panels to try, the largest first."""
    ranks = _ranks(spot.face)
    wished = sizes_for(room.whole, spot.box)[0]
    return [
        (size, _panel_width(spot.face, ranks, size), len(ranks) * line_height(size) + 2 * _pad(size))
        for size in reversed(SIZES)
        if 0.55 * wished <= size <= wished
    ]


def _panel_width(face: LabeledFace, ranks: Sequence[int], size: int) -> int:
    names, numbers = _columns(face, ranks, size)
    return names + numbers + 4 * size + 4 * _pad(size)


def _columns(face: LabeledFace, ranks: Sequence[int], size: int) -> tuple[int, int]:
    """Widths of the names and of the percentages."""
    names = max(text_width(_short(face.classes[rank]), size) for rank in ranks)
    return names, text_width("100%", size)


def _colors(classes: tuple[str, ...]) -> list[Color]:
    parts = [bytes.fromhex(color[1:]) for color in colors_of(classes)]
    return [(red, green, blue) for red, green, blue in parts]


def _short(name: str, longest: int = 16) -> str:
    return name if len(name) <= longest else name[: longest - 1] + "…"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _pad(size: int) -> int:
    return max(3, round(size / 3))
