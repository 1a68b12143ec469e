"""Duplicate faces: images that are equal, pixel for pixel.

FER2013 repeats faces within and across its splits. A hold-out keeps duplicates on one side, and accuracy
is reported with and without the faces whose duplicates were trained on.
"""

import numpy as np
import xxhash
from numpy.typing import NDArray

from mien.files.mapped import blocks_of


def duplicate_groups(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the group of each image, (n,): the position of the first image with the same pixels.

    Args:
        images: uint8, (n, size, size) or (n, size, size, 3).
    """
    _, first, inverse = np.unique(pixel_digests(images), return_index=True, return_inverse=True)
    groups: NDArray[np.int64] = first[inverse.reshape(-1)]
    return groups


def pixel_digests(images: NDArray[np.uint8]) -> NDArray[np.void]:
    """Return a digest of each image, 16 bytes (n,): equal if the pixels are (XXH3, 128 bits)."""
    digests = [
        xxhash.xxh3_128_digest(np.ascontiguousarray(image).data)
        for block in blocks_of(images)
        for image in block
    ]
    return np.frombuffer(b"".join(digests), dtype="V16")
