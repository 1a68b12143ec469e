"""Occlusions of a face by things that people wear: a mask over mouth and nose, and sunglasses.

They are drawn at the places where eyes, nose and mouth of the average FER2013 face are, as fractions of the
side of the image. Faces are framed alike in training, evaluation and recognition, so no landmarks are needed.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

EYES: Final = ((0.325, 0.37), (0.675, 0.37))
"""Centers of the eyes (x, y) of an average face."""

MASK_LEVEL: Final = 215
"""Gray level of a mask, as of a white one that is not in full light."""

MASK_SIDES: Final = (0.10, 0.90)
"""Left and right ends of the mask's upper edge."""

DARK: Final = 12
"""Gray level of lenses and frame."""

SUBPIXELS: Final = 4
"""Bits of the fraction of a coordinate, for outlines that do not depend on rounding to pixels."""


def masked(face: NDArray[np.uint8], covered: float, generator: np.random.Generator) -> NDArray[np.floating]:  # noqa: ARG001
    """Return a face with a mask over the lower part.

    Args:
        face: uint8, (size, size) or (size, size, 3).
        covered: Height of the mask above the lower border, as a fraction of the side: 0.28 covers an average
            mouth, 0.44 the nose as well.
        generator: Not used.
    """
    left, right = MASK_SIDES
    middle, top = (left + right) / 2, 1 - covered
    # The upper edge rises toward the nose; the sides go down along the cheeks.
    outline = [
        (left, top + 0.06),
        (middle, top - 0.03),
        (right, top + 0.06),
        (right - 0.08, 1.1),
        (left + 0.08, 1.1),
    ]
    cover = np.zeros(face.shape[:2], np.uint8)
    cv2.fillPoly(cover, [_points(outline, len(face))], 255, cv2.LINE_AA, SUBPIXELS)
    return _covered(face, cover, MASK_LEVEL)


def with_sunglasses(
    face: NDArray[np.uint8],
    width: float,
    generator: np.random.Generator,  # noqa: ARG001
) -> NDArray[np.floating]:
    """Return a face with sunglasses.

    Args:
        face: uint8, (size, size) or (size, size, 3).
        width: Of a lens, as a fraction of the side; its height is three quarters of it.
        generator: Not used.
    """
    size = len(face)
    cover = np.zeros(face.shape[:2], np.uint8)
    for eye in EYES:
        center, corner = _points([eye, (eye[0] + width / 2, eye[1] + 0.375 * width)], size)
        cv2.ellipse(cover, center, corner - center, 0, 0, 360, 255, -1, cv2.LINE_AA, SUBPIXELS)
    bridge = [EYES[0], EYES[1]]
    cv2.polylines(cover, [_points(bridge, size)], False, 255, max(1, size // 24), cv2.LINE_AA, SUBPIXELS)
    return _covered(face, cover, DARK)


def _points(places: list[tuple[float, float]], size: int) -> NDArray[np.int32]:
    """Return places in fixed-point pixels; the center of the first pixel is at 0."""
    pixels = np.array(places) * size - 0.5
    fixed: NDArray[np.int32] = np.rint(pixels * (1 << SUBPIXELS)).astype(np.int32)
    return fixed


def _covered(face: NDArray[np.uint8], cover: NDArray[np.uint8], level: int) -> NDArray[np.floating]:
    """Return the face with one level where `cover` is 255, and a mean at its edges."""
    opacity = cover.astype(np.float64) / 255
    opacity = opacity[..., None] if face.ndim == 3 else opacity
    covered: NDArray[np.floating] = face * (1 - opacity) + level * opacity
    return covered
