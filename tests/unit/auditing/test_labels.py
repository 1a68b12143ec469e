from dataclasses import replace

import numpy as np
import pytest

from builders import faces
from mien.auditing.labels import DOUBTFUL, audit_labels, calibrated, label_findings, label_notes
from mien.predictions import Predictions


def predicted(right: float) -> Predictions:
    """Predictions of 70 faces, of which a share has the most probability on its label."""
    some = faces(70)
    top = np.where(np.arange(70) < 70 * right, some.labels, (some.labels + 1) % 7)
    probabilities = np.full((70, 7), 0.05, np.float32)
    probabilities[np.arange(70), top] = 0.7
    return Predictions(probabilities, some.labels, some.ids, some.classes, "train", system="five networks")


@pytest.mark.parametrize(
    ("right", "note"),
    [
        (1.0, "100.0% of the labels are predicted, as by a network that was trained on them"),
        (0.7, ""),
        (0.4, "only 40.0% of the labels are predicted; so weak a network"),
    ],
)
def test_predictions_that_find_few_errors_are_noted(right: float, note: str) -> None:
    some, given = faces(70), predicted(right)
    notes = label_notes(audit_labels(some, given), given, some)
    assert len(notes) == bool(note)
    assert note in "".join(notes)


def test_faces_without_a_prediction_are_counted() -> None:
    some, given = faces(70), predicted(0.7)
    part = replace(
        given, probabilities=given.probabilities[:60], labels=given.labels[:60], ids=given.ids[:60]
    )
    (note,) = label_notes(audit_labels(some, part), part, some)
    assert note.startswith("10 labeled faces without a prediction")


def test_a_system_that_was_trained_on_the_faces_is_noted() -> None:
    some, given = faces(70), predicted(0.7)
    (note,) = label_notes(audit_labels(some, given), replace(given, in_training=np.arange(70) < 5), some)
    assert note.startswith("five networks was trained on 5 of these faces")


def test_flat_probabilities_are_calibrated_before_labels_are_doubted() -> None:
    """A network whose probabilities are all near 1/7 orders classes as well as a confident one."""
    some, given = faces(70), predicted(0.9)
    flat = given.probabilities.astype(np.float64) ** 0.2
    weak = replace(given, probabilities=(flat / flat.sum(1, keepdims=True)).astype(np.float32))
    assert (weak.probabilities[np.arange(70), some.labels] > DOUBTFUL).all()
    doubtful = [np.flatnonzero(audit_labels(some, one).doubtful).tolist() for one in (given, weak)]
    assert doubtful[0] == doubtful[1] == list(range(63, 70))


def test_calibrated_probabilities_sum_to_1_and_keep_their_order() -> None:
    some, given = faces(70), predicted(0.6)
    found = calibrated(given.probabilities, some.labels)
    assert np.allclose(found.sum(1), 1)
    assert np.array_equal(found.argmax(1), given.probabilities.argmax(1))


def test_the_score_of_a_doubtful_label_is_the_probability_of_another_class() -> None:
    some, given = faces(70), predicted(0.9)
    found = audit_labels(some, given)
    (first, *_) = label_findings(some, found)
    own = found.probabilities[first.position, some.labels[first.position]]
    assert first.score == pytest.approx(1 - own)
    assert first.score > 1 - DOUBTFUL


def test_labels_of_images_without_an_upright_face_are_not_judged() -> None:
    some, given = faces(70), predicted(0.9)
    found = audit_labels(some, given, {63, 64, 1})
    assert {one.position for one in label_findings(some, found)} == set(range(65, 70))
    assert (len(found.positions), found.unjudged) == (67, 3)
    assert label_notes(found, given, some) == []


def test_labels_are_judged_if_no_image_can_be() -> None:
    some, given = faces(70), predicted(0.9)
    assert len(audit_labels(some, given, range(70)).positions) == 70
