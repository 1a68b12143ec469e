"""Class balance of the training faces: oversampling and class weights."""

import numpy as np
from numpy.typing import NDArray

from mien.config.data import ClassWeights, Oversample


def oversampled(
    labels: NDArray[np.int64], oversample: Oversample | None, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return indices into `labels` in which faces of rare classes are repeated.

    A class smaller than `up_to` times the largest one grows to that size, but at most to `at_most` times
    its own size. Every face occurs at least once; repeats are distributed as evenly as possible.

    Args:
        labels: (n,), classes of the training faces.
        oversample: None repeats nothing.
        rng: Selects the faces of a class that are repeated once more than others.
    """
    everyone = np.arange(len(labels))
    if oversample is None:
        return everyone
    counts = np.bincount(labels)
    wanted = np.minimum(np.floor(oversample.up_to * counts.max()), np.floor(oversample.at_most * counts))
    extra = [
        _repeats(np.flatnonzero(labels == label), int(want) - int(count), rng)
        for label, (want, count) in enumerate(zip(wanted, counts, strict=True))
        if want > count > 0
    ]
    return np.concatenate([everyone, *extra])


def _repeats(members: NDArray[np.int64], count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    rounds = -(-count // len(members))
    return np.concatenate([rng.permutation(members) for _ in range(rounds)])[:count]


def class_weights(counts: NDArray[np.float64], config: ClassWeights | None) -> NDArray[np.float32]:
    """Return the weight of each class, (classes,), with mean 1 over the faces.

    `balanced` is the inverse frequency; `effective` the inverse effective number of faces,
    (1 - beta^n) / (1 - beta), of Cui et al. 2019 (equation 2). The weight of classes without faces is 0.

    Args:
        counts: Faces per class after oversampling, (classes,); sums of distributions are allowed.
        config: None gives every class the weight 1.
    """
    if config is None:
        return np.ones(len(counts), np.float32)
    present = counts > 0
    size = counts if config.kind == "balanced" else (1 - config.beta**counts) / (1 - config.beta)
    weights = np.divide(1.0, size, out=np.zeros(len(counts)), where=present)
    weights *= counts.sum() / (weights * counts).sum()
    weights[present] += config.smooth * (1.0 - weights[present])
    return weights.astype(np.float32)
