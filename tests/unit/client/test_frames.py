"""Messages of a live session."""

import json

import numpy as np
import pytest

import mien
from mien.client.frames import Frames, live_address, options_message
from mien.client.options import Choices
from result_builders import face, result


def test_pixels_are_sent_as_jpeg_and_files_as_they_are():
    frames = Frames()
    assert frames.message(np.zeros((4, 4), np.uint8), bgr=True)[:2] == b"\xff\xd8"
    assert frames.message(b"any bytes", bgr=False) == b"any bytes"
    assert (frames.sent(), frames.sent()) == (0, 1)


def test_an_answer_is_a_result():
    frames, one = Frames(), result("live", face(track=2), frame=7, time=0.5)
    found = frames.result(json.dumps(one.to_dict() | {"milliseconds": 12.5}))
    assert (found.to_dict(), frames.milliseconds) == (one.to_dict(), 12.5)


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (
            {"type": "urn:mien:problem:too-large", "title": "t", "status": 413, "detail": "why", "frame": 3},
            "^why$",
        ),
        ({"milliseconds": 1}, "no key 'source'"),
        ({}, "no key 'milliseconds'"),
        ([], "expected an object"),
    ],
)
def test_other_answers_are_errors(message, error):
    with pytest.raises(mien.ServerError, match=error):
        Frames().result(json.dumps(message))


def test_options_and_address():
    chosen = Choices("small", detector_threshold=0.3).live(0.5, 2)
    assert json.loads(options_message(chosen)) == {"bundle": "small", "smooth": 0.5, "detect_every": 2}
    assert live_address("http://127.0.0.1:8000") == "ws://127.0.0.1:8000/v1/live"
