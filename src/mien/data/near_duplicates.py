"""Near duplicates: shifted, mirrored, recompressed, brightened or slightly scaled copies of an image.

Candidates are pairs whose 64-bit perceptual hashes (signs of the low frequencies of a DCT, as in pHash;
Zauner 2010) differ in few bits. The hash covers a window of three quarters of the image. Those of windows at
several offsets, also mirrored, are compared with the central one, so that shifts and borders don't matter.
The pixels decide: the normalized correlation of the central window at its best position in the other image,
after an affine registration (ECC, Evangelidis & Psarakis 2008) where that is needed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.data.duplicates import duplicate_groups

SIDE: Final = 48
"""Side of the images that are compared, in pixels; others are resized."""

WINDOW: Final = 36
"""Side of the window that the hash covers."""

OFFSETS: Final = tuple((down, right) for down, right in product((-3, 0, 3), repeat=2))
"""Offsets of windows from the center, in pixels: those between them are close enough."""

CELL: Final = 3
"""Pixels of a side of a cell; the window is reduced to the means of its cells."""

MOST_BITS: Final = 15
"""Differing bits of a candidate, at most."""

LEAST_COARSE: Final = 0.8
"""Correlation of the means of cells of a candidate, at least."""

SAME: Final = 0.95
"""Correlation of the pixels of near duplicates, at least."""

SIMILAR: Final = 0.88
"""Correlation from which a registration is tried."""

REGISTERED: Final = 0.96
"""Correlation of near duplicates after a registration, at least. Of FER2013's pairs, those above these limits
show the same photograph; below are similar faces (docs/lab-notebook.md, 2026-11-27)."""

LEAST_CONTRAST: Final = 4.0
"""Standard deviation of gray levels of an image with something on it."""

ROWS, COLUMNS = 16, 8192
"""Hashes that are compared at once; the result fits the cache of a core."""

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
    distinct = np.unique(duplicate_groups(images))
    gray = gray_images(images[distinct])
    rows = np.flatnonzero(gray.reshape(len(gray), SIDE * SIDE).std(1) >= LEAST_CONTRAST)
    found = sorted(_confirmed(gray[rows], _candidates(gray[rows])))
    columns = [np.array([pair[at] for pair in found], np.float64) for at in range(4)]
    position = distinct[rows]
    return Pairs(
        position[columns[0].astype(np.int64)],
        position[columns[1].astype(np.int64)],
        columns[2].astype(bool),
        columns[3].astype(np.float64),
    )


def similar_groups(images: NDArray[np.uint8]) -> Ints:
    """Return the group of each image, (n,): the position of the first equal or nearly equal image."""
    groups = duplicate_groups(images)
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


def perceptual_hashes(cells: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Return the 64-bit hash of each window, (n,): signs of 64 DCT coefficients, without the mean.

    Args:
        cells: (n, k, k), the means of the cells of a window.
    """
    count = cells.shape[1]
    basis = np.cos(np.pi / count * np.outer(np.arange(9), np.arange(count) + 0.5)).astype(np.float32)
    coefficients = np.einsum("ux,nxy,vy->nuv", basis, cells, basis, optimize=True)
    # The lowest frequencies of an 8x8 block, with one of the ninth row in place of the mean.
    block = coefficients[:, :8, :8].reshape(len(cells), 64).copy()
    block[:, 0] = coefficients[:, 8, 0]
    hashes: NDArray[np.uint64] = np.packbits(block > 0, axis=1).view(np.uint64).reshape(-1)
    return hashes


def _candidates(gray: Gray) -> dict[tuple[int, int, bool], float]:
    """Return the pairs of positions that may be near duplicates, and whether mirrored, with a correlation."""
    found: dict[tuple[int, int, bool], float] = {}
    central = _cells(gray, (0, 0))
    hashes, coarse = perceptual_hashes(central), _normalized(central)
    for mirrored in (False, True):
        turned = gray[:, :, ::-1] if mirrored else gray
        for offset in OFFSETS:
            cells = _cells(turned, offset)
            others = _normalized(cells)
            for first, second in _close(perceptual_hashes(cells), hashes):
                correlation = np.einsum("nk,nk->n", others[first], coarse[second])
                for at in np.flatnonzero(correlation >= LEAST_COARSE):
                    key = (int(first[at]), int(second[at]), mirrored)
                    found[key] = max(found.get(key, 0.0), float(correlation[at]))
    return found


