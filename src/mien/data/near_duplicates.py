"""Near duplicates: shifted, mirrored, recompressed, brightened, scaled, cropped or rotated copies.

Descriptors find candidates (`duplicate_candidates`), and the pixels decide after a registration
(`registration`).
"""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.data.duplicate_candidates import SIDE, VIEWS, Candidates, candidates
from mien.data.duplicates import duplicate_groups, pixel_digests
from mien.data.progress import reading_progress, report_progress
from mien.data.registration import same_photograph
from mien.runtime.threads import opencv_limited, usable_cores

LEAST_CONTRAST: Final = 4.0
"""Standard deviation of gray levels of an image with something on it."""

PART: Final = 2000
"""Candidates that a thread compares at once."""

_LATEST: "Final[dict[bytes, Pairs]]" = {}
"""Near duplicates of the latest images, by a digest: an audit needs them for folds and findings."""

Gray = NDArray[np.uint8]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """Near duplicates, in ascending order of `first`.

    Attributes:
        first: int64, (m,); position of an image.
        second: int64, (m,); position of a later image.
        mirrored: bool, (m,); one is the mirror image of the other.
        similarity: float64, (m,); correlation of their pixels, 0 to 1; 1 if they are equal.
    """

    first: Ints
    second: Ints
    mirrored: NDArray[np.bool_]
    similarity: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.first)


def near_duplicates(images: NDArray[np.uint8]) -> Pairs:
    """Return the pairs of different images that show the same photograph.

    Images that are equal, pixel for pixel, are represented by the first of them.

    Args:
        images: uint8, (n, size, size) or (n, size, size, 3).
    """
    key = hashlib.sha256(pixel_digests(images).tobytes() + repr(images.shape).encode()).digest()
    pairs = _LATEST.get(key)
    if pairs is None:
        pairs = _near_duplicates(images)
        _LATEST.clear()
        _LATEST[key] = pairs
    return pairs


def _near_duplicates(images: NDArray[np.uint8]) -> Pairs:
    distinct = np.unique(duplicate_groups(images))
    gray = gray_images(images[distinct])
    rows = np.flatnonzero(gray.reshape(len(gray), SIDE * SIDE).std(1) >= LEAST_CONTRAST)
    position, gray = distinct[rows], gray[rows]
    pairs = candidates(gray)
    similarity = _similarities(gray, pairs)
    same = similarity > 0
    mirrored = np.array([view.mirrored for view in VIEWS])[pairs.view]
    return Pairs(position[pairs.first[same]], position[pairs.second[same]], mirrored[same], similarity[same])


def similar_groups(images: NDArray[np.uint8]) -> Ints:
    """Return the group of each image, (n,): the position of the first equal or nearly equal image."""
    groups = duplicate_groups(images)
    with reading_progress(None):  # trainings show a bar about the images that are read
        pairs = near_duplicates(images)
    return merged_groups(groups, pairs.first, pairs.second)


def merged_groups(groups: Ints, first: Ints, second: Ints) -> Ints:
    """Return groups (n,), named by their first position, in which pairs of positions are joined."""
    parent = np.arange(len(groups))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = int(parent[at])
        return at

    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        low, high = sorted((root(int(groups[one])), root(int(groups[other]))))
        parent[high] = low
    roots = np.array([root(at) for at in np.unique(groups).tolist()], np.int64)
    found: Ints = roots[np.searchsorted(np.unique(groups), groups)]
    return found


def _similarities(gray: Gray, pairs: Candidates) -> NDArray[np.float64]:
    """Return the similarity of each pair, (m,); 0 if it does not show one photograph."""

    def compared(start: int) -> list[float]:
        part = slice(start, start + PART)
        columns = (pairs.first[part], pairs.second[part], pairs.view[part])
        return [
            same_photograph(gray[first], gray[second], VIEWS[view])
            for first, second, view in zip(*(column.tolist() for column in columns), strict=True)
        ]

    # OpenCV releases the interpreter while it computes; its own threads only slow such small images down.
    with opencv_limited(1), ThreadPoolExecutor(usable_cores()) as pool:
        found: list[float] = []
        for part in pool.map(compared, range(0, len(pairs.first), PART)):
            found += part
            report_progress(len(found), len(pairs.first))
    return np.array(found, np.float64)


def gray_images(images: NDArray[np.uint8]) -> Gray:
    """Return gray images of the size that is compared, uint8 (n, SIDE, SIDE)."""
    if images.shape[1] == SIDE and images.ndim == 3:
        return images
    found = np.empty((len(images), SIDE, SIDE), np.uint8)
    for target, image in zip(found, images, strict=True):
        flat = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
        target[:] = cv2.resize(flat, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return found
