"""Faces that are hidden in part, and their probabilities: what occlusion, RISE and the curves share."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.explanation.base import Model

CHUNK_PIXELS: Final = 1 << 21
"""Pixels of hidden faces in memory at a time: 900 faces of 48x48, 40 of 224x224."""

Masks = NDArray[np.float32]
"""Visibility of each pixel, float32 (m, size, size): 1 shows the face, 0 shows its mean level."""


def probabilities_under(model: Model, face: NDArray[np.uint8], masks: Masks) -> NDArray[np.float32]:
    """Return the probabilities of a face under each mask, float32 (m, classes).

    Args:
        model: What classifies it.
        face: uint8, (size, size) or (size, size, 3).
        masks: Hidden pixels are replaced by the mean level of the face, of each channel.
    """
    return blends(model, face, mean_face(face), masks)


def blends(
    model: Model, face: NDArray[np.uint8], hidden: NDArray[np.float32], masks: Masks
) -> NDArray[np.float32]:
    """Return the probabilities of mask * face + (1 - mask) * hidden, float32 (m, classes)."""
    levels = face.astype(np.float32)
    found = [np.empty((0, len(model.classes)), np.float32)]
    for some in _chunks(masks, face.size):
        visible = some if face.ndim == 2 else some[..., None]
        mixed = hidden + visible * (levels - hidden)
        found.append(model.predict(np.rint(mixed).astype(np.uint8)))
    return np.concatenate(found)


def mean_face(face: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a face of the same shape whose pixels have the mean level, of each channel, as float32."""
    mean = face.mean(axis=(0, 1), keepdims=True, dtype=np.float64)
    return np.broadcast_to(mean, face.shape).astype(np.float32)


def _chunks(masks: Masks, pixels: int) -> Iterator[Masks]:
    count = max(1, CHUNK_PIXELS // pixels)
    for start in range(0, len(masks), count):
        yield masks[start : start + count]
