"""Two images, a video and a recognizer for scripts of other packages."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from bundle_builders import gray_of, tiny_recognizer
from mien.detection.base import Detection, Framing
from mien.detection.box import Box
from mien.detection.landmarks import Landmarks, Point
from video_builders import film

SIZE = 240, 320
HAPPY, SAD = gray_of("happy"), gray_of("sad")
SMALL, LARGE = (20, 30, 60, 80), (150, 40, 120, 140)
"""Left, top, width, height: a happy face, and a larger, sad one."""


class Blocks:
    """Finds bright rectangles, with landmarks; the head is tilted by `tilt` degrees."""

    name = "blocks"
    framing = Framing(scale=0.5)
    tilt = 0.0

    def detect(self, image):
        mask = (image.max(axis=2) > 60).astype(np.uint8)
        found = cv2.connectedComponentsWithStats(mask)[2][1:]
        boxes = [Box(*map(float, row[:4])) for row in sorted(found.tolist()) if row[4] > 400]
        return [Detection(box, 0.876, self.tilt, _landmarks(box)) for box in boxes]


def _landmarks(box):
    left, top, width, height = box
    at = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.4, 0.8), (0.6, 0.8))
    return Landmarks(*(Point(left + x * width + 0.5, top + y * height + 0.5) for x, y in at))


def scene(*faces):
    """A black BGR image with (box, level) rectangles."""
    image = np.zeros((*SIZE, 3), np.uint8)
    for (left, top, width, height), level in faces:
        image[top : top + height, left : left + width] = level
    return image


@pytest.fixture
def image():
    return scene((SMALL, HAPPY), (LARGE, SAD))


@pytest.fixture
def folder(tmp_path, monkeypatch, image):
    """The working folder, with faces.png and empty.png."""
    monkeypatch.chdir(tmp_path)
    cv2.imwrite("faces.png", image)
    cv2.imwrite("empty.png", scene())
    return tmp_path


@pytest.fixture(scope="session")
def video_file(tmp_path_factory):
    """A video of 0.4 s and four frames with sound; the last frame has no face."""
    pictures = [scene((SMALL, HAPPY), (LARGE, SAD))[:, :, ::-1]] * 3 + [scene()]
    return film(tmp_path_factory.mktemp("videos") / "video.mp4", pictures, fps=10, sound="aac")


@pytest.fixture
def video_folder(tmp_path, monkeypatch, video_file):
    """The working folder, with video.mp4."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(video_file, tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def recognizer():
    return tiny_recognizer(Blocks())


@pytest.fixture
def loaded(monkeypatch, recognizer):
    """The arguments with which the recognizers were requested."""
    requests = []

    def load(*arguments):
        requests.append(arguments)
        return recognizer

    monkeypatch.setattr("mien.compat.deepface_search.shared_recognizer", load)
    monkeypatch.setattr("mien.compat.fer.shared_recognizer", load)
    return requests


@pytest.fixture(scope="session")
def recorded():
    """What fer and deepface return, from tests/record_peers.py."""
    here = Path(__file__).parent
    return {
        name: json.loads((here / f"recorded_{name}.json").read_text(encoding="utf-8"))
        for name in ("fer", "deepface")
    }
