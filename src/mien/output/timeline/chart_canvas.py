"""Two things to draw a chart on, a picture and an SVG, with the few shapes that one needs.

Base installations have no matplotlib; Pillow is there, and an SVG is text.
"""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final, Protocol

from PIL import Image, ImageDraw, ImageFont

from mien.files import replacing, write_text

Point = tuple[float, float]
"""Across and down, in pixels."""

FINER: Final = 3
"""A picture is drawn so many times larger and then averaged, which smooths its edges."""

ANCHORS: Final = {"l": "start", "m": "middle", "r": "end"}
"""Pillow's horizontal anchors as SVG calls them."""


class Canvas(Protocol):
    """What a chart is drawn on; colors are #rrggbb."""

    def polygon(self, points: Sequence[Point], color: str) -> None:
        """Fill a polygon."""
        ...

    def line(self, start: Point, end: Point, color: str, width: float = 1) -> None:
        """Draw a line."""
        ...

    def text(self, at: Point, words: str, size: float, color: str, anchor: str = "l") -> None:
        """Write one line whose baseline is at `at`; `anchor` is l, m or r for left, middle or right."""
        ...

    def length(self, words: str, size: float) -> float:
        """Return how wide a line of text is, in pixels."""
        ...

    def write(self, path: Path) -> None:
        """Write the file, atomically."""
        ...


class Picture:
    """A picture, as PNG or whatever else the suffix says."""

    def __init__(self, width: int, height: int) -> None:
        self._large = Image.new("RGB", (width * FINER, height * FINER), "white")
        self._draw = ImageDraw.Draw(self._large)
        self._texts: list[tuple[Point, str, float, str, str]] = []

    def polygon(self, points: Sequence[Point], color: str) -> None:
        """Fill a polygon."""
        self._draw.polygon([(x * FINER, y * FINER) for x, y in points], color)

    def line(self, start: Point, end: Point, color: str, width: float = 1) -> None:
        """Draw a line."""
        scaled = [(x * FINER, y * FINER) for x, y in (start, end)]
        self._draw.line(scaled, color, max(1, round(width * FINER)))

    def text(self, at: Point, words: str, size: float, color: str, anchor: str = "l") -> None:
        """Write one line of text; it waits for the final size, where the font is smooth by itself."""
        self._texts.append((at, words, size, color, anchor))

    def length(self, words: str, size: float) -> float:
        """Return how wide a line of text is, in pixels."""
        return ImageFont.load_default(size).getlength(words)

    def write(self, path: Path) -> None:
        """Write the file, atomically."""
        image = self._large.reduce(FINER)
        draw = ImageDraw.Draw(image)
        for at, words, size, color, anchor in self._texts:
            font = ImageFont.load_default(size)
            draw.text(at, words, color, font, f"{anchor}s")
        with replacing(path) as temporary:
            image.save(temporary, Image.registered_extensions()[path.suffix.lower()], optimize=True)


class Svg:
    """A vector graphic."""

    def __init__(self, width: int, height: int) -> None:
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"',
            f' width="{width}" height="{height}" font-family="system-ui, sans-serif">',
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        ]

    def polygon(self, points: Sequence[Point], color: str) -> None:
        """Fill a polygon."""
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(f'<polygon points="{places}" fill="{color}"/>')

    def line(self, start: Point, end: Point, color: str, width: float = 1) -> None:
        """Draw a line."""
        (x1, y1), (x2, y2) = start, end
        self._parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{color}" stroke-width="{width:g}"/>'
        )

    def text(self, at: Point, words: str, size: float, color: str, anchor: str = "l") -> None:
        """Write one line of text."""
        self._parts.append(
            f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" font-size="{size:g}" fill="{color}" '
            f'text-anchor="{ANCHORS[anchor]}">{escape(words)}</text>'
        )

    def length(self, words: str, size: float) -> float:
        """Return about how wide a line of text is, in pixels; nobody knows the reader's font."""
        return 0.58 * size * len(words)

    def write(self, path: Path) -> None:
        """Write the file, atomically."""
        write_text(path, "\n".join([*self._parts, "</svg>"]) + "\n")
