from dataclasses import replace

import numpy as np
import pytest

from builders import faces
from mien.auditing.labels import audit_labels, label_notes
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
    assert note.startswith("10 labeled faces have no prediction")
