"""Scoring: by hand on a few faces, against scikit-learn on many."""

import json
from dataclasses import replace

import numpy as np
import pytest

from builders import predictions
from late import Late
from mien.errors import PredictionsError
from mien.evaluation.scoring import MOST_CONFUSIONS, MOST_ERRORS, evaluate

NAMES = ("cat", "dog", "owl")

sklearn_metrics = Late("sklearn.metrics")


def by_hand():
    """Six faces, four correct; both errors are cats predicted as owls; one face is a training face."""
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
        in_training=np.array([True, False, False, False, False, False]),
    )


def test_an_evaluation_by_hand():
    found = evaluate(by_hand())
    assert (found.n, found.accuracy, found.split, found.system) == (
        6,
        pytest.approx(4 / 6),
        "validation",
        "guesser",
    )
    assert found.confusion_matrix == ((1, 0, 2), (0, 2, 0), (0, 0, 1))
    assert found.balanced_accuracy == pytest.approx((1 / 3 + 1 + 1) / 3)
    assert found.top_2_accuracy == pytest.approx(4 / 6)
    cat, dog, owl = found.per_class
    assert (cat.name, cat.support, cat.predicted, cat.precision) == ("cat", 3, 1, 1.0)
    assert (dog.f1, owl.precision, owl.recall) == (1.0, pytest.approx(1 / 3), 1.0)
    assert found.mean_confidence == pytest.approx((0.8 + 0.7 + 0.95 + 1 + 0.4 + 0.6) / 6)


def test_confusions_and_confident_errors_by_hand():
    found = evaluate(by_hand())
    (confusion,) = found.confusions
    assert (confusion.label, confusion.predicted, confusion.count) == ("cat", "owl", 2)
    assert confusion.share == pytest.approx(2 / 3)
    errors = found.confident_errors
    assert [(error.index, error.label, error.predicted) for error in errors] == [
        (2, "cat", "owl"),
        (1, "cat", "owl"),
    ]
    assert errors[0].confidence == pytest.approx(0.95)
    assert errors[0].label_probability == pytest.approx(0.02)
    assert errors[0].id == "00002"


def test_training_set_duplicates_are_scored_separately():
    found = evaluate(by_hand())
    assert (found.in_training.n, found.in_training.accuracy) == (1, 1.0)
    assert (found.excluding_duplicates.n, found.excluding_duplicates.accuracy) == (5, pytest.approx(3 / 5))
    unknown = evaluate(replace(by_hand(), in_training=None))
    assert unknown.in_training is None
    assert unknown.excluding_duplicates is None
    no_duplicates = evaluate(replace(by_hand(), in_training=np.zeros(6, np.bool_)))
    assert no_duplicates.in_training is None
    assert no_duplicates.excluding_duplicates.n == 6


@pytest.mark.parametrize("classes", [2, 7, 20])
def test_scores_equal_scikit_learn(classes):
    given = predictions(300, classes)
    found = evaluate(given)
    expected = sklearn_metrics.classification_report(
        given.labels, given.predicted, output_dict=True, zero_division=0
    )
    assert found.accuracy == pytest.approx(sklearn_metrics.accuracy_score(given.labels, given.predicted))
    assert found.macro_f1 == pytest.approx(expected["macro avg"]["f1-score"])
    assert found.weighted_f1 == pytest.approx(expected["weighted avg"]["f1-score"])
    assert found.interval[0] < found.accuracy < found.interval[1]


def test_confusions_and_errors_are_sorted_and_complete():
    given = predictions(500, seed=3)
    found = evaluate(given)
    counts = [confusion.count for confusion in found.confusions]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == (~given.correct).sum() > MOST_ERRORS
    confidences = [error.confidence for error in found.confident_errors]
    assert confidences == sorted(confidences, reverse=True)
    assert len(found.confident_errors) == MOST_ERRORS
    assert confidences[0] == pytest.approx(given.confidence[~given.correct].max())


def test_many_classes_keep_the_list_of_confusions_short():
    assert len(evaluate(predictions(2000, 40)).confusions) == MOST_CONFUSIONS


def test_reliability_bins_contain_every_face():
    found = evaluate(predictions(90))
    assert sum(row.count for row in found.reliability) == 90
    assert found.reliability[0].lower == 0
    assert found.reliability[-1].upper == 1
    gap = sum(row.count * abs(row.confidence - row.accuracy) for row in found.reliability) / 90
    assert gap == pytest.approx(found.calibration_error)


def test_perfect_predictions_have_no_errors():
    given = predictions(20, 4, probabilities=np.eye(4, dtype=np.float32)[np.arange(20) % 4])
    found = evaluate(given)
    assert (found.accuracy, found.log_loss, found.calibration_error) == (1.0, 0.0, 0.0)
    assert found.confusions == ()
    assert found.confident_errors == ()


def test_rows_may_sum_to_slightly_more_than_one():
    confident = np.zeros((2, 2), np.float32)
    confident[:, 0] = 1.0009
    assert evaluate(predictions(2, 2, probabilities=confident)).mean_confidence == 1.0


def test_json_is_strict_and_complete():
    found = evaluate(predictions(60))
    text = json.dumps(found.model_dump(mode="json"), allow_nan=False)
    assert type(found).model_validate_json(text) == found


def test_predictions_without_faces_or_labels_are_an_error():
    with pytest.raises(PredictionsError, match="no faces"):
        evaluate(predictions(0))
    labels = np.arange(70) % 7
    labels[[4, 9]] = -1
    with pytest.raises(PredictionsError, match=r"no label for 2 of 70 faces \(the first: 00004\)"):
        evaluate(predictions(labels=labels))


def test_selective_accuracy_is_that_of_the_most_confident_faces():
    some = replace(predictions(70), threshold=0.4)
    found = evaluate(some)
    assert [row.coverage for row in found.selective] == sorted(row.coverage for row in found.selective)
    assert found.selective[-1].coverage == 1
    assert found.selective[-1].accuracy == pytest.approx(found.accuracy)
    for row in (*found.selective, found.threshold):
        accepted = some.confidence >= row.threshold
        assert row.coverage == pytest.approx(accepted.mean())
        assert row.accuracy == pytest.approx(some.correct[accepted].mean())
    assert evaluate(predictions(70)).threshold is None


def test_at_a_threshold_of_one_no_face_is_accepted():
    some = predictions(2, 2, probabilities=np.eye(2, dtype=np.float32), threshold=1.0)
    found = evaluate(some)
    assert (found.threshold.coverage, found.threshold.accuracy) == (0, 0)
    assert found.selective[-1].coverage == 1


def test_without_probabilities_their_metrics_are_missing():
    found = evaluate(predictions(only_classes=True))
    assert found.accuracy == evaluate(predictions()).accuracy
    assert {found.log_loss, found.calibration_error, found.mean_confidence, found.top_2_accuracy} == {None}
    assert (found.reliability, found.selective, found.confident_errors, found.threshold) == ((), (), (), None)
    assert "log loss" not in found._repr_html_()
    for draw in (found.plot_reliability, found.plot_selective_accuracy):
        with pytest.raises(PredictionsError, match="predicted classes without probabilities, which"):
            draw()
    assert type(found).model_validate_json(found.model_dump_json()) == found


def test_bins_of_the_reliability_diagram_have_intervals():
    for row in evaluate(predictions(70)).reliability:
        low, high = row.interval
        assert low <= row.accuracy <= high
        assert (high - low < 1) == (row.count > 0)
