import cv2
import numpy as np
import pytest

from mien.errors import ImageError
from mien.media.video.camera import Camera


class Capture:
    """A webcam of two frames, the second of which is damaged."""

    def __init__(self, number):
        self.frame = 0

    def isOpened(self):  # noqa: N802 - the name of OpenCV
        return True

    def get(self, key):
        return 1e9 if key == cv2.CAP_PROP_FPS else 0

    def grab(self):
        self.frame += 1
        return self.frame <= 2

    def retrieve(self):
        return self.frame == 1, np.full((2, 2, 3), (1, 2, 3), np.uint8)

    def release(self):
        self.frame = 99


def test_frames_of_a_webcam_are_rgb(monkeypatch):
    monkeypatch.setattr(cv2, "VideoCapture", Capture)
    camera = Camera(3)
    assert (camera.info.name, camera.info.fps, camera.info.live) == ("webcam 3", 25.0, True)
    frames = camera.frames()
    assert next(frames).rgb()[0, 0].tolist() == [3, 2, 1]
    with pytest.raises(ImageError, match="webcam 3: a frame can't be read"):
        next(frames).rgb()
    camera.close()
    assert next(frames, None) is None
