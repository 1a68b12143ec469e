"""Comparison of two systems on the same faces by paired tests."""

import numpy as np
from numpy.typing import NDArray

from mien import metrics
from mien.config.base import Fraction, Strict
from mien.errors import PredictionsError
from mien.evaluation.scoring import require_labels
from mien.percent import p_value
from mien.predictions import Predictions
from mien.text import counted

SIGNIFICANCE = 0.05


class Comparison(Strict):
    """Difference in accuracy between `system` and `against` on the same `n` faces."""

    system: str
    against: str
    n: int
    accuracy: Fraction
    accuracy_against: Fraction
    difference: float
    """Accuracy of `system` minus that of `against`, -1 to 1."""
    interval: tuple[float, float]
    """95 % interval of the difference: paired bootstrap, 10,000 samples."""
    only_system_correct: int
    """Faces that `system` alone classifies correctly."""
    only_against_correct: int
    p_exact: float
    """McNemar's exact test, two-sided."""
    p_mid: float
    """McNemar's mid-p test, two-sided; less conservative than the exact test (Fagerland et al. 2013)."""
    p_adjusted: float | None = None
    """The mid-p value corrected for all pairs of a leaderboard (Holm 1979); None for a single comparison."""
    notes: tuple[str, ...] = ()
    """What limits the comparison, such as an unfinished training, one sentence each."""

    @property
    def significant(self) -> bool:
        """Whether the mid-p value, corrected if there are several comparisons, is below 0.05."""
        return (self.p_mid if self.p_adjusted is None else self.p_adjusted) < SIGNIFICANCE

    @property
    def verdict(self) -> str:
        """The result in one sentence."""
        p, kind = (self.p_mid, "") if self.p_adjusted is None else (self.p_adjusted, "Holm-corrected ")
        test = f"(McNemar's test, {kind}{p_value(p, 'p')})"
        if not self.significant:
            return (
                f"{self.system} and {self.against} are not significantly different on these "
                f"{counted(self.n, 'face')} {test}."
            )
        better, worse = (self.system, self.against) if self.difference > 0 else (self.against, self.system)
        return f"{better} is significantly better than {worse} on these {counted(self.n, 'face')} {test}."

    def reversed(self) -> "Comparison":
        """Return the comparison of `against` with `system`."""
        low, high = self.interval
        return self.model_copy(
            update={
                "system": self.against,
                "against": self.system,
                "accuracy": self.accuracy_against,
                "accuracy_against": self.accuracy,
                "difference": -self.difference,
                "interval": (-high, -low),
                "only_system_correct": self.only_against_correct,
                "only_against_correct": self.only_system_correct,
            }
        )

    def __repr__(self) -> str:
        notes = "".join(f" {note}" for note in self.notes)
        return f"<Comparison: {self.verdict} Difference {100 * self.difference:+.2f} points.{notes}>"

    __str__ = __repr__


def compare(predictions: Predictions, against: Predictions) -> Comparison:
    """Compare two systems by their predictions for the same faces.

    Faces are matched by id if both have the same ids, otherwise by order.

    Raises:
        PredictionsError: The faces differ, or have no labels.
    """
    require_labels(predictions)
    require_labels(against)
    order = _same_faces(predictions, against)
    ours, theirs = predictions.correct, against.correct[order]
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
        only_system_correct=test.only_second,
        only_against_correct=test.only_first,
        p_exact=test.exact,
        p_mid=test.mid,
        notes=tuple(dict.fromkeys(one.unfinished for one in (predictions, against) if one.unfinished)),
    )


def _same_faces(predictions: Predictions, against: Predictions) -> NDArray[np.int64]:
    """Index in `against` of each face of `predictions`, (n,); their labels must be equal."""
    n = len(predictions)
    if len(against) != n:
        raise PredictionsError(
            f"{predictions.system} has {counted(n, 'face')} and {against.system} has {len(against)}; "
            "a comparison needs both on the same faces"
        )
    order = _indices_of(predictions.ids, against.ids)
    differing = np.flatnonzero(_label_names(predictions) != _label_names(against)[order])
    if len(differing):
        first = predictions.ids[differing[0]]
        raise PredictionsError(
            f"{predictions.system} and {against.system} have different labels for {len(differing):,} of "
            f"{counted(n, 'face')} (the first: {first}); a comparison needs both on the same faces"
        )
    return order


def _indices_of(ids: NDArray[np.str_], among: NDArray[np.str_]) -> NDArray[np.int64]:
    order = np.argsort(among, kind="stable")
    if np.array_equal(np.sort(ids), among[order]) and len(np.unique(ids)) == len(ids):
        return order[np.searchsorted(among[order], ids)]
    return np.arange(len(ids))


def _label_names(predictions: Predictions) -> NDArray[np.str_]:
    """Names of the true classes: two systems may order their classes differently."""
    return np.array(predictions.classes)[predictions.labels]
