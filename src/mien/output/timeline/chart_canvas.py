"""Raster images and SVG as canvases of a chart.

A minimal installation has Pillow but not matplotlib.
"""

from collections.abc import Sequence
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Final, Protocol

from PIL import ExifTags, Image, ImageDraw, ImageFont

from mien.files.identify import TIMELINE_MARK
from mien.files.writing import write_bytes, write_text

Point = tuple[float, float]
"""x to the right and y downward, in pixels."""

OVERSAMPLING: Final = 3
"""A raster image is drawn larger by this factor and then averaged, which smooths edges."""

ANCHORS: Final = {"l": "start", "m": "middle", "r": "end"}
"""SVG's name of each of Pillow's horizontal anchors."""


class ChartCanvas(Protocol):
    """The shapes of a chart; colors are "#rrggbb"."""

    def polygon(self, points: Sequence[Point], color: str) -> None:
        """Fill a polygon."""
        ...

    def line(self, start: Point, end: Point, color: str, width: float = 1) -> None:
        """Draw a line."""
        ...

    def text(self, at: Point, text: str, size: float, color: str, anchor: str = "l") -> None:
        """Draw one line of text with its baseline at `at`; `anchor` is l, m or r for left, middle, right."""
        ...

    def text_width(self, text: str, size: float) -> float:
        """Return the width of a line of text in pixels."""
        ...

    def write(self, path: Path) -> None:
        """Write the file, atomically."""
        ...


class RasterCanvas:
    """A raster image; the ending of its file selects the format."""

    def __init__(self, width: int, height: int) -> None:
        self._large = Image.new("RGB", (width * OVERSAMPLING, height * OVERSAMPLING), "white")
        self._draw = ImageDraw.Draw(self._large)
        self._texts: list[tuple[Point, str, float, str, str]] = []

    def polygon(self, points: Sequence[Point], color: str) -> None:
        """Fill a polygon."""
        self._draw.polygon([(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in points], color)

    def line(self, start: Point, end: Point, color: str, width: float = 1) -> None:
        """Draw a line."""
        scaled = [(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in (start, end)]
        self._draw.line(scaled, color, max(1, round(width * OVERSAMPLING)))

    def text(self, at: Point, text: str, size: float, color: str, anchor: str = "l") -> None:
        """Draw one line of text, after the image was reduced: the font is smooth in its final size."""
        self._texts.append((at, text, size, color, anchor))

    def text_width(self, text: str, size: float) -> float:
        """Return the width of a line of text in pixels."""
        return ImageFont.load_default(size).getlength(text)

    def write(self, path: Path) -> None:
        """Write the file, atomically."""
        image = self._large.reduce(OVERSAMPLING)
        draw = ImageDraw.Draw(image)
        for at, text, size, color, anchor in self._texts:
            font = ImageFont.load_default(size)
            draw.text(at, text, color, font, f"{anchor}s")
        content, exif = BytesIO(), Image.Exif()
        exif[ExifTags.Base.Software] = TIMELINE_MARK
        image.save(content, Image.registered_extensions()[path.suffix.lower()], optimize=True, exif=exif)
        write_bytes(path, content.getvalue())


class SvgCanvas:
    """A vector graphic."""

    def __init__(self, width: int, height: int) -> None:
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"',
            f' width="{width}" height="{height}" font-family="system-ui, sans-serif">',
            f"<!-- {TIMELINE_MARK} -->",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        ]

    def polygon(self, points: Sequence[Point], color: str) -> None:
        """Fill a polygon."""
        coordinates = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(f'<polygon points="{coordinates}" fill="{color}"/>')

    def line(self, start: Point, end: Point, color: str, width: float = 1) -> None:
        """Draw a line."""
        (x1, y1), (x2, y2) = start, end
        self._parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{color}" stroke-width="{width:g}"/>'
        )

    def text(self, at: Point, text: str, size: float, color: str, anchor: str = "l") -> None:
        """Draw one line of text."""
        self._parts.append(
            f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" font-size="{size:g}" fill="{color}" '
            f'text-anchor="{ANCHORS[anchor]}">{escape(text)}</text>'
        )

    def text_width(self, text: str, size: float) -> float:
        """Return the approximate width of a line of text in pixels; the font of the viewer is unknown."""
        return 0.58 * size * len(text)

    def write(self, path: Path) -> None:
        """Write the file, atomically."""
        write_text(path, "\n".join([*self._parts, "</svg>"]) + "\n")
