"""Isotonic calibration of the confidence, with scikit-learn as the oracle of the pooling."""

import numpy as np
import pytest

from late import Late
from mien.evaluation.calibration.isotonic import FACES_PER_BIN, MOST_BINS, PRIOR, fit_confidence_map

oracle = Late("sklearn.isotonic")


def drawn(n, accuracy_of, seed=0):
    """Probabilities of three classes, and labels that are right with `accuracy_of(confidence)`."""
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.4, 1, n)
    probabilities = np.stack([confidence, 0.7 * (1 - confidence), 0.3 * (1 - confidence)], axis=1)
    return probabilities, np.where(rng.random(n) < accuracy_of(confidence), 0, 1)


def test_a_known_map_is_found():
    probabilities, labels = drawn(20000, lambda confidence: confidence**2)
    found = fit_confidence_map(probabilities, labels)
    at = np.linspace(0.55, 0.95, 20)
    np.testing.assert_allclose(np.interp(at, *found), at**2, atol=0.04)


def test_levels_are_those_of_isotonic_regression():
    probabilities, labels = drawn(4000, lambda confidence: 0.6 + 0.1 * np.sin(12 * confidence))
    found = fit_confidence_map(probabilities, labels)
    confidence = probabilities.max(1)
    order = np.argsort(confidence)
    parts = np.array_split(order, min(MOST_BINS, len(order) // FACES_PER_BIN))
    means = np.array([confidence[part].mean() for part in parts])
    hits = np.array([(labels[part] == 0).sum() for part in parts])
    weights = np.array([len(part) + PRIOR for part in parts])
    expected = (
        oracle.IsotonicRegression().fit(means, (hits + PRIOR * means) / weights, weights).predict(means)
    )
    np.testing.assert_allclose(found.levels[1:-1], np.unique(expected.round(12)), atol=1e-9)


@pytest.mark.parametrize("n", [1, 30, 5000])
@pytest.mark.parametrize("accuracy", [0.0, 0.5, 1.0])
def test_the_map_increases_from_0_to_at_most_1(n, accuracy):
    knots, levels = fit_confidence_map(*drawn(n, lambda confidence: accuracy))
    assert (knots[0], levels[0], knots[-1]) == (0, 0, 1)
    assert levels[-1] <= 1
    assert (np.diff(knots) > 0).all()
    assert (np.diff(levels) > 0).all()


def test_faces_without_mistakes_do_not_make_certain():
    probabilities, labels = drawn(100, lambda confidence: 1)
    assert 0.95 < np.interp(1.0, *fit_confidence_map(probabilities, labels)) < 1


def test_nothing_is_fitted_on_no_faces():
    with pytest.raises(ValueError, match="no faces"):
        fit_confidence_map(np.zeros((0, 7)), np.zeros(0, np.int64))
