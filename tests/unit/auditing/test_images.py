from dataclasses import replace

import numpy as np
import pytest

from builders import faces
from mien.auditing import images
from mien.auditing.images import bad_images

COUNT = 20


@pytest.fixture
def networks(monkeypatch):
    """Scores of 20 images as they are, after a turn, their evidence, and where MTCNN finds a face."""
    values = {
        "scores": np.full(COUNT, 0.99),
        "turned": np.zeros(COUNT),
        "evidence": np.full(COUNT, 5.0),
        "found": np.zeros(COUNT, bool),
    }

    def rows(few):
        return few[:, 0, 0].astype(int)

    monkeypatch.setattr(images, "face_scores", lambda _, __: values["scores"])
    monkeypatch.setattr(
        images, "turned_scores", lambda few: (values["turned"][rows(few)], np.full(len(few), 180))
    )
    monkeypatch.setattr(images, "face_evidence", lambda few: values["evidence"][rows(few)])
    monkeypatch.setattr(images, "shows_face", lambda few: values["found"][rows(few)])
    return values


def images_of():
    """Noise; the first pixel is the position."""
    some = np.random.default_rng(0).integers(0, 255, (COUNT, 48, 48)).astype(np.uint8)
    some[:, 0, 0] = np.arange(COUNT)
    return some


def found(some=None):
    read = replace(faces(COUNT), images=images_of() if some is None else some)
    return bad_images(read)


def test_images_without_evidence_of_a_face_are_no_faces(networks):
    networks["scores"][[3, 4]] = 0.5
    networks["evidence"][[3, 4, 5]] = -6, -1, -6
    findings, notes = found()
    assert [(one.position, one.reason) for one in findings] == [(3, "not a face")]
    assert findings[0].score == pytest.approx(1 / (1 + np.exp(-4)))
    assert notes == []


def test_a_face_that_the_search_finds_is_not_reported(networks):
    networks["scores"][[3, 4]] = 0.5
    networks["evidence"][[3, 4]] = -6
    networks["found"][3] = True
    assert [one.position for one in found()[0]] == [4]


def test_a_blank_image_is_reported_once(networks):
    networks["scores"][3], networks["evidence"][3] = 0.02, -9
    pixels = images_of()
    pixels[3] = 128
    pixels[3, 0, 0] = 3
    reasons = {one.reason for one in found(pixels)[0]}
    assert {"blank"} <= reasons <= {"blank", "blurred", "low resolution"}


def test_a_face_that_is_recognized_after_a_turn_is_not_upright(networks):
    networks["scores"][:2] = 0.1
    networks["evidence"][:2] = -6
    networks["turned"][0] = 0.98
    findings, _ = found()
    assert [(one.position, one.reason) for one in findings] == [(0, "not upright"), (1, "not a face")]
    assert "by 180 degrees" in findings[0].details


def test_many_turned_faces_are_reported(networks):
    networks["scores"][:8], networks["turned"][:8] = 0.1, 0.98
    findings, notes = found()
    assert [one.reason for one in findings] == ["not upright"] * 8
    assert notes == []


def test_drawings_are_not_all_reported_as_no_faces(networks):
    networks["scores"][:], networks["evidence"][:] = 0, -9
    findings, notes = found()
    assert findings == []
    assert "other faces than photographs" in notes[0]
