"""Temperature scaling against a fine grid."""

import numpy as np
import pytest

from mien import metrics
from mien.evaluation.calibration.temperature import MAX_TEMPERATURE, fit_temperature


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


def test_nothing_is_fitted_on_no_faces():
    with pytest.raises(ValueError, match="no faces"):
        fit_temperature(np.zeros((0, 7)), np.zeros(0, np.int64))
