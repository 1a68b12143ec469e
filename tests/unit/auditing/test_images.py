from dataclasses import replace

import numpy as np
import pytest

from builders import faces
from mien.auditing import images
from mien.auditing.images import bad_images, residuals


@pytest.fixture(autouse=True)
def no_turned_faces(monkeypatch):
    monkeypatch.setattr(images, "turned_scores", lambda some: (np.zeros(len(some)), np.zeros(len(some))))


def test_images_with_low_scores_are_no_faces(monkeypatch):
    monkeypatch.setattr(
        images, "face_scores", lambda some, _: np.where(np.arange(len(some)) == 3, 0.02, 0.99)
    )
    found, notes = bad_images(faces(20))
    assert [(one.position, one.reason, round(one.score, 2)) for one in found] == [(3, "not a face", 0.98)]
    assert notes == []


def test_a_blank_image_is_reported_once(monkeypatch):
    monkeypatch.setattr(
        images, "face_scores", lambda some, _: np.where(np.arange(len(some)) == 3, 0.02, 0.99)
    )
    some = faces(20)
    pixels = some.images.copy()
    pixels[3] = 128
    found, _ = bad_images(replace(some, images=pixels))
    assert {"blank"} <= {one.reason for one in found} <= {"blank", "blurred", "low resolution"}


def test_a_face_that_is_recognized_after_a_turn_is_not_upright(monkeypatch):
    low = np.arange(20) < 2
    monkeypatch.setattr(images, "face_scores", lambda some, _: np.where(low[: len(some)], 0.1, 0.99))
    monkeypatch.setattr(images, "turned_scores", lambda some: (np.array([0.98, 0.4]), np.array([180, 90])))
    found, _ = bad_images(faces(20))
    assert [(one.position, one.reason) for one in found] == [(0, "not upright"), (1, "not a face")]
    assert "by 180 degrees" in found[0].details


def test_many_turned_faces_are_reported(monkeypatch):
    low = np.arange(20) < 8
    monkeypatch.setattr(images, "face_scores", lambda some, _: np.where(low, 0.1, 0.99))
    monkeypatch.setattr(images, "turned_scores", lambda some: (np.full(8, 0.98), np.full(8, 90)))
    found, notes = bad_images(faces(20))
    assert [one.reason for one in found] == ["not upright"] * 8
    assert notes == []


def test_drawings_are_not_all_reported_as_no_faces(monkeypatch):
    monkeypatch.setattr(images, "face_scores", lambda some, _: np.zeros(len(some)))
    found, notes = bad_images(faces(20))
    assert found == []
    assert "other faces than photographs" in notes[0]


def test_an_unusual_image_has_a_large_residual():
    rng = np.random.default_rng(0)
    base = rng.integers(40, 200, (48, 48))
    weights = rng.random(500)[:, None, None]
    usual = np.clip(base * weights + (255 - base) * (1 - weights), 0, 255).astype(np.uint8)
    usual[:100] = rng.integers(0, 255, (100, 48, 48))
    found = residuals(usual)
    assert found[:100].mean() > 0.3 > 0.1 > found[100:].mean()
    assert np.array_equal(residuals(usual[:10]), np.zeros(10))
