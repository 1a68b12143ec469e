"""Marks on pixels: frames, plates and words, each touching only the patch that it covers."""

import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Color = tuple[int, int, int]
"""RGB, 0 to 255."""

Picture = NDArray[np.uint8]
"""RGB, (height, width, 3), painted in place."""

WHITE: Final = (255, 255, 255)
BLACK: Final = (0, 0, 0)


class Rect(NamedTuple):
    """A rectangle of whole pixels; right and bottom are the first pixels outside of it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """From top to bottom."""
        return self.bottom - self.top

    @property
    def area(self) -> int:
        """In pixels."""
        return self.width * self.height

    def grown(self, by: int) -> "Rect":
        """Return it larger by so many pixels on each side; smaller where negative."""
        return Rect(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def within(self, other: "Rect") -> "Rect":
        """Return the part inside of `other`; its width and height are 0 where there is none."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        return Rect(
            left, top, max(left, min(self.right, other.right)), max(top, min(self.bottom, other.bottom))
        )


def whole(picture: Picture) -> Rect:
    """Return the rectangle of a picture."""
    return Rect(0, 0, picture.shape[1], picture.shape[0])


def fill(picture: Picture, rect: Rect, color: Color, opacity: float = 1.0) -> None:
    """Fill what of a rectangle is in the picture."""
    left, top, right, bottom = rect.within(whole(picture))
    patch = picture[top:bottom, left:right]
    if opacity >= 1:
        patch[:] = color
        return
    share = round(256 * opacity)  # integers are four times as fast as floats
    paint = np.array(color, np.uint16) * share
    patch[:] = (patch * np.uint16(256 - share) + paint) >> 8


def frame(picture: Picture, rect: Rect, width: int, color: Color, opacity: float = 1.0) -> None:
    """Draw the border of a rectangle, `width` pixels inwards."""
    for side in _sides(rect, width):
        fill(picture, side, color, opacity)


def dashes(picture: Picture, rect: Rect, width: int, color: Color, length: int) -> None:
    """Draw the border of a rectangle in dashes of about `length` pixels, with one at each corner."""
    for side in _sides(rect, width):
        along = side.width >= side.height
        start, end = (side.left, side.right) if along else (side.top, side.bottom)
        pieces = max(1, round((end - start) / length / 2)) * 2 + 1
        edges = np.linspace(start, end, pieces + 1).round().astype(int).tolist()
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            piece = side._replace(left=first, right=last) if along else side._replace(top=first, bottom=last)
            fill(picture, piece, color)


def write(picture: Picture, at: tuple[int, int], words: str, size: int, color: Color) -> None:
    """Write one line of text whose line box has its left top corner `at`."""
    mask = _mask(words, size)
    place = Rect(*at, at[0] + mask.shape[1], at[1] + mask.shape[0])
    seen = place.within(whole(picture))
    part = mask[
        seen.top - place.top : seen.bottom - place.top, seen.left - place.left : seen.right - place.left
    ]
    patch = picture[seen.top : seen.bottom, seen.left : seen.right]
    patch[:] = (patch * (np.uint16(256) - part) + np.array(color, np.uint16) * part) >> 8


def text_width(words: str, size: int) -> int:
    """Return how many pixels wide a line of text is."""
    return int(_mask(words, size).shape[1])


def line_height(size: int) -> int:
    """Return how many pixels high the box of a line of text is."""
    return sum(_font(size).getmetrics())


def contrast(color: Color) -> Color:
    """Return black or white, whichever is easier to read on a color (WCAG 2.2, relative luminance)."""
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
def _mask(words: str, size: int) -> NDArray[np.uint16]:
    """Return the coverage of a line of text, 0 to 256, (height, width, 1)."""
    font, spelled = _font(size), _spelled(words)
    image = Image.new("L", (max(1, round(font.getlength(spelled))), sum(font.getmetrics())))
    ImageDraw.Draw(image).text((0, 0), spelled, font=font, fill=255)
    mask = np.asarray(image).astype(np.uint16)[:, :, None]
    return mask + (mask >> 7)


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("this Pillow was built without FreeType, which the wheels on PyPI have")
    return font


def _spelled(words: str) -> str:
    """Return words without accents: the font that comes with Pillow has none."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", words) if not unicodedata.combining(sign))
