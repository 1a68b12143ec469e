"""Permutation tests of differences between groups.

The groups of the faces are permuted. For a metric that is a fraction of correct faces, the number of correct
faces of each group under a permutation has a multivariate hypergeometric distribution, so it is drawn from
that, which gives the same p-values. Every test compares the largest difference between two groups in units of
its standard error, so that a small group doesn't hide the gap between two large ones.

Where groups may have equal means but different variances (calibration errors, means of recalls), the standard
error is computed from each permutation itself: with a pooled one, a small group of higher variance would be
reported too often (Janssen 1997; Chung and Romano 2013, "Exact and asymptotically robust permutation tests").
"""

from itertools import combinations
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

PERMUTATIONS: Final = 9_999
"""Number of random permutations; the smallest p-value is 1 / 10,000."""

TIE: Final = 1e-9
"""Statistics that differ by rounding errors are equal."""


class GroupValues(NamedTuple):
    """A metric of each group, with the p-value of its largest difference."""

    values: Floats
    """(groups,)."""
    errors: Floats
    """Standard error of each, (groups,)."""
    p: float


def compare_fractions(
    correct: Mask, labels: Ints, groups: Ints, number: int, generator: np.random.Generator, *, by_class: bool
) -> GroupValues:
    """Compare fractions of correct faces between groups.

    Args:
        correct: (n,), the faces that are classified correctly.
        labels: (n,), the true classes.
        groups: (n,), 0 to number - 1.
        number: Of groups, 2 or more, each with a face.
        generator: For the permutations.
        by_class: Compare the mean recall over the classes that all groups have, and permute within classes,
            so that different proportions of the classes don't matter; otherwise compare the accuracy.
    """
    strata = labels if by_class else np.zeros_like(labels)
    shared = [one for one in np.unique(strata) if len(np.unique(groups[strata == one])) == number]
    counts, hits, drawn = [], [], []
    for one in shared:
        chosen = strata == one
        counts.append(np.bincount(groups[chosen], minlength=number))
        hits.append(np.bincount(groups[chosen], correct[chosen], minlength=number))
        total = int(correct[chosen].sum())
        drawn.append(generator.multivariate_hypergeometric(counts[-1], total, PERMUTATIONS))
    if not shared:
        return GroupValues(np.full(number, np.nan), np.full(number, np.nan), 1.0)
    counted = np.array(counts)
    # (1 + permutations, strata, groups): the observed groups first
    shares = np.concatenate([np.array(hits)[None], np.stack(drawn, axis=1)]) / counted
    values, errors = shares.mean(axis=1), _errors(shares, counted)
    if by_class:
        return GroupValues(values[0], errors[0], _p_value(values, errors))
    pooled = correct.mean()  # equal fractions have equal variances
    return GroupValues(values[0], errors[0], _p_value(values, np.sqrt(pooled * (1 - pooled) / counted)))


def compare_means(
    scores: Floats,
    groups: Ints,
    number: int,
    generator: np.random.Generator,
    permutations: int | None = None,
) -> GroupValues:
    """Compare the means of any score of a face between groups.

    Args:
        scores: (n,).
        groups: (n,), 0 to number - 1.
        number: Of groups, 2 or more, each with two faces.
        generator: For the permutations.
        permutations: Number of them; `PERMUTATIONS` by default.
    """
    rows = PERMUTATIONS if permutations is None else permutations
    counts = np.bincount(groups, minlength=number)
    sums, squares = np.empty((rows + 1, number)), np.empty((rows + 1, number))
    permuted = scores - scores.mean()
    for row in range(rows + 1):
        sums[row] = np.bincount(groups, permuted, minlength=number)
        squares[row] = np.bincount(groups, permuted**2, minlength=number)
        permuted = generator.permutation(permuted)
    means = sums / counts
    # One face of the pooled variance keeps a group of equal scores from an error of 0.
    variances = (np.maximum(squares - counts * means**2, 0) + scores.var()) / counts
    errors = np.sqrt(variances / counts)
    return GroupValues(means[0] + scores.mean(), errors[0], _p_value(means, errors))


def _p_value(values: Floats, errors: Floats) -> float:
    """Return the share of rows of `values` that differ at least as clearly as the first.

    Args:
        values: (rows, groups).
        errors: Standard errors, (rows, groups) or (groups,) of all rows.
    """
    statistic = np.zeros(len(values))
    for first, second in combinations(range(values.shape[1]), 2):
        scale = np.hypot(errors[..., first], errors[..., second])
        gaps = np.abs(values[:, first] - values[:, second])
        np.maximum(statistic, np.divide(gaps, scale, out=np.zeros_like(gaps), where=scale > 0), out=statistic)
    return float((statistic >= statistic[0] - TIE).mean())


def _errors(shares: Floats, counts: Ints) -> Floats:
    """Return the standard error of each group's mean over strata, with Agresti and Coull's shares.

    Args:
        shares: (..., strata, groups).
        counts: (strata, groups).
    """
    adjusted = (shares * counts + 2) / (counts + 4)
    errors: Floats = np.sqrt((adjusted * (1 - adjusted) / counts).sum(axis=-2)) / len(counts)
    return errors
