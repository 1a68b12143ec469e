import sys

import cv2
import numpy as np
import pytest

from mien.output.live.window import WindowView, has_windows
from mien.recognition.face import Result


@pytest.fixture
def screen(monkeypatch):
    """Stands in for OpenCV's windows, which the builds that tests run on lack."""

    class Screen:
        shown, key, visible, closed = [], -1, 1.0, False

    screen = Screen()
    screen.shown = []
    monkeypatch.setattr(cv2, "namedWindow", lambda *_: None)
    monkeypatch.setattr(cv2, "imshow", lambda _, image: screen.shown.append(image))
    monkeypatch.setattr(cv2, "waitKey", lambda _: screen.key)
    monkeypatch.setattr(cv2, "getWindowProperty", lambda *_: screen.visible)
    monkeypatch.setattr(cv2, "destroyAllWindows", lambda: setattr(screen, "closed", True))
    return screen


def result(image):
    return Result("a.mp4", 8, 8, (), frame=0, time=0.0, image=image)


def test_frames_are_converted_to_bgr(screen):
    red = np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 200
    with WindowView() as view:
        view.write(result(red))
        assert not view.ended
    assert screen.shown[0][32, 32].tolist() == [0, 0, 200]
    assert screen.closed


@pytest.mark.parametrize(("key", "visible"), [(ord("q"), 1.0), (27, 1.0), (-1, 0.0)])
def test_q_escape_or_closing_ends_the_view(screen, key, visible):
    screen.key, screen.visible = key, visible
    with WindowView() as view:
        view.write(result(np.zeros((64, 64, 3), np.uint8)))
        assert view.ended


def test_the_image_is_required(screen):
    with WindowView() as view, pytest.raises(ValueError, match="needs the image"):
        view.write(result(None))


@pytest.mark.parametrize(
    ("gui", "screens", "expected"),
    [
        ("NONE", ["DISPLAY"], False),
        ("QT5", [], False),
        ("QT5", ["DISPLAY"], True),
        ("GTK3", ["WAYLAND_DISPLAY"], True),
    ],
)
def test_a_window_needs_support_in_opencv_and_a_screen(monkeypatch, gui, screens, expected):
    monkeypatch.setattr(
        cv2, "getBuildInformation", lambda: f"\n  GUI:                           {gui}\n  GTK+: NO\n"
    )
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name in screens:
        monkeypatch.setenv(name, ":0")
    assert has_windows() is expected
