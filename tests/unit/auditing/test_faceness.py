from types import SimpleNamespace

import numpy as np
import pytest

from mien.auditing import faceness
from mien.auditing.faceness import FRAMES, face_scores, turned_scores
from mien.detection.mtcnn_network import OUTPUTS


@pytest.fixture
def windows(monkeypatch):
    """Numbers of windows that were scored at once. The score of a window is how bright its upper half is."""
    counts: list[int] = []

    def run(inputs, names):
        (batch,) = inputs.values()
        counts.append(len(batch))
        light = (batch[:, :, :24].mean((1, 2, 3)) * 128 + 127.5) / 255
        return {OUTPUTS["onet"][0]: np.stack([1 - light, light], 1)}

    graph = SimpleNamespace(inputs=[SimpleNamespace(name="x")], run=run)
    monkeypatch.setattr(faceness, "open_mtcnn", lambda _: {"onet": graph})
    monkeypatch.setattr(faceness, "read_networks", lambda: {"onet": b""})
    return counts


def images(*levels):
    found = np.zeros((len(levels), 48, 48), np.uint8)
    found[:, :24] = np.array(levels)[:, None, None]
    return found


def test_an_image_with_a_high_score_is_scored_in_one_frame(windows):
    found = face_scores(images(250, 20), np.array([0.5, 0.5]))
    assert windows == [2] + [1] * (len(FRAMES) - 1)
    assert found[0] > 0.9 > 0.1 > found[1]


def test_a_face_is_found_after_a_turn(windows):
    upright = images(255, 255, 255)
    some = np.stack([np.rot90(upright[0], 2), np.rot90(upright[1], 1), np.rot90(upright[2], 3)])
    scores, degrees = turned_scores(some)
    assert degrees.tolist() == [180, 270, 90]
    assert (scores > 0.9).all()
