"""Metrics against scikit-learn and SciPy, which share no code with them."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from late import Late
from mien import metrics

stats, oracle, calibration = Late("scipy.stats"), Late("sklearn.metrics"), Late("sklearn.calibration")
few = settings(max_examples=60)


@st.composite
def labeled(draw):
    """(labels, predicted, classes), where some classes may have no faces or no predictions."""
    classes, n = draw(st.integers(2, 9)), draw(st.integers(1, 40))
    column = arrays(np.int64, n, elements=st.integers(0, classes - 1))
    return draw(column), draw(column), classes


def probabilities(n=400, classes=7, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n)
    logits = rng.normal(size=(n, classes)) + 1.5 * np.eye(classes)[labels]
    odds = np.exp(logits)
    return odds / odds.sum(axis=1, keepdims=True), labels


@few
@given(labeled())
def test_scores_of_labels_equal_scikit_learn(case):
    labels, predicted, classes = case
    matrix = metrics.confusion_matrix(labels, predicted, classes)
    np.testing.assert_array_equal(matrix, oracle.confusion_matrix(labels, predicted, labels=range(classes)))
    assert metrics.accuracy(labels, predicted) == pytest.approx(oracle.accuracy_score(labels, predicted))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # classes that are answered but have no faces
        expected = oracle.balanced_accuracy_score(labels, predicted)
    assert metrics.balanced_accuracy(matrix) == pytest.approx(expected)
    for name in ("macro", "weighted"):
        expected = oracle.f1_score(labels, predicted, average=name, zero_division=0)
        assert getattr(metrics, f"{name}_f1")(matrix) == pytest.approx(expected)


@few
@given(labeled())
def test_class_scores_equal_scikit_learn(case):
    labels, predicted, classes = case
    scores = metrics.class_scores(metrics.confusion_matrix(labels, predicted, classes))
    expected = oracle.precision_recall_fscore_support(
        labels, predicted, labels=range(classes), zero_division=0
    )
    found = (scores.precision, scores.recall, scores.f1, scores.support)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs)


def test_macro_f1_leaves_out_only_classes_that_occur_nowhere():
    labels, predicted = np.array([0, 0, 1]), np.array([0, 2, 1])
    matrix = metrics.confusion_matrix(labels, predicted, 5)
    assert metrics.macro_f1(matrix) == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert metrics.balanced_accuracy(matrix) == pytest.approx((1 / 2 + 1) / 2)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("classes", [2, 7])
def test_scores_of_probabilities_equal_scikit_learn(seed, classes):
    given_, labels = probabilities(seed=seed, classes=classes)
    assert metrics.log_loss(given_, labels) == pytest.approx(oracle.log_loss(labels, given_))
    for k in range(1, classes) if classes > 2 else ():  # scikit-learn wants one column for two classes
        expected = oracle.top_k_accuracy_score(labels, given_, k=k)
        assert metrics.top_k_accuracy(given_, labels, k) == pytest.approx(expected)
    assert metrics.top_k_accuracy(given_, labels, classes) == 1.0


def test_top_1_is_the_accuracy_even_among_equal_probabilities():
    even = np.full((6, 3), 1 / 3)
    labels = np.array([0, 0, 1, 1, 2, 2])
    assert metrics.top_k_accuracy(even, labels, 1) == metrics.accuracy(labels, even.argmax(axis=1))
    assert metrics.top_k_accuracy(even, labels, 2) == pytest.approx(4 / 6)


def test_log_loss_of_an_impossible_truth_is_large_but_finite():
    worst = metrics.log_loss(np.array([[1.0, 0.0]], np.float32), np.array([1]))
    assert worst == pytest.approx(-np.log(metrics.MIN_PROBABILITY))
    assert metrics.log_loss(np.array([[1.0, 0.0]]), np.array([0])) == 0.0


@pytest.mark.parametrize("bins", [1, 10, 15])
@pytest.mark.parametrize("seed", range(3))
def test_calibration_equals_scikit_learn(seed, bins):
    given_, labels = probabilities(seed=seed)
    correct, confidence = given_.argmax(axis=1) == labels, given_.max(axis=1)
    share, mean = calibration.calibration_curve(correct, confidence, n_bins=bins)
    curve = metrics.reliability(given_, labels, bins)
    filled = curve.count > 0
    np.testing.assert_allclose(curve.accuracy[filled], share)
    np.testing.assert_allclose(curve.confidence[filled], mean)
    expected = np.average(np.abs(share - mean), weights=curve.count[filled])
    assert metrics.calibration_error(given_, labels, bins) == pytest.approx(expected)
    assert curve.count.sum() == len(labels)


def test_calibration_error_by_hand():
    confident = np.array([[0.9, 0.1]] * 10)
    labels = np.array([0] * 7 + [1] * 3)
    assert metrics.calibration_error(confident, labels) == pytest.approx(0.2)


@few
@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_equals_scipy(case):
    hits, n = case
    expected = stats.binomtest(hits, n).proportion_ci(0.95, method="wilson")
    assert metrics.wilson_interval(hits, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_the_interval_of_a_mean_is_that_of_the_normal_distribution():
    values = np.random.default_rng(4).random(50)
    expected = stats.norm.interval(0.95, values.mean(), values.std() / 50**0.5)
    assert metrics.normal_interval(values.mean(), values) == pytest.approx(expected)
    assert metrics.normal_interval(0.99, values) == (pytest.approx(0.99 - (expected[1] - values.mean())), 1.0)


def test_the_mean_confidence_is_at_most_one():
    assert metrics.mean_confidence(np.float32([[0.2, 0.8], [0.6, 0.4]])) == pytest.approx(0.7)
    assert metrics.mean_confidence(np.float32([[0.0, 1.0000001]])) == 1.0


@few
@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_equals_scipy(only_first, only_second):
    first = np.array([True] * only_first + [False] * only_second + [True, False])
    second = np.array([False] * only_first + [True] * only_second + [True, False])
    result = metrics.mcnemar(first, second)
    together, fewer = only_first + only_second, min(only_first, only_second)
    assert (result.only_first, result.only_second) == (only_first, only_second)
    exact = stats.binomtest(fewer, together).pvalue if together else 1.0
    assert result.exact == pytest.approx(exact)
    mid = 2 * stats.binom.cdf(fewer, together, 0.5) - stats.binom.pmf(fewer, together, 0.5)
    assert result.mid == pytest.approx(min(1.0, mid))


def test_mcnemar_of_many_faces_neither_overflows_nor_vanishes():
    first, second = np.arange(20_000) < 11_000, np.arange(20_000) >= 11_000
    assert 0 < metrics.mcnemar(first, second).exact < 1e-40


def test_paired_difference_agrees_with_resampling_the_faces():
    rng = np.random.default_rng(3)
    first, second = rng.random(500) < 0.6, rng.random(500) < 0.7
    difference, low, high = metrics.paired_difference(first, second)
    rows = rng.integers(0, 500, (4000, 500))
    drawn = second[rows].mean(axis=1) - first[rows].mean(axis=1)
    assert difference == pytest.approx(second.mean() - first.mean())
    assert (low, high) == pytest.approx(tuple(np.percentile(drawn, [2.5, 97.5])), abs=0.006)
    assert metrics.paired_difference(first, second) == (difference, low, high)


def test_equal_systems_do_not_differ():
    same = np.array([True, False, True])
    assert metrics.paired_difference(same, same) == (0.0, 0.0, 0.0)
    assert metrics.mcnemar(same, same).exact == 1.0


NOTHING, NO_LABELS = np.zeros((0, 3)), np.zeros(0, np.int64)


@pytest.mark.parametrize(
    "measure",
    [
        lambda: metrics.accuracy(NO_LABELS, NO_LABELS),
        lambda: metrics.wilson_interval(0, 0),
        lambda: metrics.normal_interval(0.5, np.zeros(0)),
        lambda: metrics.mean_confidence(NOTHING),
        lambda: metrics.confusion_matrix(NO_LABELS, NO_LABELS, 3),
        lambda: metrics.macro_f1(np.zeros((3, 3), np.int64)),
        lambda: metrics.top_k_accuracy(NOTHING, NO_LABELS, 2),
        lambda: metrics.log_loss(NOTHING, NO_LABELS),
        lambda: metrics.calibration_error(NOTHING, NO_LABELS),
        lambda: metrics.mcnemar(NO_LABELS.astype(bool), NO_LABELS.astype(bool)),
        lambda: metrics.paired_difference(NO_LABELS.astype(bool), NO_LABELS.astype(bool)),
    ],
)
def test_no_metric_is_defined_on_no_faces(measure):
    with pytest.raises(ValueError, match="no faces"):
        measure()
