"""Shapes and text on pixels. Each function changes only the pixels that it covers."""

import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Color = tuple[int, int, int]
"""RGB, 0 to 255."""

Canvas = NDArray[np.uint8]
"""RGB, (height, width, 3), changed in place."""

WHITE: Final = (255, 255, 255)
BLACK: Final = (0, 0, 0)


class Rect(NamedTuple):
    """A rectangle of whole pixels; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """In pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """In pixels."""
        return self.bottom - self.top

    @property
    def area(self) -> int:
        """In pixels."""
        return self.width * self.height

    def expanded(self, by: int) -> "Rect":
        """Return the rectangle with each side moved outward by `by` pixels; inward if negative."""
        return Rect(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def intersection(self, other: "Rect") -> "Rect":
        """Return the common part; its width and height are 0 if there is none."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        return Rect(
            left, top, max(left, min(self.right, other.right)), max(top, min(self.bottom, other.bottom))
        )


def bounds(canvas: Canvas) -> Rect:
    """Return the rectangle of a whole canvas."""
    return Rect(0, 0, canvas.shape[1], canvas.shape[0])


def fill(canvas: Canvas, rect: Rect, color: Color, opacity: float = 1.0) -> None:
    """Fill a rectangle; the part outside of the canvas is ignored.

    Args:
        canvas: Changed in place.
        rect: The rectangle.
        color: Its color.
        opacity: 0 (invisible) to 1 (opaque).
    """
    left, top, right, bottom = rect.intersection(bounds(canvas))
    patch = canvas[top:bottom, left:right]
    if opacity >= 1:
        patch[:] = color
        return
    alpha = round(256 * opacity)  # integers are four times as fast as floats
    source = np.array(color, np.uint16) * alpha
    patch[:] = (patch * np.uint16(256 - alpha) + source) >> 8


def draw_frame(canvas: Canvas, rect: Rect, width: int, color: Color, opacity: float = 1.0) -> None:
    """Draw the border of a rectangle, `width` pixels wide, inside of it."""
    for side in _sides(rect, width):
        fill(canvas, side, color, opacity)


def draw_dashed_frame(canvas: Canvas, rect: Rect, width: int, color: Color, length: int) -> None:
    """Draw the border of a rectangle in dashes of about `length` pixels, with one at each corner."""
    for side in _sides(rect, width):
        is_horizontal = side.width >= side.height
        start, end = (side.left, side.right) if is_horizontal else (side.top, side.bottom)
        pieces = max(1, round((end - start) / length / 2)) * 2 + 1
        edges = np.linspace(start, end, pieces + 1).round().astype(int).tolist()
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            dash = (
                side._replace(left=first, right=last)
                if is_horizontal
                else side._replace(top=first, bottom=last)
            )
            fill(canvas, dash, color)


def draw_text(canvas: Canvas, at: tuple[int, int], text: str, size: int, color: Color) -> None:
    """Draw one line of text.

    Args:
        canvas: Changed in place.
        at: Left top corner of the line, in pixels; may be outside of the canvas.
        text: Accents are removed, since the font has none.
        size: Font size in pixels.
        color: Of the text.
    """
    mask = _mask(text, size)
    rect = Rect(*at, at[0] + mask.shape[1], at[1] + mask.shape[0])
    visible = rect.intersection(bounds(canvas))
    part = mask[
        visible.top - rect.top : visible.bottom - rect.top,
        visible.left - rect.left : visible.right - rect.left,
    ]
    patch = canvas[visible.top : visible.bottom, visible.left : visible.right]
    patch[:] = (patch * (np.uint16(256) - part) + np.array(color, np.uint16) * part) >> 8


def text_width(text: str, size: int) -> int:
    """Return the width of a line of text in pixels."""
    return int(_mask(text, size).shape[1])


def line_height(size: int) -> int:
    """Return the height of a line of text in pixels."""
    return sum(_font(size).getmetrics())


def contrasting(color: Color) -> Color:
    """Return black or white, whichever has more contrast to a color (WCAG 2.2, relative luminance)."""
    linear = [(part / 255 / 12.92) if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in color]
    luminance = float(np.dot(linear, (0.2126, 0.7152, 0.0722)))
    return BLACK if luminance > 0.179 else WHITE


def _sides(rect: Rect, width: int) -> tuple[Rect, Rect, Rect, Rect]:
    left, top, right, bottom = rect
    width = max(1, min(width, rect.width // 2, rect.height // 2))
    return (
        Rect(left, top, right, top + width),
        Rect(left, bottom - width, right, bottom),
        Rect(left, top + width, left + width, bottom - width),
        Rect(right - width, top + width, right, bottom - width),
    )


@lru_cache(maxsize=4096)
def _mask(text: str, size: int) -> NDArray[np.uint16]:
    """Return the coverage of a line of text, 0 to 256, (height, width, 1)."""
    font, plain = _font(size), _without_accents(text)
    image = Image.new("L", (max(1, round(font.getlength(plain))), sum(font.getmetrics())))
    ImageDraw.Draw(image).text((0, 0), plain, font=font, fill=255)
    mask = np.asarray(image).astype(np.uint16)[:, :, None]
    return mask + (mask >> 7)


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("this Pillow was built without FreeType; the wheels on PyPI include it")
    return font


def _without_accents(text: str) -> str:
    """Return a text without accents, which Pillow's default font does not have."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
