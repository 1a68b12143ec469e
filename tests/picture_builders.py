"""Pictures with synthetic faces at known places, such as every detector finds.

YuNet finds nearly all synthetic faces and MTCNN 97 %; `scene` draws people whom both find with
each expression, from 40 to 200 pixels.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.data.synthetic import generate_faces
from mien.labels import EMOTIONS

PEOPLE = (0, 1, 4, 13, 19, 7, 21, 25)
"""Seeds of synthetic faces that both detectors find."""

LARGEST = 200
"""Largest side at which faces are drawn."""

Placed = tuple[str, int, int, int]
"""Emotion, left, top, side in pixels."""


def scene(
    faces: Sequence[Placed] = (), size: tuple[int, int] = (640, 480), seed: int = 0
) -> NDArray[np.uint8]:
    """Return a picture, RGB uint8 (height, width, 3), with synthetic faces on a soft background.

    Args:
        faces: Emotion, left, top and side of each; what reaches over the border is cut off.
        size: Width and height.
        seed: Decides who is drawn: eight different people, one after the other.
    """
    width, height = size
    light = np.add.outer(np.linspace(30, -30, height), np.linspace(-10, 10, width))
    picture = np.clip(light[:, :, None] + (150, 160, 170), 0, 255).astype(np.uint8)
    for number, (emotion, left, top, side) in enumerate(faces):
        face = drawn_face(emotion, side, PEOPLE[(seed + number) % len(PEOPLE)])
        x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + side, width), min(top + side, height)
        picture[y0:y1, x0:x1] = face[y0 - top : y1 - top, x0 - left : x1 - left, None]
    return picture


def drawn_face(emotion: str, side: int, seed: int = 0) -> NDArray[np.uint8]:
    """Return a synthetic face, gray (side, side); a large one is enlarged from a smaller one for speed."""
    some = generate_faces(
        len(EMOTIONS), seed=seed, size=min(side, LARGEST)
    )  # the first round has each emotion
    face = some.images[some.labels == EMOTIONS.index(emotion)][0]
    return np.asarray(cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)
