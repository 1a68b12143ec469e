"""Permutation tests of differences between groups.

The groups of the faces are permuted. For a metric that is a fraction of correct faces, the number of correct
faces of each group under a permutation has a multivariate hypergeometric distribution, so it is drawn from
that, which gives the same p-values. Every test compares the largest difference between two groups in units of
its standard error, so that a small group doesn't hide the gap between two large ones.
"""

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
    # (1 + permutations, strata, groups): the observed groups first
    shares = np.concatenate([np.array(hits)[None], np.stack(drawn, axis=1)]) / np.array(counts)
    pooled = np.array([correct[strata == one].mean() for one in shared])
    null = (pooled * (1 - pooled))[:, None] / np.array(counts)
    values = shares.mean(axis=1)
    return GroupValues(values[0], _errors(shares[0], np.array(counts)), _p_value(values, _mean_error(null)))


def compare_means(
    scores: Floats,
    groups: Ints,
    number: int,
    generator: np.random.Generator,
    permutations: int = PERMUTATIONS,
) -> GroupValues:
    """Compare the means of any score of a face between groups.

    Args:
        scores: (n,).
        groups: (n,), 0 to number - 1.
        number: Of groups, 2 or more, each with two faces.
        generator: For the permutations.
        permutations: Number of them.
    """
    counts = np.bincount(groups, minlength=number)
    means = np.empty((permutations + 1, number))
    means[0] = np.bincount(groups, scores, minlength=number) / counts
    for row in range(1, permutations + 1):
        means[row] = np.bincount(groups, generator.permutation(scores), minlength=number) / counts
    deviations = np.array([scores[groups == one].std(ddof=1) for one in range(number)])
    return GroupValues(
        means[0], deviations / np.sqrt(counts), _p_value(means, scores.std() / np.sqrt(counts))
    )


def _p_value(values: Floats, errors: Floats) -> float:
    """Return the share of rows of `values` (rows, groups) that differ at least as clearly as the first."""
    first, second = np.triu_indices(values.shape[1], 1)
    scale = np.sqrt(errors[first] ** 2 + errors[second] ** 2)
    gaps = np.abs(values[:, first] - values[:, second])
    statistic = np.divide(gaps, scale, out=np.zeros_like(gaps), where=scale > 0).max(axis=1)
    return float((statistic >= statistic[0] - TIE).mean())


def _errors(shares: Floats, counts: Ints) -> Floats:
    """Return the standard error of each group's mean over strata, with Agresti and Coull's correction."""
    adjusted = (shares * counts + 2) / (counts + 4)
    return _mean_error(adjusted * (1 - adjusted) / (counts + 4))


def _mean_error(variances: Floats) -> Floats:
    """Return the standard error of the mean over strata from variances (strata, groups)."""
    errors: Floats = np.sqrt(variances.sum(axis=0)) / len(variances)
    return errors
