"""Copies of an image, as `benchmarks/planted.py` adds them to a data set."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Change = Callable[[Image, np.random.Generator], Image]


def shifted(image: Image, rng: np.random.Generator) -> Image:
    """Return the image shifted by up to four pixels, with one of four kinds of border."""
    dx, dy = rng.integers(-4, 5, 2)
    if not (dx or dy):
        dx = 2
    border = rng.choice([cv2.BORDER_REPLICATE, cv2.BORDER_CONSTANT, cv2.BORDER_REFLECT, cv2.BORDER_WRAP])
    matrix = np.float32([[1, 0, dx], [0, 1, dy]])
    return cv2.warpAffine(image, matrix, image.shape[::-1], borderMode=int(border))


def mirrored(image: Image, _: np.random.Generator) -> Image:
    """Return the mirror image."""
    return np.ascontiguousarray(image[:, ::-1])


def recompressed(image: Image, rng: np.random.Generator) -> Image:
    """Return the image after JPEG compression."""
    _, code = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 80))])
    return cv2.imdecode(code, cv2.IMREAD_GRAYSCALE)


def brightened(image: Image, rng: np.random.Generator) -> Image:
    """Return the image with another brightness and contrast."""
    levels = image * rng.uniform(0.7, 1.2) + rng.uniform(-25, 25)
    return np.clip(levels, 0, 255).astype(np.uint8)


def scaled(image: Image, rng: np.random.Generator) -> Image:
    """Return the image scaled by up to 8 % and rotated by up to four degrees."""
    return _turned(image, rng, rng.uniform(0.93, 1.08), rng.uniform(-4, 4))


def zoomed(image: Image, rng: np.random.Generator) -> Image:
    """Return the image scaled by up to 25 %."""
    return _turned(image, rng, rng.uniform(0.8, 1.25), 0)


def rotated(image: Image, rng: np.random.Generator) -> Image:
    """Return the image rotated by 4 to 14 degrees."""
    return _turned(image, rng, 1, rng.choice([-1, 1]) * rng.uniform(4, 14))


def cropped(image: Image, rng: np.random.Generator) -> Image:
    """Return a part of the image, enlarged, that lacks up to eight of the 48 pixels of a side."""
    lost = int(rng.integers(2, 9))
    top, left = rng.integers(0, lost + 1, 2)
    side = len(image) - lost
    part = np.ascontiguousarray(image[top : top + side, left : left + side])
    return cv2.resize(part, image.shape[::-1], interpolation=cv2.INTER_CUBIC)


def resampled(image: Image, rng: np.random.Generator) -> Image:
    """Return the image reduced to 20 to 40 pixels and enlarged."""
    side = int(rng.integers(20, 41))
    small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
    how = rng.choice([cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC])
    return cv2.resize(small, image.shape[::-1], interpolation=int(how))


def _turned(image: Image, rng: np.random.Generator, scale: float, angle: float) -> Image:
    matrix = cv2.getRotationMatrix2D((23.5, 23.5), angle, scale)
    border = rng.choice([cv2.BORDER_REPLICATE, cv2.BORDER_CONSTANT, cv2.BORDER_REFLECT])
    return cv2.warpAffine(image, matrix, image.shape[::-1], borderMode=int(border))


def combined(image: Image, rng: np.random.Generator) -> Image:
    """Return the image mirrored, shifted and recompressed."""
    return recompressed(shifted(mirrored(image, rng), rng), rng)


COPIES: dict[str, Change] = {
    "exact copy": lambda image, _: image.copy(),
    "shifted copy": shifted,
    "mirrored copy": mirrored,
    "recompressed copy": recompressed,
    "brightened copy": brightened,
    "scaled and rotated copy": scaled,
    "copy scaled by up to 25 %": zoomed,
    "rotated copy": rotated,
    "cropped copy": cropped,
    "resampled copy": resampled,
    "mirrored, shifted, recompressed copy": combined,
}
