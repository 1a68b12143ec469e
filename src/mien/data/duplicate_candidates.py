"""Candidates of near duplicates: images that look alike after a shift, scaling, rotation or mirroring.

A window of three quarters of an image is described by its whitened principal components, as eigenfaces (Turk
and Pentland 1991). Descriptors of windows of one image, in several positions, scales and rotations, also
mirrored, are compared with that of the central window of the other image by their cosine.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.data.progress import report_progress

SIDE: Final = 48
"""Side of the images that are compared, in pixels."""

WINDOW: Final = 36
"""Side of the window that is described."""

CELL: Final = 3
"""Pixels of a side of a cell; the window is reduced to the means of its cells."""

COMPONENTS: Final = 48
"""Length of a descriptor."""

PRIOR_IMAGES: Final = 200
"""Weight of the spectrum of natural images in the principal components, as a number of images."""

LEAST_COSINE: Final = 0.68
"""Cosine of the descriptors of candidates, at least. Of unrelated faces, one pair in 100,000 exceeds it."""

MOST_PER_IMAGE: Final = 32
"""Candidates of an image, at most; bounds the cost of a data set of frames of one video."""

ROWS: Final = 256
"""Images that are compared with all others at once; bounds memory."""

MOST_KEPT: Final = 4_000_000
"""Candidates that are collected before the best of each image are chosen; bounds memory."""

Gray = NDArray[np.uint8]
Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


class View(NamedTuple):
    """A window of a transformed image.

    Attributes:
        scale: Factor by which the image is enlarged.
        angle: Degrees by which it is rotated, counterclockwise.
        mirrored: Whether it is mirrored before.
        down: Pixels by which the window is below the center.
        right: Pixels by which it is right of the center.
    """

    scale: float
    angle: float
    mirrored: bool
    down: int
    right: int


_CLOSE: Final = tuple(product((-6, -3, 0, 3, 6), repeat=2))
_APART: Final = tuple(product((-4, 0, 4), repeat=2))
_TURNS: Final = (
    (1.0, 0.0, _CLOSE), (0.85, 0.0, _APART), (1.18, 0.0, _APART), (1.0, 10.0, _APART), (1.0, -10.0, _APART),
)  # fmt: skip
VIEWS: Final = tuple(
    View(scale, angle, mirrored, down, right)
    for mirrored in (False, True)
    for scale, angle, offsets in _TURNS
    for down, right in offsets
)
"""Views that are compared: what lies between two of them is close enough to one."""


@dataclass(frozen=True)
class Candidates:
    """Pairs of positions, `first` < `second`, each once.

    Attributes:
        first: int64, (m,).
        second: int64, (m,).
        view: int64, (m,); index of `VIEWS`: the window of `first` most like the center of `second`.
        cosine: float32, (m,).
    """

    first: Ints
    second: Ints
    view: Ints
    cosine: Floats


def candidates(gray: Gray) -> Candidates:
    """Return the pairs of images that may be near duplicates. The views are reported as progress.

    Args:
        gray: uint8, (n, SIDE, SIDE).
    """
    if not len(gray):
        return _joined([])
    describe = Descriptor(_cells(gray, 0, 0))
    central = describe(_cells(gray, 0, 0))
    found: list[Candidates] = []
    turned, turn = gray, (1.0, 0.0, False)
    for number, view in enumerate(VIEWS):
        if view[:3] != turn:
            turned, turn = turned_images(gray, view), view[:3]
        described = describe(_cells(turned, view.down, view.right))
        found += _close(described, central, number)
        if sum(len(part.first) for part in found) > MOST_KEPT:
            found = [_joined(found)]
        report_progress(number + 1, len(VIEWS))
    return _joined(found)


class Descriptor:
    """Whitened principal components of the cells of windows, as vectors of length 1.

    The covariance is that of the given windows and, with the weight of `PRIOR_IMAGES`, that of natural
    images, whose power falls with the square of the frequency (Field 1987), as few images say little.

    Args:
        cells: float32, (n, k, k); the windows to which it is adapted.
    """

    def __init__(self, cells: Floats) -> None:
        flat = _normalized(cells)
        weight = len(flat) / (len(flat) + PRIOR_IMAGES)
        self._mean = flat.mean(0) * weight
        centered = flat - self._mean
        covariance = weight * (centered.T @ centered) / len(flat)
        covariance += (1 - weight) * natural_covariance(cells.shape[1])
        values, vectors = np.linalg.eigh(covariance)
        best = slice(-1, -COMPONENTS - 1, -1)
        self._basis = (vectors[:, best] / np.sqrt(values[best])).astype(np.float32)

    def __call__(self, cells: Floats) -> Floats:
        """Return the descriptors of windows, float32 (n, COMPONENTS)."""
        return _unit((_normalized(cells) - self._mean) @ self._basis)


def natural_covariance(count: int) -> NDArray[np.float64]:
    """Return the covariance of cells of natural images, without their mean, (count², count²); trace 1."""
    place = np.arange(count)
    basis = np.cos(np.pi / count * np.outer(place, place + 0.5))
    basis /= np.linalg.norm(basis, axis=1, keepdims=True)
    frequency = place[:, None] ** 2 + place[None] ** 2
    power = np.divide(1.0, frequency, out=np.zeros((count, count)), where=frequency > 0).reshape(-1)
    vectors = np.kron(basis, basis)
    covariance: NDArray[np.float64] = (vectors.T * (power / power.sum())) @ vectors
    return covariance


def turned_images(gray: Gray, view: View) -> Gray:
    """Return images mirrored, scaled and rotated as in a view; their borders are repeated."""
    source = np.ascontiguousarray(gray[:, :, ::-1]) if view.mirrored else gray
    if (view.scale, view.angle) == (1.0, 0.0):
        return source
    matrix = turn_matrix(view)
    found = np.empty_like(source)
    for target, image in zip(found, source, strict=True):
        cv2.warpAffine(image, matrix, (SIDE, SIDE), target, borderMode=cv2.BORDER_REPLICATE)
    return found


def turn_matrix(view: View) -> NDArray[np.float64]:
    """Return the affine matrix (2, 3) from the mirrored image to the scaled and rotated one."""
    center = (SIDE - 1) / 2
    return np.asarray(cv2.getRotationMatrix2D((center, center), view.angle, view.scale), np.float64)


def _close(described: Floats, central: Floats, view: int) -> Iterator[Candidates]:
    """Yield the pairs (first < second) whose descriptors are close."""
    for start in range(0, len(described), ROWS):
        cosine = described[start : start + ROWS] @ central[start:].T
        # Ten times as fast as `nonzero`.
        row, column = np.divmod(np.flatnonzero(cosine >= LEAST_COSINE), cosine.shape[1])
        later = column > row
        row, column = row[later], column[later]
        values = cosine[row, column]
        yield _best(row + start, column + start, np.full(len(row), view), values)


def _joined(parts: list[Candidates]) -> Candidates:
    """Return the candidates of all views, each pair once."""
    if not parts:
        none = np.empty(0, np.int64)
        return Candidates(none, none, none, np.empty(0, np.float32))
    first, second, view = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("first", "second", "view")
    )
    cosine = np.concatenate([part.cosine for part in parts])
    order = np.lexsort((-cosine, second, first))
    first, second = first[order], second[order]
    new = np.ones(len(first), bool)
    new[1:] = (np.diff(first) != 0) | (np.diff(second) != 0)
    return _best(first[new], second[new], view[order][new], cosine[order][new])


def _best(first: Ints, second: Ints, view: Ints, cosine: Floats) -> Candidates:
    """Return the candidates with the highest cosines of each `first`."""
    order = np.lexsort((-cosine, first))
    ordered = first[order]
    rank = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    kept = order[rank < MOST_PER_IMAGE]
    return Candidates(first[kept], second[kept], view[kept], cosine[kept])


def _cells(gray: Gray, down: int, right: int) -> Floats:
    """Return the means of the cells of a window, float32 (n, k, k)."""
    top, left = ((SIDE - WINDOW) // 2 + shift for shift in (down, right))
    count = WINDOW // CELL
    window = gray[:, top : top + WINDOW, left : left + WINDOW]
    cells = window.reshape(len(gray), count, CELL, count, CELL).mean((2, 4), dtype=np.float32)
    return np.asarray(cells, np.float32)


def _normalized(cells: Floats) -> Floats:
    """Return the cells as vectors of mean 0 and length 1, (n, k * k)."""
    flat = cells.reshape(len(cells), cells.shape[1] * cells.shape[2])
    return _unit(flat - flat.mean(1, keepdims=True))


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-6), np.float32)
