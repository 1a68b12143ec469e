"""Holm's correction."""

import numpy as np
import pytest

from mien.evaluation.leaderboard.multiple_tests import holm


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
