"""Shapes in the frame of a face, many faces at once, and filling them in on a canvas.

In that frame the middle of the head is (0, 0), the chin is at y = 1, the crown at y = -1.
A shape is an array of corners (n, polygons, corners, 2); where all faces share it, n is 1.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Traits = Mapping[str, Floats]
"""One value a face, (n,) each, by the name of what it describes."""
Length = Floats | float
"""One value a face, (n,), or the same for all."""

ALONG: Final = np.linspace(-1.0, 1.0, 13)
"""Where curves are sampled, from their left end to their right end."""
AROUND: Final = np.linspace(0.0, 2 * np.pi, 36, endpoint=False)
"""Angles at which outlines are sampled, clockwise from the right of the image."""

FRACTION_BITS: Final = 4
HEAD_HALF_HEIGHT: Final = 0.45
"""In sides of the image, at scale 1: about as tight as the crops of FER2013."""


SKIN: Final = "skin"
HAIR: Final = "hair"
LIPS: Final = "lips"
IRIS: Final = "iris"
CLOTHES: Final = "clothes"
BACKDROP: Final = "backdrop"
NEUTRAL: Final = "neutral"

Tints = Mapping[str, Floats]
"""RGB factors of the tone of a material, (n, 3), by material; neutral materials have none."""


class Layer(NamedTuple):
    """Polygons of one tone: corners (n or 1, polygons, corners, 2), tone 0..255 (n,), shown (n,).

    `material` decides the hue in color; a layer for a canvas in color has tones (n, 3).
    """

    corners: Floats
    tone: Floats
    shown: NDArray[np.bool_] | None = None
    material: str = SKIN


def column(value: Length) -> Floats:
    """Return `value` as (n, 1), or (1, 1) where all faces share it."""
    return np.atleast_1d(np.asarray(value, np.float64))[:, None]


def polygon(x: Floats, y: Floats) -> Floats:
    """Return one polygon a face with corners at x and y, (n or 1, k) each."""
    return np.stack(np.broadcast_arrays(x, y), axis=-1)[:, None]


def mirrored(corners: Floats) -> Floats:
    """Return a shape and its mirror image on the other side of the face."""
    return np.concatenate([corners * np.array([-1.0, 1.0]), corners], axis=1)


def ellipse(x: Length, y: Length, width: Length, height: Length) -> Floats:
    """Return an ellipse around (x, y) with the given half axes."""
    return polygon(column(x) + column(width) * np.cos(AROUND), column(y) + column(height) * np.sin(AROUND))


def between(x: Floats, top: Floats, bottom: Floats) -> Floats:
    """Return the area between two curves over the same x, (n or 1, k) each."""
    x, top, bottom = np.broadcast_arrays(x, top, bottom)
    return polygon(np.hstack([x, x[:, ::-1]]), np.hstack([top, bottom[:, ::-1]]))


def stroke(*points: tuple[Length, Length], thickness: Length, blunt: float = 0.25) -> Floats:
    """Return a stroke of the pencil along a quadratic Bezier curve.

    Args:
        points: Start, control point and end.
        thickness: Full width in the middle of the stroke.
        blunt: Width of the ends as a share of `thickness`.
    """
    start, bend, end = (np.stack(np.broadcast_arrays(column(x), column(y)), axis=-1) for x, y in points)
    t = (ALONG[:, None] + 1) / 2
    path = (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * end
    direction = np.gradient(path, axis=1)
    normal = np.stack([-direction[..., 1], direction[..., 0]], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-9
    half = (column(thickness) / 2 * (blunt + (1 - blunt) * (1 - ALONG**2)))[..., None]
    path, offset = np.broadcast_arrays(path, normal * half)
    return np.concatenate([path + offset, (path - offset)[:, ::-1]], axis=1)[:, None]


def tinted(tone: Floats, material: str, tints: Tints | None) -> Floats:
    """Return tones 0..255 (n,), or in color (n, 3) where there are tints."""
    if tints is None:
        return np.clip(tone, 0, 255)
    return np.clip(tone[:, None] * tints.get(material, np.ones((1, 3))), 0, 255)


def on_canvas(layer: Layer, pose: Traits, size: int, tints: Tints | None = None) -> Layer:
    """Return `layer` rotated, scaled and shifted onto a canvas, in the fixed point that OpenCV expects."""
    scale = (pose["scale"] * HEAD_HALF_HEIGHT * size)[:, None, None]
    cos, sin = np.cos(pose["tilt"])[:, None, None], np.sin(pose["tilt"])[:, None, None]
    x, y = layer.corners[..., 0], layer.corners[..., 1]
    across = scale * (x * cos - y * sin) + ((0.5 + pose["shift_x"]) * size)[:, None, None]
    down = scale * (x * sin + y * cos) + ((0.51 + pose["shift_y"]) * size)[:, None, None]
    fixed = np.rint(np.stack([across, down], axis=-1) * (1 << FRACTION_BITS))
    tone = tinted(layer.tone, layer.material, tints)
    return layer._replace(corners=np.ascontiguousarray(fixed, np.int32), tone=tone)


def fill(canvas: NDArray[np.uint8], layers: list[Layer], face: int) -> None:
    """Paint the layers of one face onto `canvas`, uint8 (side, side) or (side, side, 3), back to front."""
    for corners, tone, shown, _ in layers:
        if shown is None or shown[face]:
            cv2.fillPoly(canvas, list(corners[face]), tone[face].tolist(), cv2.LINE_8, FRACTION_BITS)
