"""The choice of a calibration by cross-validation."""

import numpy as np
import pytest

from mien import metrics
from mien.bundles.calibration import Calibration, calibrated, log_softmax
from mien.errors import BundleError
from mien.evaluation.calibration.methods import CHOICES, METHODS, candidates, fit_calibration


def drawn(n, calibration, seed=0, classes=4):
    """Logits, and labels drawn from what `calibration` makes of them."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (n, classes)).astype(np.float32)
    labels = (rng.random((n, 1)) > calibrated(logits, calibration).cumsum(1)).sum(1)
    return logits, np.minimum(labels, classes - 1)


DISTORTED = {
    "temperature": Calibration(scale=(0.5,)),
    "vector": Calibration(scale=(0.4, 0.8, 0.8, 1.5), bias=(1, 0, -1, 0)),
    "isotonic": Calibration(knots=(0, 0.7, 0.9, 1), levels=(0, 0.45, 0.55, 0.95)),
}


@pytest.mark.parametrize("truth", DISTORTED)
def test_the_method_that_fits_is_chosen(truth):
    logits, labels = drawn(2500, DISTORTED[truth])
    choice = fit_calibration(logits, labels)
    assert choice.calibration.method == truth
    scores = {one.method: one for one in choice.calibration.out_of_fold}
    assert list(scores) == list(METHODS)
    others, labels = drawn(3000, DISTORTED[truth], seed=1)
    after = calibrated(others, choice.calibration)
    assert scores[truth].log_loss == pytest.approx(metrics.log_loss(after, labels), abs=0.05)
    assert metrics.calibration_error(after, labels) < 0.03


def test_temperature_scaling_is_kept_unless_another_method_is_clearly_better():
    kept = [fit_calibration(*drawn(1000, Calibration(), seed)).calibration.method for seed in range(3)]
    assert kept == ["temperature"] * 3


def test_metrics_are_measured_on_held_out_faces():
    logits, labels = drawn(800, Calibration())
    shuffled = np.random.default_rng(0).permutation(labels)
    choice = fit_calibration(logits, shuffled, "vector")
    within = metrics.log_loss(calibrated(logits, choice.calibration), shuffled)
    assert choice.calibration.out_of_fold[0].log_loss > within + 0.005
    assert metrics.log_loss(choice.out_of_fold, shuffled) > within + 0.005


def test_a_few_faces_get_temperature_scaling():
    assert candidates(60, 7) == ["temperature"]
    assert candidates(700, 7) == ["temperature", "vector"]
    assert candidates(3589, 7) == list(METHODS)
    assert candidates(5000, 1000) == ["temperature", "isotonic"]
    for n in (1, 2, 40):
        logits, labels = drawn(n, Calibration())
        choice = fit_calibration(logits, labels)
        assert (choice.calibration.method, choice.out_of_fold.shape) == ("temperature", (n, 4))


@pytest.mark.parametrize("method", METHODS)
def test_a_requested_method_is_used(method):
    logits, labels = drawn(300, Calibration())
    calibration = fit_calibration(logits, labels, method).calibration
    assert calibration.method == method
    assert [one.method for one in calibration.out_of_fold] == [method]
    assert bool(calibration.knots) == ("isotonic" in method)
    assert bool(calibration.bias) == ("vector" in method)


def test_the_same_faces_give_the_same_calibration():
    logits, labels = drawn(400, DISTORTED["vector"])
    assert fit_calibration(logits, labels).calibration == fit_calibration(logits, labels).calibration


def test_an_unknown_method_is_refused():
    with pytest.raises(BundleError, match=f"no method of calibration 'best'; expected {', '.join(CHOICES)}"):
        fit_calibration(np.zeros((3, 2)), np.array([0, 1, 1]), "best")


def test_isotonic_methods_keep_the_predicted_classes():
    logits, labels = drawn(1500, DISTORTED["isotonic"])
    after = calibrated(logits, fit_calibration(logits, labels, "isotonic").calibration)
    np.testing.assert_array_equal(after.argmax(1), log_softmax(logits).argmax(1))


def recall(probabilities, labels, label):
    return (probabilities.argmax(1) == label)[labels == label].mean()


def test_logit_adjustment_divides_by_the_shares_of_the_classes():
    rare = Calibration(bias=(-3, 0, 0, 0))
    logits, labels = drawn(3000, rare)
    plain, adjusted = (fit_calibration(logits, labels, "vector", tau) for tau in (0, 0.5))
    others, truth = drawn(3000, rare, seed=1)
    before, after = (calibrated(others, one.calibration) for one in (plain, adjusted))
    shares = (np.bincount(labels) + 1) / (len(labels) + 4)
    expected = before / shares**0.5
    np.testing.assert_allclose(after, expected / expected.sum(1, keepdims=True), atol=1e-6)
    assert recall(after, truth, 0) > recall(before, truth, 0) + 0.05
    assert adjusted.calibration.logit_adjustment == 0.5
    assert recall(adjusted.out_of_fold, labels, 0) > recall(plain.out_of_fold, labels, 0) + 0.05
    assert metrics.log_loss(adjusted.out_of_fold, labels) == pytest.approx(
        adjusted.calibration.out_of_fold[0].log_loss, abs=0.01
    )


def test_logit_adjustment_needs_a_softmax_as_the_last_step():
    logits, labels = drawn(2500, DISTORTED["isotonic"])
    methods = [one.method for one in fit_calibration(logits, labels, "auto", 0.3).calibration.out_of_fold]
    assert methods == ["temperature", "vector"]
    with pytest.raises(BundleError, match="needs temperature or vector"):
        fit_calibration(logits, labels, "isotonic", 0.3)
    with pytest.raises(BundleError, match="from 0 to 1"):
        fit_calibration(logits, labels, "vector", 1.5)


def test_the_method_is_chosen_before_logit_adjustment():
    """Afterwards, the loss of the better calibrated method may be the higher one."""
    logits, labels = drawn(2500, Calibration(scale=(1, 1, 1, 0.5), bias=(-4, 0, 0, 0)))
    chosen = [fit_calibration(logits, labels, "auto", tau).calibration for tau in (0, 1)]
    assert [one.method for one in chosen] == ["vector", "vector"]
    assert chosen[1].out_of_fold[1].log_loss > chosen[0].out_of_fold[1].log_loss
