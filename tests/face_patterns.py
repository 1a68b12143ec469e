"""Images with structure at all scales, as tests of duplicates need them: smooth random patterns."""

import cv2
import numpy as np
from numpy.typing import NDArray


def patterns(n: int, seed: int = 0, size: int = 48) -> NDArray[np.uint8]:
    """Return `n` different smooth images, uint8 (n, size, size)."""
    rng = np.random.default_rng(seed)
    found = np.empty((n, size, size), np.uint8)
    for target in found:
        coarse = cv2.resize(
            rng.normal(size=(7, 7)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC
        )
        fine = cv2.GaussianBlur(rng.normal(size=(size, size)).astype(np.float32), (0, 0), 1.5)
        target[:] = np.clip(128 + 40 * coarse + 60 * fine, 0, 255)
    return found


def moved(image: NDArray[np.uint8], x: int, y: int) -> NDArray[np.uint8]:
    """Return the image shifted by whole pixels, with its border repeated."""
    matrix = np.array([[1, 0, x], [0, 1, y]], np.float32)
    shape = image.shape[1], image.shape[0]
    return np.asarray(cv2.warpAffine(image, matrix, shape, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def recompressed(image: NDArray[np.uint8], quality: int = 40) -> NDArray[np.uint8]:
    """Return the image after JPEG compression."""
    code = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(code, cv2.IMREAD_UNCHANGED), np.uint8)
