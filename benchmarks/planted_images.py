"""Images that are no faces, and images that are too bad, as `benchmarks/planted.py` plants them.

Photographs are parts of those of scikit-image.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

Image = NDArray[np.uint8]
Change = Callable[[Image, np.random.Generator], Image]

OBJECTS = (
    "brick", "cat", "clock", "coffee", "coins", "grass", "gravel", "hubble_deep_field", "moon", "page",
    "rocket", "text",
)  # fmt: skip

FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_PLAIN, cv2.FONT_HERSHEY_COMPLEX)

ROWS, COLUMNS = np.mgrid[:48, :48]


def objects(rng: np.random.Generator, count: int) -> list[Image]:
    """Return parts of photographs and textures without human faces."""
    sources = []
    for name in OBJECTS:
        photo = np.asarray(getattr(data, name)())
        gray = photo if photo.ndim == 2 else cv2.cvtColor(photo[..., :3], cv2.COLOR_RGB2GRAY)
        sources.append(gray.astype(np.uint8))
    found: list[Image] = []
    while len(found) < count:
        photo = sources[rng.integers(len(sources))]
        side = min(int(rng.integers(48, min(photo.shape) // 2 + 48)), *photo.shape)
        top, left = (int(rng.integers(0, length - side + 1)) for length in photo.shape)
        part = cv2.resize(photo[top : top + side, left : left + side], (48, 48), interpolation=cv2.INTER_AREA)
        if part.std() > 12:
            found.append(part)
    return found


def noise(rng: np.random.Generator) -> Image:
    """Return noise, white or smooth."""
    levels = rng.normal(128, 50, (48, 48))
    levels = cv2.GaussianBlur(levels, (0, 0), rng.uniform(0.3, 4))
    return _levels((levels - levels.mean()) / levels.std() * 50 + 128)


def text(rng: np.random.Generator) -> Image:
    """Return letters, dark on bright or bright on dark."""
    page = np.full((48, 48), int(rng.integers(150, 256)), np.uint8)
    size, font = rng.uniform(0.35, 0.8), FONTS[rng.integers(len(FONTS))]
    for row in range(10, 52, round(31 * size)):
        word = "".join(rng.choice(list("abcdefghilmnoprstuABCDEF 0123456789"), 8))
        cv2.putText(page, word, (int(rng.integers(-3, 4)), row), font, size, int(rng.integers(0, 80)), 1)
    return page if rng.random() < 0.7 else 255 - page


def checkerboard(rng: np.random.Generator) -> Image:
    """Return a checkerboard."""
    side, down, right = int(rng.integers(3, 13)), *rng.integers(0, 12, 2)
    dark, bright = sorted(rng.choice(256, 2, replace=False))
    odd = ((ROWS + down) // side + (COLUMNS + right) // side) % 2
    return np.where(odd, bright, dark).astype(np.uint8)


def gradient(rng: np.random.Generator) -> Image:
    """Return a linear or a radial gradient."""
    if rng.random() < 0.5:
        angle = rng.uniform(0, 2 * np.pi)
        levels = ROWS * np.cos(angle) + COLUMNS * np.sin(angle)
    else:
        down, right = rng.uniform(10, 38, 2)
        levels = -np.hypot(ROWS - down, COLUMNS - right)
    return _levels((levels - levels.min()) / np.ptp(levels) * 255)


def shapes(rng: np.random.Generator) -> Image:
    """Return circles and rectangles."""
    image = np.full((48, 48), int(rng.integers(0, 256)), np.uint8)
    for _ in range(int(rng.integers(1, 5))):
        one, other = (tuple(int(place) for place in rng.integers(0, 48, 2)) for _ in range(2))
        level = int(rng.integers(0, 256))
        if rng.random() < 0.5:
            cv2.circle(image, one, int(rng.integers(4, 20)), level, -1)
        else:
            cv2.rectangle(image, one, other, level, -1)
    return image


def blank(rng: np.random.Generator) -> Image:
    """Return almost one gray level, or black with one bright pixel."""
    if rng.random() < 0.2:
        image = np.zeros((48, 48), np.uint8)
        image[tuple(rng.integers(0, 48, 2))] = 255
        return image
    return _levels(float(rng.integers(0, 256)) + rng.normal(0, rng.uniform(0, 2), (48, 48)))


def negative(image: Image, _: np.random.Generator) -> Image:
    """Return the negative of the image."""
    return np.asarray(255 - image, np.uint8)


def half(image: Image, rng: np.random.Generator) -> Image:
    """Return the image of which one half has one gray level."""
    turns, level = int(rng.integers(4)), int(rng.choice([0, 127, 255]))
    found = np.rot90(image, turns).copy()
    found[:24] = level
    return np.ascontiguousarray(np.rot90(found, -turns))


def shuffled(image: Image, rng: np.random.Generator) -> Image:
    """Return the image with its sixteen parts in another order."""
    parts = image.reshape(4, 12, 4, 12).swapaxes(1, 2).reshape(16, 12, 12)[rng.permutation(16)]
    return parts.reshape(4, 4, 12, 12).swapaxes(1, 2).reshape(48, 48)


def patch(image: Image, rng: np.random.Generator) -> Image:
    """Return a part of the image of 12 to 17 pixels, enlarged."""
    side = int(rng.integers(12, 18))
    top, left = rng.integers(0, 48 - side, 2)
    part = np.ascontiguousarray(image[top : top + side, left : left + side])
    return cv2.resize(part, (48, 48), interpolation=cv2.INTER_CUBIC)


def dark(image: Image, rng: np.random.Generator) -> Image:
    """Return the image with almost no light."""
    return (image * rng.uniform(0.02, 0.1)).astype(np.uint8)


def blurred(image: Image, rng: np.random.Generator) -> Image:
    """Return the image blurred."""
    return cv2.GaussianBlur(image, (0, 0), rng.uniform(3, 5))


def low_resolution(image: Image, rng: np.random.Generator) -> Image:
    """Return the image enlarged from 8 to 12 pixels."""
    side = int(rng.integers(8, 13))
    small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
    how = rng.choice([cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC])
    return cv2.resize(small, (48, 48), interpolation=int(how))


def turned(image: Image, rng: np.random.Generator) -> Image:
    """Return the image turned by 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(image, int(rng.integers(1, 4))))


def _levels(values: NDArray[np.floating]) -> Image:
    return np.clip(values, 0, 255).astype(np.uint8)


DRAWN: dict[str, Callable[[np.random.Generator], Image]] = {
    "noise": noise,
    "text": text,
    "checkerboard": checkerboard,
    "gradient": gradient,
    "shapes": shapes,
    "blank": blank,
}
"""Images that replace a face."""

CHANGED: dict[str, Change] = {
    "negative": negative,
    "half face": half,
    "shuffled face": shuffled,
    "patch of a face": patch,
    "dark": dark,
    "blurred": blurred,
    "low resolution": low_resolution,
    "turned": turned,
}
"""Faces that are made unusable."""
