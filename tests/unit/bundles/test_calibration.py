"""The map from logits to calibrated probabilities."""

import numpy as np
import pytest

from mien.bundles.calibration import Calibration, calibrated, scaled

LOGITS = np.random.default_rng(0).normal(0, 3, (200, 5))
MAP = {"knots": (0, 0.4, 0.7, 1), "levels": (0, 0.2, 0.75, 0.98)}


def softmax(scores):
    odds = np.exp(scores - scores.max(1, keepdims=True))
    return odds / odds.sum(1, keepdims=True)


def test_the_default_is_the_softmax():
    np.testing.assert_allclose(calibrated(LOGITS, Calibration()), softmax(LOGITS), rtol=1e-12)


def test_temperature_scaling():
    np.testing.assert_allclose(calibrated(LOGITS, scaled(2.5)), softmax(LOGITS / 2.5), rtol=1e-12)
    assert scaled(2.5).temperature == pytest.approx(2.5)


def test_scales_and_biases_are_those_of_log_probabilities():
    calibration = Calibration(scale=(1, 2, 1, 1, 0.5), bias=(0, 0, 1, 0, -1))
    expected = softmax(np.log(softmax(LOGITS)) * calibration.scale + calibration.bias)
    np.testing.assert_allclose(calibrated(LOGITS, calibration), expected, rtol=1e-10)
    np.testing.assert_allclose(calibrated(LOGITS + 7, calibration), expected, rtol=1e-10)
    assert calibration.temperature is None


def test_the_map_changes_the_confidence_and_scales_the_others():
    before, after = calibrated(LOGITS, Calibration()), calibrated(LOGITS, Calibration(**MAP))
    top = before.argmax(1)
    np.testing.assert_array_equal(after.argmax(1), top)
    np.testing.assert_allclose(after.sum(1), 1)
    rows = np.arange(len(top))
    wanted = np.interp(before[rows, top], MAP["knots"], MAP["levels"])
    assert (after[rows, top] >= wanted - 1e-12).all()
    is_exact = np.isclose(after[rows, top], wanted)
    assert 0.5 < is_exact.mean() < 1, "some confidences must stay above the second class"
    for row in np.flatnonzero(is_exact)[:20]:
        others = np.delete(np.arange(5), top[row])
        ratios = after[row, others] / before[row, others]
        np.testing.assert_allclose(ratios, ratios[0])


def test_a_confidence_that_would_fall_below_the_second_class_equals_it():
    logits = np.log([[0.31, 0.30, 0.2, 0.1, 0.09]])
    found = calibrated(logits, Calibration(knots=(0, 0.31, 1), levels=(0, 0.05, 1)))[0]
    assert 0 < found[0] - found[1] < 1e-4


@pytest.mark.parametrize("row", [[0.0, -800, -800], [0.0, 0, -5], [0.0, 0, 0]])
def test_certain_faces_and_ties_stay_distributions(row):
    calibration = Calibration(knots=(0, 0.5, 1), levels=(0, 0.3, 0.99))
    found = calibrated(np.array([row]), calibration)[0]
    assert found.sum() == pytest.approx(1)
    assert found[0] == found.max()
    assert found[0] == pytest.approx(found[1]) or row[1] == -800
