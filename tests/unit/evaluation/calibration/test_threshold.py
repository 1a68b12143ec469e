"""Thresholds against exhaustive search."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.evaluation.calibration.threshold import fit_confidence_threshold


@given(
    st.lists(st.tuples(st.integers(50, 100), st.booleans()), min_size=1, max_size=30),
    st.sampled_from([0.0, 0.3, 0.5, 0.85, 1.0]),
)
def test_no_threshold_does_better(faces, target):
    top = np.array([share / 100 for share, _ in faces])
    probabilities = np.stack([top, 1 - top], axis=1).astype(np.float32)
    labels = np.array([0 if right else 1 for _, right in faces])
    found = fit_confidence_threshold(probabilities, labels, target)
    tried = [at_threshold(probabilities, labels, threshold) for threshold in np.arange(0, 1, 0.005)]
    reaching = [(coverage, hits) for coverage, hits in tried if coverage and hits >= target]
    assert (found.coverage, found.accuracy) == pytest.approx(max(reaching, default=(0, 0)))
    assert found.is_reached == bool(reaching)
    assert not reaching or at_threshold(probabilities, labels, found.value) == pytest.approx(
        (found.coverage, found.accuracy)
    )


def at_threshold(probabilities, labels, threshold):
    """Coverage and accuracy at a threshold, as whoever recognizes faces applies it."""
    accepted = probabilities.max(1).astype(float) >= threshold
    hits = probabilities.argmax(1)[accepted] == labels[accepted]
    return float(accepted.mean()), float(hits.mean()) if accepted.any() else 0.0


def test_the_threshold_lies_between_two_faces():
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4]])
    assert fit_confidence_threshold(probabilities, np.array([0, 0, 1])) == pytest.approx((0.7, 2 / 3, 1.0))


def test_a_good_network_has_full_coverage():
    assert fit_confidence_threshold(np.array([[0.9, 0.1], [0.5, 0.5]]), np.array([0, 0])) == (0.0, 1.0, 1.0)


def test_an_accuracy_out_of_reach_accepts_nothing():
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]])
    assert fit_confidence_threshold(probabilities, np.array([1, 0, 0, 1])) == (1.0, 0.0, 0.0)


def test_probabilities_that_are_equal_in_float32_are_accepted_together():
    top = np.array([1, 1 - 1e-9, 0.5])
    probabilities = np.stack([top, 1 - top], axis=1)
    assert fit_confidence_threshold(probabilities, np.array([0, 1, 1])) == (1.0, 0.0, 0.0)
    assert fit_confidence_threshold(probabilities, np.array([0, 0, 1])) == pytest.approx((0.75, 2 / 3, 1.0))


def test_nothing_is_fitted_on_no_faces():
    with pytest.raises(ValueError, match="no faces"):
        fit_confidence_threshold(np.zeros((0, 7)), np.zeros(0, np.int64))
