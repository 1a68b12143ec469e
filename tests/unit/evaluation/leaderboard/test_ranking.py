"""Ranks and their uncertainty."""

import numpy as np
import pytest

from mien.evaluation.leaderboard.ranking import agreement, rank_interval, rank_probabilities, ranks


def test_equal_scores_share_the_better_rank():
    assert ranks(np.array([3, 5, 5, 1])).tolist() == [3, 1, 1, 4]
    assert ranks(np.array([[1, 2], [2, 2]])).tolist() == [[2, 1], [1, 1]]


def test_a_clear_order_is_certain():
    correct = np.zeros((3, 400), np.bool_)
    correct[0, :380], correct[1, :280], correct[2, :100] = True, True, True
    np.testing.assert_array_equal(rank_probabilities(correct, draws=500), np.eye(3))


def test_ranks_of_equally_good_systems_are_a_toss_up():
    correct = np.zeros((2, 400), np.bool_)
    correct[0, :200], correct[1, 200:] = True, True
    found = rank_probabilities(correct, draws=2000)
    assert found[0, 0] == pytest.approx(0.5, abs=0.06)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert [rank_interval(row) for row in found] == [(1, 2), (1, 2)]


def test_samples_equal_those_of_resampled_faces():
    rng = np.random.default_rng(1)
    correct = rng.random((3, 60)) < np.array([[0.6], [0.55], [0.5]])
    found = rank_probabilities(correct, draws=20_000)
    rows = rng.integers(0, 60, (4000, 60))
    direct = ranks(correct[:, rows].sum(axis=2).T)
    expected = [[(direct[:, system] == rank).mean() for rank in (1, 2, 3)] for system in range(3)]
    np.testing.assert_allclose(found, expected, atol=0.03)


@pytest.mark.parametrize(
    ("shares", "interval"), [((1, 0, 0), (1, 1)), ((0.02, 0.97, 0.01), (2, 2)), ((0.1, 0.5, 0.4), (1, 3))]
)
def test_the_interval_of_a_rank(shares, interval):
    assert rank_interval(np.array(shares)) == interval


def test_agreement_is_symmetric():
    found = agreement(np.array([[0, 1, 2, 2], [0, 1, 1, 1]]))
    np.testing.assert_allclose(found, [[1, 0.5], [0.5, 1]])


def test_no_faces():
    with pytest.raises(ValueError, match="no faces"):
        rank_probabilities(np.zeros((2, 0), np.bool_))
