"""Permutation tests: their p-values are uniform without a gap, and equal those of explicit permutations."""

import numpy as np
import pytest

from mien.evaluation.groups import permutation
from mien.evaluation.groups.permutation import compare_fractions, compare_means


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(permutation, "PERMUTATIONS", 199)


def drawn(seed, n=240):
    rng = np.random.default_rng(seed)
    return rng, rng.random(n) < 0.7, rng.integers(0, 3, n), rng.choice(3, n, p=[0.6, 0.3, 0.1])


@pytest.mark.parametrize("by_class", [False, True])
def test_false_alarms_are_as_rare_as_stated(by_class):
    p_values = []
    for seed in range(200):
        rng, correct, labels, groups = drawn(seed)
        p_values.append(compare_fractions(correct, labels, groups, 3, rng, by_class=by_class).p)
    below = [np.mean(np.array(p_values) <= level) for level in (0.05, 0.2, 0.5)]
    assert below == pytest.approx([0.05, 0.2, 0.5], abs=0.09)
    assert below[0] <= 0.09


def test_a_small_group_of_other_variance_makes_no_false_alarms():
    p_values = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        hard = rng.random(400) < 0.1
        confidence = np.where(hard, 0.55, 0.95)  # of calibrated predictions: the mean difference is 0
        right = rng.random(400) < confidence
        p_values.append(compare_means(confidence - right, hard.astype(int), 2, rng, 99).p)
    assert np.mean(np.array(p_values) <= 0.05) <= 0.13  # 0.3 with a pooled standard error


def test_counts_that_are_drawn_give_the_p_values_of_permutations():
    rng, correct, labels, groups = drawn(3)
    groups = np.where(~correct & (rng.random(len(groups)) < 0.15), 2, groups)
    drawn_counts = compare_fractions(correct, labels, groups, 3, rng, by_class=False)
    permuted = compare_means(correct.astype(float), groups, 3, rng, 400)
    np.testing.assert_allclose(drawn_counts.values, permuted.values)
    assert drawn_counts.p == pytest.approx(permuted.p, abs=0.08)


def test_a_small_group_does_not_hide_a_gap_between_large_ones():
    rng = np.random.default_rng(0)
    groups = np.repeat([0, 1, 2], [1000, 1000, 10])
    correct = rng.random(2010) < np.array([0.75, 0.65, 0.7])[groups]
    assert compare_fractions(correct, groups * 0, groups, 3, rng, by_class=False).p <= 0.01


def test_equal_groups_have_the_largest_p_value():
    correct = np.tile([True, False], 50)
    found = compare_fractions(
        correct, correct * 0, np.repeat([0, 1], 50), 2, np.random.default_rng(0), by_class=False
    )
    assert found.p == 1
