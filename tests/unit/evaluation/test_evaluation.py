"""An evaluation says what the predictions say: by hand on a few faces, by the metrics on many."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, classification_report

from builders import predictions
from mien.errors import PredictionsError
from mien.evaluation.evaluation import MOST_MISTAKES, evaluate

NAMES = ("cat", "dog", "owl")


def by_hand():
    """Six faces, four right; both mistakes are cats taken for owls, and one face was seen in training."""
    return predictions(
        6,
        NAMES,
        labels=np.array([0, 0, 0, 1, 1, 2]),
        probabilities=np.float32(
            [
                [0.8, 0.1, 0.1],
                [0.1, 0.2, 0.7],
                [0.02, 0.03, 0.95],
                [0, 1, 0],
                [0.3, 0.4, 0.3],
                [0.2, 0.2, 0.6],
            ]
        ),
        seen=np.array([True, False, False, False, False, False]),
    )


def test_an_evaluation_by_hand():
    found = evaluate(by_hand())
    assert (found.n, found.accuracy, found.split, found.system) == (
        6,
        pytest.approx(4 / 6),
        "validation",
        "guesser",
    )
    assert found.confusion == ((1, 0, 2), (0, 2, 0), (0, 0, 1))
    assert found.balanced_accuracy == pytest.approx((1 / 3 + 1 + 1) / 3)
    assert found.top_2 == pytest.approx(4 / 6)
    cat, dog, owl = found.per_class
    assert (cat.name, cat.support, cat.predicted, cat.precision) == ("cat", 3, 1, 1.0)
    assert (dog.f1, owl.precision, owl.recall) == (1.0, pytest.approx(1 / 3), 1.0)
    assert found.mean_confidence == pytest.approx((0.8 + 0.7 + 0.95 + 1 + 0.4 + 0.6) / 6)


def test_error_patterns_and_mistakes_by_hand():
    found = evaluate(by_hand())
    (pattern,) = found.patterns
    assert (pattern.truth, pattern.answer, pattern.count) == ("cat", "owl", 2)
    assert pattern.share == pytest.approx(2 / 3)
    assert [(m.position, m.truth, m.answer) for m in found.mistakes] == [(2, "cat", "owl"), (1, "cat", "owl")]
    assert found.mistakes[0].confidence == pytest.approx(0.95)
    assert found.mistakes[0].truth_probability == pytest.approx(0.02)
    assert found.mistakes[0].id == "00002"


def test_faces_seen_in_training_are_counted_apart():
    found = evaluate(by_hand())
    assert (found.seen.n, found.seen.accuracy) == (1, 1.0)
    assert (found.unseen.n, found.unseen.accuracy) == (5, pytest.approx(3 / 5))
    unknown = evaluate(replace(by_hand(), seen=None))
    assert unknown.seen is None
    assert unknown.unseen is None
    none_seen = evaluate(replace(by_hand(), seen=np.zeros(6, np.bool_)))
    assert none_seen.seen is None
    assert none_seen.unseen.n == 6


@pytest.mark.parametrize("classes", [2, 7, 20])
def test_scores_equal_scikit_learn(classes):
    given = predictions(300, classes)
    found = evaluate(given)
    expected = classification_report(given.labels, given.predicted, output_dict=True, zero_division=0)
    assert found.accuracy == pytest.approx(accuracy_score(given.labels, given.predicted))
    assert found.macro_f1 == pytest.approx(expected["macro avg"]["f1-score"])
    assert found.weighted_f1 == pytest.approx(expected["weighted avg"]["f1-score"])
    assert found.overall.interval[0] < found.accuracy < found.overall.interval[1]


def test_patterns_and_mistakes_are_sorted_and_complete():
    given = predictions(500, seed=3)
    found = evaluate(given)
    counts = [pattern.count for pattern in found.patterns]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == (~given.correct).sum() > MOST_MISTAKES
    confidences = [mistake.confidence for mistake in found.mistakes]
    assert confidences == sorted(confidences, reverse=True)
    assert len(found.mistakes) == MOST_MISTAKES
    assert confidences[0] == pytest.approx(given.confidence[~given.correct].max())


def test_perfect_predictions_have_no_mistakes():
    given = predictions(20, 4, probabilities=np.eye(4, dtype=np.float32)[np.arange(20) % 4])
    found = evaluate(given)
    assert (found.accuracy, found.log_loss, found.calibration_error) == (1.0, 0.0, 0.0)
    assert found.patterns == ()
    assert found.mistakes == ()


def test_rows_that_sum_to_slightly_more_than_one_are_no_problem():
    sure = np.zeros((2, 2), np.float32)
    sure[:, 0] = 1.0009
    assert evaluate(predictions(2, 2, probabilities=sure)).mean_confidence == 1.0


def test_json_is_strict_and_complete():
    found = evaluate(predictions(60))
    text = json.dumps(found.model_dump(mode="json"), allow_nan=False)
    assert type(found).model_validate_json(text) == found


def test_nothing_to_measure_is_an_error():
    with pytest.raises(PredictionsError, match="no faces"):
        evaluate(predictions(0))
    labels = np.arange(70) % 7
    labels[[4, 9]] = -1
    with pytest.raises(PredictionsError, match=r"2 of 70 faces is not known \(the first: 00004\)"):
        evaluate(predictions(labels=labels))
