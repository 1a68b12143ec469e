"""Whether two images show the same photograph: affine registration, then the correlation of their pixels."""

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.data.duplicate_candidates import SIDE, WINDOW, View, turn_matrix

SAME: Final = 0.96
"""Correlation of the registered pixels of two images of one photograph, at least. Of FER2013's pairs, those
above these limits show the same photograph; below are similar faces (docs/lab-notebook.md, 2026-11-27)."""

SIMILAR: Final = 0.9
"""Correlation from which that of the details decides, as for copies with other gray levels or less detail."""

SAME_DETAIL: Final = 0.88
"""Correlation of the details of two images of one photograph, at least."""

UNRELATED: Final = 0.8
"""Correlation after a few steps of the registration below which more steps don't help."""

FEW_STEPS, STEPS = 6, 30

FINE, COARSE = 1.2, 4.0
"""Standard deviations of the two Gaussians whose difference is the detail, in pixels."""

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
    covered = _covered(warp)
    first, second = _warped(_detail(one), warp)[covered], _center(_detail(other))[covered]
    return bool(np.corrcoef(first, second)[0, 1] >= SAME_DETAIL)


def _covered(warp: Matrix) -> NDArray[np.bool_]:
    """Return the mask of the central window of the other image that is inside the first one."""
    return np.asarray(_warped(_ALL, warp, cv2.BORDER_CONSTANT) == 255, np.bool_)


def _warped(image: NDArray[Any], warp: Matrix, border: int = cv2.BORDER_REPLICATE) -> NDArray[Any]:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(image, warp, (WINDOW, WINDOW), flags=flags, borderMode=border))


def _smooth(image: Gray) -> Gray:
    return np.asarray(cv2.GaussianBlur(image, (3, 3), 0.8), np.uint8)


def _detail(image: Gray) -> Matrix:
    levels = image.astype(np.float32)
    fine, coarse = (cv2.GaussianBlur(levels, (0, 0), sigma) for sigma in (FINE, COARSE))
    return np.asarray(fine - coarse, np.float32)


def _center(image: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(image[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN])
