"""Builders for tests of explanations: classifiers whose answer depends on one patch, and such faces."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mien.explanation.base import Model

CLASSES = ("without", "with")
PATCH = (slice(30, 38), slice(8, 16))
"""Rows and columns that decide."""


def patch_model(channels: int = 1, size: int = 48) -> Model:
    """Return a model whose second class is as probable as the patch is bright."""
    shape = (size, size) if channels == 1 else (size, size, channels)

    def predict(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        bright = faces[:, PATCH[0], PATCH[1]].mean(axis=tuple(range(1, faces.ndim))) / 255
        return np.stack([1 - bright, bright], axis=1).astype(np.float32)

    return Model("patch", CLASSES, shape, predict, randomize=lambda seed: constant_model(shape))


def constant_model(shape: tuple[int, ...]) -> Model:
    """Return a model that always returns the same probabilities."""

    def predict(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.tile(np.array([[0.25, 0.75]], np.float32), (len(faces), 1))

    return Model("constant", CLASSES, shape, predict)


def patch_faces(n: int = 1, channels: int = 1, size: int = 48) -> NDArray[np.uint8]:
    """Return dark, noisy faces with a bright patch."""
    rng = np.random.default_rng(0)
    shape = (n, size, size) if channels == 1 else (n, size, size, channels)
    faces = rng.integers(0, 80, shape, dtype=np.uint8)
    faces[:, PATCH[0], PATCH[1]] = 250
    return faces


def perfect_maps() -> NDArray[np.float32]:
    """Return the map of one face that is 1 in the patch and 0 elsewhere, (1, 48, 48)."""
    maps = np.zeros((1, 48, 48), np.float32)
    maps[0, PATCH[0], PATCH[1]] = 1
    return maps


def peak(saliency: NDArray[np.floating]) -> tuple[int, int]:
    """Return row and column of the largest value."""
    row, column = np.unravel_index(int(saliency.argmax()), saliency.shape)
    return int(row), int(column)


def is_in_patch(place: tuple[int, int], margin: int = 0) -> bool:
    """Return whether a pixel is in the patch, or `margin` pixels beside it."""
    return all(part.start - margin <= at < part.stop + margin for at, part in zip(place, PATCH, strict=True))


def counted(model: Model) -> tuple[Model, Callable[[], int]]:
    """Return a model, and a function that returns how many faces it classified."""
    faces = 0

    def predict(some: NDArray[np.uint8]) -> NDArray[np.float32]:
        nonlocal faces
        faces += len(some)
        return model.predict(some)

    return Model(model.name, model.classes, model.input_shape, predict), lambda: faces
