"""Images that are too bad to be labeled: blank, partly blank, dark, overexposed, blurred, of low resolution.

Each measure is one number per image, and a limit; the limits are beyond almost all faces of FER2013, so that
only extreme images are reported.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.data.duplicate_candidates import SIDE
from mien.data.near_duplicates import gray_images

Gray = NDArray[np.uint8]
Floats = NDArray[np.float64]

BLANK: Final = "blank"
PARTLY_BLANK: Final = "partly blank"
DARK: Final = "dark"
BRIGHT: Final = "overexposed"
BLURRED: Final = "blurred"
LOW_RESOLUTION: Final = "low resolution"

LEAST_DETAIL: Final = 12
"""Pixels of a side to which a face is reduced to measure what finer detail it has."""


FLAT: Final = 3
"""Range of the gray levels of a row or column of pixels without content, at most."""


@dataclass(frozen=True)
class Measure:
    """A measure of images.

    Attributes:
        reason: What an image beyond the limit is called.
        of: Returns the measure of images, (n,); lower is worse.
        limit: Images below it are reported.
        unit: Format of the measure in a sentence.
    """

    reason: str
    of: Callable[[Gray], Floats]
    limit: float
    unit: str


def contrast(gray: Gray) -> Floats:
    """Return the range of the middle 96 % of the gray levels."""
    low, high = np.percentile(_flat(gray), (2, 98), axis=1)
    return np.asarray(high - low, np.float64)


def content(gray: Gray) -> Floats:
    """Return the share of the rows of pixels with content, or of the columns if it is smaller, 0 to 1."""
    rows, columns = ((np.ptp(gray, axis=axis) > FLAT).mean(1) for axis in (2, 1))
    return np.asarray(np.minimum(rows, columns), np.float64)


def light(gray: Gray) -> Floats:
    """Return the 90th percentile of the gray levels."""
    return np.asarray(np.percentile(_flat(gray), 90, axis=1), np.float64)


def shade(gray: Gray) -> Floats:
    """Return the distance of the 10th percentile of the gray levels from white."""
    return np.asarray(255 - np.percentile(_flat(gray), 10, axis=1), np.float64)


def detail(gray: Gray) -> Floats:
    """Return the share of the variance that is lost when an image is reduced to 12x12 pixels, 0 to 1."""
    found = np.empty(len(gray))
    for at, image in enumerate(gray):
        small = cv2.resize(image, (LEAST_DETAIL, LEAST_DETAIL), interpolation=cv2.INTER_AREA)
        again = cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        lost = np.asarray(again, np.float32) - image
        found[at] = lost.var() / max(float(image.var()), 1e-6)
    return found


def sides(gray: Gray) -> Floats:
    """Return the number of different columns or rows, at most.

    An image of n pixels that was enlarged without interpolation has n.
    """
    columns = 1 + (np.diff(gray.astype(np.int16), axis=2) != 0).any(1).sum(1)
    rows = 1 + (np.diff(gray.astype(np.int16), axis=1) != 0).any(2).sum(1)
    return np.asarray(np.maximum(columns, rows), np.float64)


MEASURES: Final = (
    Measure(BLANK, contrast, 12, "{:.0f} gray levels between its darkest and brightest parts"),
    Measure(PARTLY_BLANK, content, 0.65, "{:.0%} of its rows or columns of pixels have content"),
    Measure(DARK, light, 40, "90 % of its pixels are at most {:.0f} of 255"),
    Measure(BRIGHT, shade, 30, "90 % of its pixels are within {:.0f} levels of white"),
    Measure(BLURRED, detail, 0.02, "detail below a twelfth of its side has {:.2%} of its variance"),
    Measure(LOW_RESOLUTION, sides, 20, "{:.0f} different columns or rows"),
)

LIMIT_OF: Final = {measure.reason: measure.limit for measure in MEASURES}


def measured(images: NDArray[np.uint8]) -> dict[str, Floats]:
    """Return each measure of images by its reason, (n,)."""
    gray = gray_images(images)
    return {measure.reason: measure.of(gray) for measure in MEASURES}


def _flat(gray: Gray) -> Gray:
    return gray.reshape(len(gray), -1)