def _close(hashes: NDArray[np.uint64], others: NDArray[np.uint64]) -> Iterator[tuple[Ints, Ints]]:
    """Yield positions (first < second) whose hashes differ in few bits."""
    for start in range(0, len(hashes), ROWS):
        part = hashes[start : start + ROWS, None]
        for begin in range(start, len(others), COLUMNS):
            bits = np.bitwise_count(part ^ others[None, begin : begin + COLUMNS])
            at = np.flatnonzero(bits.reshape(-1) <= MOST_BITS)
            first, second = at // bits.shape[1] + start, at % bits.shape[1] + begin
            later = second > first
            yield first[later], second[later]


def _confirmed(
    gray: Gray, candidates: dict[tuple[int, int, bool], float]
) -> Iterator[tuple[int, int, bool, float]]:
    """Yield the pairs whose pixels correlate."""
    for first, second, mirrored in candidates:
        one = np.ascontiguousarray(gray[first][:, ::-1]) if mirrored else gray[first]
        similarity = pixel_similarity(one, gray[second])
        if similarity > 0:
            yield first, second, mirrored, similarity


def pixel_similarity(one: Gray, other: Gray) -> float:
    """Return the correlation of the central window of `other` with `one`, 0 to 1; 0 if not duplicates.

    It is that at the position of the highest correlation, or after a registration.
    """
    margin = (SIDE - WINDOW) // 2
    part = np.ascontiguousarray(other[margin:-margin, margin:-margin])
    scores = cv2.matchTemplate(_smooth(one), _smooth(part), cv2.TM_CCOEFF_NORMED)
    _, best, _, (left, top) = cv2.minMaxLoc(scores)
    if best >= SAME:
        return min(best, 1.0)
    registered = _registered(one, other, left - margin, top - margin) if best >= SIMILAR else 0.0
    return min(registered, 1.0) if registered >= REGISTERED else 0.0


def _registered(one: Gray, other: Gray, x: int, y: int) -> float:
    """Return the correlation after an affine registration that begins with a shift."""
    warp = np.array([[1, 0, x], [0, 1, y]], np.float32)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 20, 1e-3)
    everywhere = np.full((SIDE, SIDE), 255, np.uint8)
    try:
        score, turned = cv2.findTransformECC(
            _smooth(other), _smooth(one), warp, cv2.MOTION_AFFINE, stop, everywhere, 1
        )
    except cv2.error:  # it doesn't converge
        return 0.0
    is_slight = bool(np.abs(np.asarray(turned)[:, :2] - np.eye(2)).max() < 0.2)
    return float(score) if is_slight else 0.0


def _smooth(image: Gray) -> Gray:
    return np.asarray(cv2.GaussianBlur(image, (3, 3), 0.8), np.uint8)


def gray_images(images: NDArray[np.uint8]) -> Gray:
    """Return gray images of the size that is compared, uint8 (n, SIDE, SIDE)."""
    if images.shape[1] == SIDE and images.ndim == 3:
        return images
    found = np.empty((len(images), SIDE, SIDE), np.uint8)
    for target, image in zip(found, images, strict=True):
        flat = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
        target[:] = cv2.resize(flat, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return found


def _cells(gray: Gray, offset: tuple[int, int]) -> NDArray[np.float32]:
    """Return the means of the cells of a window, (n, k, k)."""
    top, left = ((SIDE - WINDOW) // 2 + shift for shift in offset)
    count = WINDOW // CELL
    window = gray[:, top : top + WINDOW, left : left + WINDOW]
    cells = window.reshape(len(gray), count, CELL, count, CELL).mean((2, 4), dtype=np.float32)
    return np.asarray(cells, np.float32)


def _normalized(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the cells as vectors of mean 0 and length 1, (n, k * k)."""
    flat = cells.reshape(len(cells), cells.shape[1] * cells.shape[2])
    flat = flat - flat.mean(1, keepdims=True)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    found: NDArray[np.float32] = flat / np.maximum(length, 1e-6)
    return found
