from types import SimpleNamespace

import numpy as np
import pytest

from mien.auditing import faceness
from mien.auditing.faceness import (
    BATCH,
    FRAMES,
    MORE_FRAMES,
    Frame,
    face_evidence,
    face_scores,
    framed,
    turned_scores,
)
from mien.data.progress import reading_progress
from mien.detection.mtcnn.network import OUTPUTS


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
    found = face_scores(images(250, 20), 0.5)
    assert windows == [2] + [1] * (len(FRAMES) - 1)
    assert found[0] > 0.9 > 0.1 > found[1]


def test_a_face_is_found_after_a_turn(windows):
    upright = images(255, 255, 255)
    some = np.stack([np.rot90(upright[0], 2), np.rot90(upright[1], 1), np.rot90(upright[2], 3)])
    scores, degrees = turned_scores(some)
    assert degrees.tolist() == [180, 270, 90]
    assert (scores > 0.9).all()


def test_evidence_is_the_highest_and_the_mean_log_odds_of_all_frames(windows):
    bright, dark = face_evidence(images(255, 0))
    assert windows == [2] * (len(FRAMES) + len(MORE_FRAMES))
    assert bright > 10
    assert dark == pytest.approx(2 * np.log(1e-3 / (1 - 1e-3)))


def test_no_images_have_no_evidence(windows):
    assert face_evidence(images()).shape == (0,)


def test_a_frame_is_moved_and_rotated():
    gray = images(200)
    assert np.array_equal(framed(gray, Frame(1.0))[0, :, :, 0].T * 128 + 127.5, gray[0])
    below = framed(gray, Frame(0.5, below=0.25))
    assert below[0, :, :, 0].max() == pytest.approx(-127.5 / 128)
    half_turn = framed(gray, Frame(1.0, angle=180))
    assert np.allclose(half_turn[0, :, 2:22, 0], -127.5 / 128)


def test_the_progress_of_scores_is_reported(windows):
    done = []
    with reading_progress(lambda some, total: done.append((some, total))):
        face_scores(images(*[250] * (BATCH + 1)), 0.5)
    assert done == [(BATCH, BATCH + 1), (BATCH + 1, BATCH + 1)]
