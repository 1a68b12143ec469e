"""Agreement of doubtful labels with the votes of FER+, ten annotators for each face."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.auditing.labels import LabelAudit
from mien.faceset import FaceSet
from mien.labels import FERPLUS_COLUMNS, FERPLUS_OF_EMOTION

FEW: Final = 0.2
"""Share of the votes that a wrong label has, at most."""

CLEAR: Final = 0.6
"""Share of the votes of a clear majority, at least."""


@dataclass(frozen=True)
class Agreement:
    """How doubtful labels agree with votes. All are shares, 0 to 1, of the faces that have votes.

    Attributes:
        doubtful: Number of doubtful labels.
        few_votes: Doubtful labels with at most a fifth of the votes.
        other_majority: Doubtful labels of faces whose most-voted column is another one.
        suggestion: Doubtful labels whose most probable class has the most votes.
        base_few_votes: All labels with at most a fifth of the votes.
        base_other_majority: All labels of faces whose most-voted column is another one.
        clear_errors: Number of labels against which 60 % of the votes agree on another emotion.
        found: Those of them that are doubtful.
    """

    doubtful: int
    few_votes: float
    other_majority: float
    suggestion: float
    base_few_votes: float
    base_other_majority: float
    clear_errors: int
    found: float


def agreement(faces: FaceSet, found: LabelAudit) -> Agreement | None:
    """Return the agreement with the votes; None without votes, or for classes that FER+ lacks."""
    if faces.votes is None or any(name not in FERPLUS_OF_EMOTION for name in faces.classes):
        return None
    votes = faces.votes[found.positions].astype(np.float64)
    total = votes.sum(1)
    voted = total > 0
    columns = np.array([FERPLUS_COLUMNS.index(FERPLUS_OF_EMOTION[name]) for name in faces.classes])
    shares = votes / np.maximum(total, 1)[:, None]
    own = shares[np.arange(len(votes)), columns[found.labels]]
    few, other = own <= FEW, own < shares.max(1)
    doubtful = found.doubtful & voted
    best = shares[np.arange(len(votes)), columns[found.probabilities.argmax(1)]]
    of_others = np.where(columns[None] == columns[found.labels][:, None], 0, shares[:, columns])
    clear = voted & (of_others.max(1) >= CLEAR)
    return Agreement(
        doubtful=int(doubtful.sum()),
        few_votes=_share(few, doubtful),
        other_majority=_share(other, doubtful),
        suggestion=_share(best == shares.max(1), doubtful),
        base_few_votes=_share(few, voted),
        base_other_majority=_share(other, voted),
        clear_errors=int(clear.sum()),
        found=_share(found.doubtful, clear),
    )


def _share(mask: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    return float(mask[among].mean()) if among.any() else 0.0
