"""Images in which a cropped face can be detected again, at another size and tilt."""

from itertools import product
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

SCALES: Final = (0.5, 0.71, 1.0, 1.41, 2.0)
"""Sides of a face in its scene, in sides of the cropped face: 24 to 96 pixels for 48."""

TILTS: Final = (-30, -15, 0, 15, 30)
"""Degrees by which a scene is rotated clockwise."""

SURROUNDINGS: Final = 0.5
"""Width of the border around the face, in sides of the face."""


class View(NamedTuple):
    """Size and tilt of a face in its scene."""

    scale: float
    tilt: int


VIEWS: Final = tuple(View(scale, tilt) for tilt, scale in product(TILTS, SCALES))
"""All combinations; consecutive faces get consecutive ones, so that each occurs equally often."""


def view_of(position: int) -> View:
    """Return the view of the face at a position."""
    return VIEWS[position % len(VIEWS)]


def describe_views() -> str:
    """Return the sizes and tilts in words, for model cards and the documentation."""
    most = max(abs(tilt) for tilt in TILTS)
    return f"at {min(SCALES):g} to {max(SCALES):g} times their size and tilts up to {most} degrees"


def scene(face: NDArray[np.uint8], view: View) -> NDArray[np.uint8]:
    """Return an image with the resized face in its center, rotated with its surroundings.

    A cropped face has no surroundings, so its border is replicated and blurred.

    Args:
        face: uint8, (size, size) or (size, size, 3).
        view: Its size and tilt.

    Returns:
        uint8, (side, side) or (side, side, 3), twice as large as the face in it.
    """
    side = side_of(face, view)
    method = cv2.INTER_AREA if view.scale < 1 else cv2.INTER_CUBIC
    resized = np.asarray(cv2.resize(face, (side, side), interpolation=method), np.uint8)
    return _rotated(_surrounded(resized), view.tilt)


def side_of(face: NDArray[np.uint8], view: View) -> int:
    """Return the side of the face in its scene, in pixels."""
    return max(1, round(view.scale * len(face)))


def _surrounded(face: NDArray[np.uint8]) -> NDArray[np.uint8]:
    side, around = len(face), round(SURROUNDINGS * len(face))
    wide = cv2.copyMakeBorder(face, around, around, around, around, cv2.BORDER_REPLICATE)
    blurred = np.asarray(cv2.GaussianBlur(wide, (0, 0), side / 12), np.uint8)
    blurred[around : around + side, around : around + side] = face
    return blurred


def _rotated(image: NDArray[np.uint8], tilt: float) -> NDArray[np.uint8]:
    side = len(image)
    turn = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), -tilt, 1.0)
    border, method = cv2.BORDER_REPLICATE, cv2.INTER_CUBIC
    return np.asarray(cv2.warpAffine(image, turn, (side, side), flags=method, borderMode=border), np.uint8)
