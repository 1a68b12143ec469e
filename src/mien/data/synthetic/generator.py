"""From a seed to a FaceSet: labels, splits, lighting and noise."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.data.synthetic.rendering import paint
from mien.data.synthetic.shapes import Tints, Traits
from mien.data.synthetic.traits import draw_tints, draw_traits
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.files.mapped import empty_array, release
from mien.labels import EMOTIONS, SPLITS, TEST, TRAIN, VALIDATION

ROUNDS: Final = 10
"""Of this many faces of an emotion, one is in validation, one in test, and the others in training."""

BLOCK: Final = ROUNDS * len(EMOTIONS)
MAX_SIDE: Final = 1024
COLOR_SEED: Final = 1
"""Third part of the seed from which colors are drawn."""


def generate_faces(count: int, *, seed: int = 0, size: int = 48, channels: int = 1) -> FaceSet:
    """Draw `count` faces, balanced over the seven emotions, shuffled, split 80/10/10.

    Seed and position alone decide a face: the first hundred of a thousand are the hundred that
    a call for a hundred draws. Every block of 70 holds each emotion eight times in training
    and once in either other split. Another size shows the same people under another grain.

    Args:
        count: Number of faces, 1 or more.
        seed: Decides which faces, 0 or more.
        size: Side of a face in pixels, 8 to 1024.
        channels: 1 for gray, 3 for the same faces in color.

    Raises:
        DataError: `count`, `seed` or `size` is out of range.
    """
    _check(count, seed, size)
    images = empty_array((count, size, size, 3)[: 3 if channels == 1 else 4])
    labels, splits = np.empty(count, np.int64), np.empty(count, np.uint8)
    for start in range(0, count, BLOCK):
        part = slice(start, min(start + BLOCK, count))
        labels[part], splits[part], images[part] = _block(
            part.stop - start, (seed, start // BLOCK), size, channels
        )
        release(images)
    ids = np.array([f"synthetic-{index:05d}" for index in range(count)])
    return FaceSet(images, labels, splits, ids, source=f"synthetic:{count}:{seed}")


def _check(count: int, seed: int, size: int) -> None:
    if count < 1:
        raise DataError(f"synthetic faces: {count} requested, expected 1 or more; try synthetic:700")
    if seed < 0:
        raise DataError(f"synthetic faces: seed {seed}, expected 0 or more")
    if not 8 <= size <= MAX_SIDE:
        raise DataError(f"synthetic faces: size {size}, expected 8 to {MAX_SIDE} pixels")


def _block(
    count: int, seed: tuple[int, int], size: int, channels: int
) -> tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.uint8]]:
    """Labels, splits and images of the first `count` faces of a block; the dice roll for all of it."""
    rng = np.random.default_rng(seed)
    labels, splits = _deal(rng)
    traits = {name: values[:count] for name, values in draw_traits(labels, rng).items()}
    grain = rng.standard_normal((count, size, size), np.float32)
    tints = None
    if channels == 3:  # a generator of its own, so that the faces are those of a gray set
        drawn = draw_tints(BLOCK, np.random.default_rng((*seed, COLOR_SEED)))
        tints = {material: factors[:count] for material, factors in drawn.items()}
    return labels[:count], splits[:count], _photograph(traits, grain, tints)


def _deal(rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Labels and splits of a block, (BLOCK,) each: ten rounds, each of which has every emotion.

    An emotion validates in one round and tests in another. These rounds differ from emotion to
    emotion, so that the beginning of a block has faces of all splits too.
    """
    emotions = np.arange(len(EMOTIONS))
    rounds = rng.permutation(ROUNDS)
    splits = np.full((ROUNDS, len(EMOTIONS)), SPLITS.index(TRAIN), np.uint8)
    splits[rounds[emotions], emotions] = SPLITS.index(VALIDATION)
    splits[rounds[(emotions + ROUNDS // 2) % ROUNDS], emotions] = SPLITS.index(TEST)
    labels = np.argsort(rng.random(splits.shape), axis=1)
    return labels.reshape(-1), np.take_along_axis(splits, labels, axis=1).reshape(-1)


def _photograph(traits: Traits, grain: NDArray[np.float32], tints: Tints | None = None) -> NDArray[np.uint8]:
    """The painted faces in their light, with the noise of a camera: uint8 (n, size, size[, 3]).

    Args:
        traits: One value a face, (n,) each.
        grain: Standard normal, (n, size, size).
        tints: Colors of the materials; None paints in gray.
    """
    size = grain.shape[1]
    angle, slope, exposure, noise = (
        traits[name].astype(np.float32)[:, None, None]
        for name in ("light_angle", "light", "exposure", "grain")
    )
    axis = np.linspace(-1, 1, size, dtype=np.float32)
    image = slope * (np.cos(angle) * axis + np.sin(angle) * axis[:, None])
    image += exposure - 0.1 * (axis[:, None] ** 2 + axis**2)
    noise = noise * grain
    painted = paint(traits, size, tints)
    if tints is not None:
        image, noise = image[..., None], noise[..., None]
    image = image * painted
    image += noise
    return np.clip(image, 0, 255).astype(np.uint8)
