"""Whether an image shows a face: the score of MTCNN's third network (O-Net, Zhang et al. 2016).

O-Net scores windows of 48x48 pixels. A data set's faces are framed in another way than its training windows,
so several frames of the image are scored, and the highest score counts.
"""

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.data.duplicate_candidates import SIDE
from mien.data.near_duplicates import gray_images
from mien.detection.mtcnn_files import read_networks
from mien.detection.mtcnn_network import OUTPUTS, open_mtcnn

FRAMES: Final = ((1.0, 0.0), (0.85, 0.0), (1.1, 0.08), (1.25, 0.0))
"""Windows: their side, in sides of the image, and how far their center is below that of the image. The
first one suffices for 98 % of FER2013's faces."""

BATCH: Final = 128


def face_scores(
    images: NDArray[np.uint8], enough: NDArray[np.floating], step: Callable[[int], object] = int
) -> NDArray[np.float64]:
    """Return the score of each image as a face, (n,), 0 to 1.

    Args:
        images: uint8, (n, size, size) or (n, size, size, 3).
        enough: (n,); the score from which an image is scored in no further frame.
        step: Called with the number of images that have their score.

    Raises:
        DetectorError: The networks of MTCNN are missing.
    """
    gray = gray_images(images)
    graph = open_mtcnn({"onet": read_networks()["onet"]})["onet"]
    best = np.zeros(len(gray))
    for start in range(0, len(gray), BATCH):
        batch = np.arange(start, min(start + BATCH, len(gray)))
        for side, below in FRAMES:
            rows = batch[best[batch] < enough[batch]]
            if len(rows):
                windows = framed(gray[rows], side, below)
                found = graph.run({graph.inputs[0].name: windows}, OUTPUTS["onet"][:1])[OUTPUTS["onet"][0]]
                best[rows] = np.maximum(best[rows], found[:, 1])
        step(len(batch))
    return best


def turned_scores(images: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the highest score of each image after a turn, (n,), and its degrees, (n,): counterclockwise.

    Args:
        images: uint8, (n, size, size) or (n, size, size, 3).

    Raises:
        DetectorError: The networks of MTCNN are missing.
    """
    enough = np.ones(len(images))
    turned = (np.ascontiguousarray(np.rot90(images, turn, axes=(1, 2))) for turn in (1, 2, 3))
    scores = np.stack([face_scores(some, enough) for some in turned])
    return scores.max(0), 90 * (1 + scores.argmax(0))


def framed(gray: NDArray[np.uint8], side: float, below: float) -> NDArray[np.float32]:
    """Return windows of images as O-Net takes them, float32 (n, 48, 48, 3): x, y, channels."""
    begin = (SIDE - side * SIDE) / 2
    matrix = np.array([[side, 0, begin], [0, side, begin + below * SIDE]], np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    windows = np.empty(gray.shape, np.uint8)
    for window, image in zip(windows, gray, strict=True):
        cv2.warpAffine(image, matrix, (SIDE, SIDE), window, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    levels = (windows.transpose(0, 2, 1).astype(np.float32) - 127.5) / 128
    return np.repeat(levels[..., None], 3, axis=3)
