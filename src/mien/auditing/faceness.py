"""Whether an image shows a face: the scores of MTCNN's third network (O-Net, Zhang et al. 2016).

O-Net scores windows of 48x48 pixels. A data set's faces are framed in another way than its training windows,
so several frames of the image are scored. An image of which all four upright frames have low scores is scored
in twelve more. An object reaches a high score in one frame at most, so the highest and the mean score count
together: the evidence.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mien.data.duplicate_candidates import SIDE
from mien.data.near_duplicates import gray_images
from mien.data.progress import report_progress
from mien.detection.mtcnn.files import read_networks
from mien.detection.mtcnn.network import OUTPUTS, open_mtcnn


class Frame(NamedTuple):
    """A square window of an image.

    Attributes:
        side: In sides of the image.
        right: Distance of its center right of that of the image, in sides of the image.
        below: Distance of its center below that of the image.
        angle: Degrees by which it is rotated.
    """

    side: float
    right: float = 0.0
    below: float = 0.0
    angle: float = 0.0


FRAMES: Final = (Frame(1.0), Frame(0.85), Frame(1.1, below=0.08), Frame(1.25))
"""The first one suffices for 98 % of FER2013's faces."""

MORE_FRAMES: Final = (
    Frame(0.7), Frame(1.5), *(Frame(1.0, angle=angle) for angle in (25, -25, 45, -45)),
    *(Frame(0.75, right=place) for place in (-0.12, 0.12)),
    *(Frame(0.75, below=place) for place in (-0.12, 0.12)),
    *(Frame(1.0, right=place) for place in (-0.15, 0.15)),
)  # fmt: skip
"""Close, distant, tilted and shifted faces."""

BATCH: Final = 128

Gray = NDArray[np.uint8]
Floats = NDArray[np.float64]


def face_scores(images: NDArray[np.uint8], enough: float) -> NDArray[np.float64]:
    """Return the highest score of the upright frames of each image, (n,), 0 to 1. Reports its progress.

    Args:
        images: uint8, (n, size, size) or (n, size, size, 3).
        enough: The score from which an image is scored in no further frame.

    Raises:
        DetectorError: The networks of MTCNN are missing.
    """
    gray, score = gray_images(images), _scorer()
    best = np.zeros(len(gray))
    for start in range(0, len(gray), BATCH):
        batch = np.arange(start, min(start + BATCH, len(gray)))
        for frame in FRAMES:
            rows = batch[best[batch] < enough]
            if len(rows):
                best[rows] = np.maximum(best[rows], score(gray[rows], frame))
        report_progress(int(batch[-1]) + 1, len(gray))
    return best


def face_evidence(images: NDArray[np.uint8]) -> Floats:
    """Return the sum of the highest and the mean log odds of all frames of each image, (n,), -14 to 14.

    Args:
        images: uint8, (n, size, size) or (n, size, size, 3).

    Raises:
        DetectorError: The networks of MTCNN are missing.
    """
    gray, score = gray_images(images), _scorer()
    found = np.empty((len(gray), len(FRAMES) + len(MORE_FRAMES)))
    for start in range(0, len(gray), BATCH):
        rows = slice(start, start + BATCH)
        for at, frame in enumerate(FRAMES + MORE_FRAMES):
            found[rows, at] = log_odds(score(gray[rows], frame))
    return np.asarray(found.max(1) + found.mean(1), np.float64)


def turned_scores(images: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the highest score of each image after a turn, (n,), and its degrees, (n,): counterclockwise.

    Args:
        images: uint8, (n, size, size) or (n, size, size, 3).

    Raises:
        DetectorError: The networks of MTCNN are missing.
    """
    turned = (np.ascontiguousarray(np.rot90(images, turn, axes=(1, 2))) for turn in (1, 2, 3))
    scores = np.stack([face_scores(some, enough=1.0) for some in turned])
    return scores.max(0), 90 * (1 + scores.argmax(0))


def log_odds(scores: NDArray[np.floating]) -> Floats:
    """Return the log odds of scores, which are limited to 0.001 to 0.999."""
    limited = np.clip(np.asarray(scores, np.float64), 1e-3, 1 - 1e-3)
    return np.asarray(np.log(limited / (1 - limited)), np.float64)


def framed(gray: Gray, frame: Frame) -> NDArray[np.float32]:
    """Return windows of images as O-Net takes them, float32 (n, 48, 48, 3): x, y, channels."""
    angle, center = np.deg2rad(frame.angle), SIDE / 2
    turn = frame.side * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = center + SIDE * np.array([frame.right, frame.below])
    matrix = np.column_stack([turn, middle - turn @ (center, center)]).astype(np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    windows = np.empty(gray.shape, np.uint8)
    for window, image in zip(windows, gray, strict=True):
        cv2.warpAffine(image, matrix, (SIDE, SIDE), window, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    levels = (windows.transpose(0, 2, 1).astype(np.float32) - 127.5) / 128
    return np.repeat(levels[..., None], 3, axis=3)


def _scorer() -> Callable[[Gray, Frame], NDArray[np.floating]]:
    """Return a function that scores a frame of up to `BATCH` images, (n,)."""
    graph = open_mtcnn({"onet": read_networks()["onet"]})["onet"]

    def score(gray: Gray, frame: Frame) -> NDArray[np.floating]:
        found = graph.run({graph.inputs[0].name: framed(gray, frame)}, OUTPUTS["onet"][:1])
        return np.asarray(found[OUTPUTS["onet"][0]][:, 1])

    return score
