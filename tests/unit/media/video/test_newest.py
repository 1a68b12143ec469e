import threading

import numpy as np
import pytest

from mien.errors import ImageError
from mien.media.video.newest import NewestFrames
from mien.media.video.source import RawFrame


class Camera:
    """A source whose frames come when `shoot` says so; each shows its number."""

    def __init__(self, frames=1000, broken=()):
        self.number, self.frames, self.broken = -1, frames, broken
        self.asked = threading.Semaphore(0)
        self.ready = threading.Semaphore(0)

    def shoot(self, count=1):
        """Let `count` frames come, and wait until the reader asks for another one."""
        for _ in range(count):
            self.ready.release()
            self.asked.acquire(timeout=60)

    def __iter__(self):
        while True:
            self.asked.release()
            self.ready.acquire(timeout=60)
            self.number += 1
            if self.number == self.frames:
                return
            yield RawFrame(None, self.rgb)

    def rgb(self):
        if self.number in self.broken:
            raise ImageError("webcam 0: a frame can't be read")
        return np.full((2, 2, 3), self.number, np.uint8)


@pytest.fixture
def camera():
    return Camera()


def test_a_busy_reader_gets_the_newest_frame_only(camera):
    with NewestFrames(camera) as shots:
        camera.asked.acquire(timeout=60)
        camera.shoot(5)
        each = iter(shots)
        shot = next(each)
        assert (shot.number, shot.image.max()) == (4, 4)
        camera.shoot(3)
        assert next(each).number == 7
        camera.ready.release()


def test_frames_between_are_left_out(camera):
    with NewestFrames(camera, every=3) as shots:
        camera.asked.acquire(timeout=60)
        camera.shoot(6)
        assert next(iter(shots)).number == 3
        camera.ready.release()


def test_the_last_frame_comes_before_the_end():
    camera = Camera(frames=2)
    with NewestFrames(camera) as shots:
        camera.asked.acquire(timeout=60)
        camera.shoot(2)
        camera.ready.release()
        assert [shot.number for shot in shots] in ([1], [0, 1])


def test_frames_that_cannot_be_read_are_left_out():
    camera = Camera(broken={2, 3})
    with NewestFrames(camera) as shots:
        camera.asked.acquire(timeout=60)
        camera.shoot(4)
        assert next(iter(shots)).number == 1
        camera.ready.release()


def test_leaving_ends_the_thread(camera):
    before = threading.enumerate()
    with NewestFrames(camera):
        camera.asked.acquire(timeout=60)
        camera.ready.release()
        assert threading.enumerate() != before
    assert set(threading.enumerate()) <= set(before)  # others may have ended meanwhile
