"""Temperature and threshold against a fine grid and exhaustive search."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien import metrics
from mien.evaluation.calibration import MAX_TEMPERATURE, fit_confidence_threshold, fit_temperature


def softmax(logits):
    weights = np.exp(logits - logits.max(1, keepdims=True))
    return weights / weights.sum(1, keepdims=True)


def logits_and_labels(n=4000, classes=7, seed=0):
    """Random logits, and labels sampled from their softmax."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (n, classes))
    labels = np.array([rng.choice(classes, p=row) for row in softmax(logits)])
    return logits, labels


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_a_known_temperature_is_found(temperature):
    logits, labels = logits_and_labels()
    assert fit_temperature(logits * temperature, labels) == pytest.approx(temperature, rel=0.05)


def test_no_other_temperature_has_a_lower_loss():
    logits, labels = logits_and_labels(300)
    found = fit_temperature((logits * 3).astype(np.float32), labels)
    grid = np.exp(np.linspace(-3, 3, 601))

    def loss(temperature):
        prior = (1 / temperature - 1) ** 2 / (2 * len(labels))
        return metrics.log_loss(softmax(logits * 3 / temperature), labels) + prior

    losses = [loss(t) for t in grid]
    assert loss(found) <= min(losses) + 1e-7
    assert found == pytest.approx(grid[int(np.argmin(losses))], rel=0.011)


def test_predicted_classes_stay_the_same():
    logits, labels = logits_and_labels(100)
    scaled = softmax(logits / fit_temperature(logits, labels))
    np.testing.assert_array_equal(scaled.argmax(1), logits.argmax(1))


def test_worse_than_guessing_it_stops_at_the_bound():
    labels = np.arange(100) % 2
    assert fit_temperature(np.eye(2)[1 - labels], labels) == pytest.approx(MAX_TEMPERATURE)


@pytest.mark.parametrize("n", [1, 8, 40])
def test_a_few_faces_without_mistakes_give_no_certainty(n):
    labels = np.arange(n) % 3
    logits = 3 * np.eye(3)[labels]
    confidence = softmax(logits / fit_temperature(logits, labels)).max(1)
    assert 0.9 < confidence[0] < 0.998


def test_huge_logits_do_not_overflow():
    labels = np.array([0, 1, 1])
    assert np.isfinite(fit_temperature(np.eye(2)[[0, 1, 0]] * 1e6, labels))


def test_equal_logits_are_left_as_they_are():
    assert fit_temperature(np.zeros((5, 3)), np.array([0, 1, 2, 0, 1])) == 1


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(50, 100), st.booleans()), min_size=1, max_size=30),
    st.sampled_from([0.0, 0.3, 0.5, 0.85, 1.0]),
)
def test_no_threshold_does_better(faces, target):
    top = np.array([share / 100 for share, _ in faces])
    probabilities = np.stack([top, 1 - top], axis=1).astype(np.float32)
    labels = np.array([0 if right else 1 for _, right in faces])
    found = fit_confidence_threshold(probabilities, labels, target)
    tried = [worth(probabilities, labels, threshold) for threshold in np.arange(0, 1, 0.005)]
    reaching = [(coverage, hits) for coverage, hits in tried if coverage and hits >= target]
    nearest = [(coverage, hits) for coverage, hits in tried if hits == max(hits for _, hits in tried)]
    assert (found.coverage, found.accuracy) == pytest.approx(max(reaching or nearest))
    assert worth(probabilities, labels, found.value) == pytest.approx((found.coverage, found.accuracy))


def worth(probabilities, labels, threshold):
    """Coverage and accuracy at a threshold, as whoever recognizes faces applies it."""
    accepted = probabilities.max(1).astype(float) >= threshold
    hits = probabilities.argmax(1)[accepted] == labels[accepted]
    return float(accepted.mean()), float(hits.mean()) if accepted.any() else 0.0


def test_the_threshold_lies_between_two_faces():
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4]])
    assert fit_confidence_threshold(probabilities, np.array([0, 0, 1])) == pytest.approx((0.7, 2 / 3, 1.0))


def test_a_good_network_has_full_coverage():
    assert fit_confidence_threshold(np.array([[0.9, 0.1], [0.5, 0.5]]), np.array([0, 0])) == (0.0, 1.0, 1.0)


def test_an_accuracy_out_of_reach_is_approached():
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]])
    assert fit_confidence_threshold(probabilities, np.array([1, 0, 0, 1])) == pytest.approx(
        (0.65, 0.75, 2 / 3)
    )


def test_nothing_is_fitted_on_no_faces():
    with pytest.raises(ValueError, match="no faces"):
        fit_temperature(np.zeros((0, 7)), np.zeros(0, np.int64))
    with pytest.raises(ValueError, match="no faces"):
        fit_confidence_threshold(np.zeros((0, 7)), np.zeros(0, np.int64))
