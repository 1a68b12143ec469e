from dataclasses import replace

import numpy as np
import pytest

from builders import faces
from face_patterns import patterns
from mien.auditing import images
from mien.auditing.audit import audit_faces
from mien.auditing.finding import Finding, reconciled
from mien.auditing.page import audit_page
from mien.data.corrections import applied, read_corrections
from mien.errors import PredictionsError
from mien.faceset import FaceSet
from mien.labels import FERPLUS_COLUMNS, FERPLUS_OF_EMOTION
from mien.predictions import predictions_for

WRONG = (11, 30, 54)
"""Rows whose label is wrong; of the class after it."""


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """All images are faces; the network is tested on real ones."""
    monkeypatch.setattr(images, "face_scores", lambda some, _: np.ones(len(some)))
    monkeypatch.setattr(images, "face_evidence", lambda some: np.zeros(len(some)))


def some_faces() -> FaceSet:
    read = replace(faces(140), images=patterns(140))
    votes = np.zeros((140, 10), np.uint8)
    columns = [FERPLUS_COLUMNS.index(FERPLUS_OF_EMOTION[name]) for name in read.classes]
    votes[np.arange(140), np.array(columns)[read.labels]] = 9
    labels = read.labels.copy()
    labels[list(WRONG)] = (labels[list(WRONG)] + 1) % 7
    return replace(read, labels=labels, votes=votes)


def predicted(some: FaceSet):
    """Predictions of the true classes."""
    true = some.labels.copy()
    true[list(WRONG)] = (true[list(WRONG)] - 1) % 7
    probabilities = 0.1 / 7 + 0.9 * np.eye(7)[true]
    return predictions_for(some, probabilities, split="out-of-fold", system="folds")


def test_wrong_labels_get_the_right_suggestion():
    some = some_faces()
    found = audit_faces(some, predicted(some))
    errors = [one for one in found.findings if one.reason == "label error"]
    assert {one.position for one in errors} == set(WRONG)
    assert all(one.suggestion == some.classes[(some.labels[one.position] - 1) % 7] for one in errors)
    assert found.agreement is not None
    assert (found.agreement.few_votes, found.agreement.suggestion, found.agreement.found) == (1, 1, 1)
    assert found.confusions[0].doubtful == 1


def test_the_csv_corrects_a_training(tmp_path):
    some = some_faces()
    page = audit_faces(some, predicted(some)).write(tmp_path)
    text = (tmp_path / "audit.csv").read_text().splitlines()
    assert text[0] == "row,label,suggestion,reason,score,split,match,details"
    file = read_corrections(tmp_path / "audit.csv")
    labels, _ = applied(some, None, file)
    training = some.in_split("train")
    assert set(np.flatnonzero(labels != some.labels)) == {row for row in WRONG if training[row]}
    content = page.read_text()
    assert "Agreement with FER+" in content
    assert "data:image/webp;base64," in content
    assert "http" not in content


def test_without_predictions_labels_are_not_audited():
    found = audit_faces(some_faces())
    assert (found.findings, found.labels, found.agreement) == ((), None, None)


def test_predictions_of_a_part_and_of_trained_faces_are_noted():
    some = some_faces()
    all_of = predicted(some)
    part = predictions_for(some.take(np.arange(100)), all_of.probabilities[:100], split="x", system="folds")
    found = audit_faces(some, part)
    assert "40 labeled faces without a prediction" in found.notes[-1]
    assert "97.0% of the labels are predicted" in found.notes[0]


def test_the_label_of_an_image_without_a_face_is_not_judged(monkeypatch):
    some = some_faces()
    low = np.arange(140) == WRONG[0]
    monkeypatch.setattr(images, "face_scores", lambda _, __: np.where(low, 0.1, 1))
    monkeypatch.setattr(images, "turned_scores", lambda rows: (np.zeros(len(rows)), np.zeros(len(rows))))
    monkeypatch.setattr(images, "face_evidence", lambda rows: np.full(len(rows), -9.0))
    monkeypatch.setattr(images, "shows_face", lambda rows: np.zeros(len(rows), bool))
    found = audit_faces(some, predicted(some))
    reasons = {one.position: one.reason for one in found.findings}
    assert reasons == dict(zip(WRONG, ("not a face", "label error", "label error"), strict=True))
    assert "; 1 of images without an upright face not judged" in audit_page(found)


def test_predictions_that_do_not_fit_are_refused_before_the_costly_steps():
    steps = []
    with pytest.raises(PredictionsError):
        audit_faces(faces(20, 3), predicted(some_faces()), steps.append)
    assert steps == []


def test_predictions_of_other_labels_are_refused():
    some = some_faces()
    with pytest.raises(PredictionsError, match="labels unlike those"):
        audit_faces(replace(some, labels=(some.labels + 1) % 7), predicted(some))
    with pytest.raises(PredictionsError, match="predictions of the classes"):
        audit_faces(faces(20, 3), predicted(some))


def test_a_face_has_one_suggestion_to_change_it():
    one = Finding("1", "sad", "happy", "label error", 0.9, "train", position=0)
    found = reconciled([one, replace(one, suggestion="fear"), replace(one, suggestion="keep")])
    assert [each.suggestion for each in found] == ["happy", "happy", "keep"]
    assert [each.suggestion for each in reconciled([one, replace(one, suggestion="exclude")])] == [
        "exclude"
    ] * 2
