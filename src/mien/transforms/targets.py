"""Targets: the distribution over the classes that each training face is trained toward."""

import numpy as np
from numpy.typing import NDArray

from mien.config.data import Data
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.labels import EMOTIONS, FERPLUS_COLUMNS, FERPLUS_OF_EMOTION, UNLABELED


def target_distributions(faces: FaceSet, data: Data) -> NDArray[np.float32]:
    """Return the target of each face, (n, classes); rows sum to 1, or to 0.

    A row of zeros is a face without a target: no label, or FER+ votes for none of the seven emotions.

    Raises:
        DataError: The targets are FER+ votes, and the faces have none.
    """
    if data.targets == "labels":
        return one_hot(faces.labels, len(faces.classes))
    votes = _emotion_votes(faces)
    if data.targets == "majority":
        winners = np.where(votes.sum(1) > 0, votes.argmax(1), UNLABELED)
        return one_hot(winners.astype(np.int64), len(EMOTIONS))
    total = votes.sum(1, keepdims=True)
    shares: NDArray[np.float32] = np.divide(votes, total, out=np.zeros_like(votes), where=total > 0)
    return shares


def one_hot(labels: NDArray[np.int64], classes: int) -> NDArray[np.float32]:
    """Return one-hot distributions, (n, classes); unlabeled faces get a row of zeros."""
    distributions = np.zeros((len(labels), classes), np.float32)
    known = np.flatnonzero(labels != UNLABELED)
    distributions[known, labels[known]] = 1.0
    return distributions


def _emotion_votes(faces: FaceSet) -> NDArray[np.float32]:
    if faces.votes is None or faces.classes != EMOTIONS:
        raise DataError(
            f"{faces.source}: targets from FER+ need its votes over the seven emotions; "
            "pass ferplus=fer2013new.csv, or set data.targets=labels"
        )
    columns = [FERPLUS_COLUMNS.index(FERPLUS_OF_EMOTION[name]) for name in EMOTIONS]
    return faces.votes[:, columns].astype(np.float32)
