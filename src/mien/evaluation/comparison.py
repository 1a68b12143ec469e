"""Two systems on the same faces: paired tests, because two accuracies alone tell too little."""

import numpy as np
from numpy.typing import NDArray

from mien import metrics
from mien.config.base import Fraction, Strict
from mien.errors import PredictionsError
from mien.evaluation.evaluation import require_truth
from mien.evaluation.predictions import Predictions

SURPRISING = 0.05


class Comparison(Strict):
    """How the accuracy of `system` differs from that of `against` on the same `n` faces."""

    system: str
    against: str
    n: int
    accuracy: Fraction
    accuracy_against: Fraction
    difference: float
    """Accuracy of `system` minus that of `against`, -1 to 1."""
    interval: tuple[float, float]
    """95 % interval of the difference: paired bootstrap, 10,000 draws."""
    only_system: int
    """Faces that `system` alone got right."""
    only_against: int
    p_exact: float
    """McNemar's exact test: how often chance alone would make them differ so much."""
    p_mid: float

    @property
    def verdict(self) -> str:
        """One sentence that a reader may quote."""
        if self.p_mid >= SURPRISING:
            return f"{self.system} and {self.against} can't be told apart on these {self.n:,} faces."
        better, worse = (self.system, self.against) if self.difference > 0 else (self.against, self.system)
        return f"{better} is better than {worse} on these faces, by more than chance explains."


def compare(predictions: Predictions, against: Predictions) -> Comparison:
    """Compare two systems face by face.

    Faces are joined by id where both have the same ids, otherwise by order.

    Raises:
        PredictionsError: These are not the same faces, or their truth is not known.
    """
    require_truth(predictions)
    require_truth(against)
    there = _same_faces(predictions, against)
    ours, theirs = predictions.correct, against.correct[there]
    test = metrics.mcnemar(theirs, ours)
    difference, low, high = metrics.paired_difference(theirs, ours)
    return Comparison(
        system=predictions.system,
        against=against.system,
        n=len(predictions),
        accuracy=float(ours.mean()),
        accuracy_against=float(theirs.mean()),
        difference=difference,
        interval=(low, high),
        only_system=test.only_second,
        only_against=test.only_first,
        p_exact=test.exact,
        p_mid=test.mid,
    )


def _same_faces(predictions: Predictions, against: Predictions) -> NDArray[np.int64]:
    """Positions in `against` of each face of `predictions`, (n,); the truth of each must agree."""
    n = len(predictions)
    if len(against) != n:
        raise PredictionsError(
            f"{predictions.system} has {n} faces and {against.system} has {len(against)}; "
            "a comparison needs both on the same faces"
        )
    there = _positions_of(predictions.ids, against.ids)
    differing = np.flatnonzero(_truth(predictions) != _truth(against)[there])
    if len(differing):
        first = predictions.ids[differing[0]]
        raise PredictionsError(
            f"{predictions.system} and {against.system} disagree on the truth of {len(differing)} of {n} "
            f"faces (the first: {first}); a comparison needs both on the same faces"
        )
    return there


def _positions_of(ids: NDArray[np.str_], among: NDArray[np.str_]) -> NDArray[np.int64]:
    order = np.argsort(among, kind="stable")
    if np.array_equal(np.sort(ids), among[order]) and len(np.unique(ids)) == len(ids):
        return order[np.searchsorted(among[order], ids)]
    return np.arange(len(ids))


def _truth(predictions: Predictions) -> NDArray[np.str_]:
    """Names of the true classes: two systems may number them differently."""
    return np.array(predictions.classes)[predictions.labels]
