"""Holm's correction."""

import numpy as np
import pytest

from mien.evaluation.multiple_tests import holm


@pytest.mark.parametrize(
    ("given", "adjusted"),
    [
        ([], []),
        ([0.03], [0.03]),
        ([0.01, 0.04, 0.03], [0.03, 0.06, 0.06]),
        ([0.5, 0.9], [1.0, 1.0]),
        ([0.0, 0.02, 0.011, 0.2], [0.0, 0.04, 0.033, 0.2]),
    ],
)
def test_holm(given, adjusted):
    np.testing.assert_allclose(holm(given), adjusted)


@pytest.mark.parametrize("level", [0.01, 0.05, 0.3])
def test_weighted_p_values_reject_what_the_stepwise_procedure_rejects(level):
    rng = np.random.default_rng(0)
    for p_values, weights in zip(rng.random((50, 5)) ** 4, rng.integers(1, 9, (50, 5)), strict=True):
        left = set(range(5))
        while rejected := {
            at for at in left if p_values[at] <= level * weights[at] / weights[list(left)].sum()
        }:
            left -= rejected
        assert set(np.flatnonzero(holm(p_values, weights) > level)) == left
