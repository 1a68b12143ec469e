"""Whether two images show the same photograph: affine registration, then the correlation of their pixels."""

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.data.duplicate_candidates import SIDE, WINDOW, View, turn_matrix

SAME: Final = 0.99
"""Correlation of the registered pixels of two images of one photograph from which nothing else is compared.
Of pairs of different blurred faces, one in 50 reaches 0.96 after a registration, one in 3,000 this."""

SIMILAR: Final = 0.9
"""Correlation from which that of the details decides, as for copies with other gray levels or less detail."""

DETAIL: Final = (1.2, 4.0)
FINE_DETAIL: Final = (0.7, 2.0)
"""Standard deviations of the two Gaussians whose difference is the detail, in pixels."""

SAME_DETAIL, SAME_FINE_DETAIL = 0.88, 0.84
"""Correlations of the details of two images of one photograph, at least. Of FER2013's pairs, those above
show the same photograph; below are similar faces (docs/lab-notebook.md, 2026-11-27)."""

BLURS: Final = (1.0, 1.4, 2.0, 2.8)
"""Standard deviations of the Gaussians by which the sharper one of two images is blurred, in pixels."""

SAME_BLURRED: Final = 0.98
"""Correlation of an image with a blurred one of the same photograph, if it is blurred as much, at least."""

UNRELATED: Final = 0.8
"""Correlation after a few steps of the registration below which more steps don't help."""

FEW_STEPS, STEPS = 6, 30

MOST_ZOOM: Final = 2.1
"""Ratio of the areas of two copies, at most."""

LEAST_OVERLAP: Final = 0.6
"""Share of the window that the other image covers, at least."""

_MARGIN: Final = (SIDE - WINDOW) // 2
_ALL: Final = np.full((SIDE, SIDE), 255, np.uint8)

Gray = NDArray[np.uint8]
Matrix = NDArray[np.float32]


def same_photograph(one: Gray, other: Gray, view: View) -> float:
    """Return the correlation of two images if they show the same photograph, else 0.

    They are registered with the enhanced correlation coefficient (ECC, Evangelidis and Psarakis 2008).

    Args:
        one: uint8, (SIDE, SIDE).
        other: uint8, (SIDE, SIDE).
        view: The window of `one` that looks like the center of `other`.

    Returns:
        0, or the correlation of the central window of `other` with `one`, up to 1.
    """
    source = np.ascontiguousarray(one[:, ::-1]) if view.mirrored else one
    try:
        score, warp = _registered(source, other, start_matrix(view), FEW_STEPS)
        if score < UNRELATED:
            return 0.0
        if score < SAME:
            score, warp = _registered(source, other, warp, STEPS)
    except cv2.error:  # it doesn't converge
        return 0.0
    if score < SIMILAR or not _is_plausible(warp):
        return 0.0
    return min(score, 1.0) if score >= SAME or _same_detail(source, other, warp) else 0.0


def start_matrix(view: View) -> Matrix:
    """Return the affine matrix (2, 3) from the central window of one image to a view of the other."""
    turn = np.vstack([turn_matrix(view), (0, 0, 1)])
    shift = np.array([[1, 0, _MARGIN + view.right], [0, 1, _MARGIN + view.down], [0, 0, 1]], np.float64)
    return np.asarray((np.linalg.inv(turn) @ shift)[:2], np.float32)


def _registered(one: Gray, other: Gray, warp: Matrix, steps: int) -> tuple[float, Matrix]:
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, steps, 1e-3)
    score, found = cv2.findTransformECC(
        _center(_smooth(other)), _smooth(one), warp.copy(), cv2.MOTION_AFFINE, stop, _ALL, 1
    )
    return float(score), np.asarray(found, np.float32)


def _is_plausible(warp: Matrix) -> bool:
    """Return whether a registration neither collapses the image nor leaves it."""
    area = abs(float(np.linalg.det(warp[:, :2].astype(np.float64))))
    return 1 / MOST_ZOOM <= area <= MOST_ZOOM and float(_covered(warp).mean()) >= LEAST_OVERLAP


def _same_detail(one: Gray, other: Gray, warp: Matrix) -> bool:
    """Return whether the details correlate: the fine ones, too, unless one image is a blurred copy."""
    first, second = one.astype(np.float32), other.astype(np.float32)

    def correlation(band: tuple[float, float]) -> float:
        return _correlation(_detail(first, band), _detail(second, band), warp)

    if correlation(DETAIL) < SAME_DETAIL:
        return False
    return correlation(FINE_DETAIL) >= SAME_FINE_DETAIL or _is_blurred_copy(first, second, warp)


def _is_blurred_copy(first: Matrix, second: Matrix, warp: Matrix) -> bool:
    blurred = (
        pair
        for sigma in BLURS
        for pair in ((_blurred(first, sigma), second), (first, _blurred(second, sigma)))
    )
    return any(_correlation(*pair, warp) >= SAME_BLURRED for pair in blurred)


def _correlation(first: Matrix, second: Matrix, warp: Matrix) -> float:
    """Return the correlation of the central window of the second image with the first one."""
    covered = _covered(warp)
    return float(np.corrcoef(_warped(first, warp)[covered], _center(second)[covered])[0, 1])


def _covered(warp: Matrix) -> NDArray[np.bool_]:
    """Return the mask of the central window of the other image that is inside the first one."""
    return np.asarray(_warped(_ALL, warp, cv2.BORDER_CONSTANT) == 255, np.bool_)


def _warped(image: NDArray[Any], warp: Matrix, border: int = cv2.BORDER_REPLICATE) -> NDArray[Any]:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(image, warp, (WINDOW, WINDOW), flags=flags, borderMode=border))


def _smooth(image: Gray) -> Gray:
    return np.asarray(cv2.GaussianBlur(image, (3, 3), 0.8), np.uint8)


def _detail(levels: Matrix, band: tuple[float, float]) -> Matrix:
    fine, coarse = (_blurred(levels, sigma) for sigma in band)
    return np.asarray(fine - coarse, np.float32)


def _blurred(levels: Matrix, sigma: float) -> Matrix:
    return np.asarray(cv2.GaussianBlur(levels, (0, 0), sigma), np.float32)


def _center(image: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(image[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN])
