"""Photographs with faces, and a detector of these faces."""

import cv2
import numpy as np

from builders import folder_of
from mien.detection.base import Detection, Framing
from mien.detection.box import Box


def photo(*faces, size=(90, 120)):
    """A black PNG with a face at each (left, top, side, level), levels over 100; size is (height, width)."""
    image = np.zeros((*size, 3), np.uint8)
    for left, top, side, level in faces:
        image[top : top + side, left : left + side] = level
    return bytes(cv2.imencode(".png", image)[1])


class LevelDetector:
    """Finds squares of over 100 gray levels; counts the images."""

    name = "levels"
    framing = Framing()
    version = "1"

    def __init__(self):
        self.images = 0

    def detect(self, image):
        self.images += 1
        mask = (image.max(axis=2) > 100).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
        return [Detection(Box(*map(float, row[:4])), 0.9) for row in sorted(stats[1:].tolist())]


def photo_folder(path, count, seed=0):
    """A folder with `count` photographs by split and class, of one face each."""
    rng = np.random.default_rng(seed)
    files = {}
    for number in range(count):
        split = ("train", "train", "validation")[number % 3]
        face = (*rng.integers(0, 40, 2), 48, int(rng.integers(101, 256)))
        files[f"{split}/{('happy', 'sad')[number // 3 % 2]}/{number:03}.png"] = photo(face)
    return folder_of(path, files)
