"""Numbers of a study: the optimism of its selection, and the importance of the keys. No matplotlib."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mien.metrics import wilson_interval
from mien.tuning.space import Space
from mien.tuning.storage import distributions_of, quiet, rungs
from mien.tuning.trials import COMPLETE, Trial

LEAST_TRIALS: Final = 10
"""Trials that an importance needs."""


def expected_maximum(count: int) -> float:
    """Return the expected maximum of standard normal numbers, by Blom's approximation (1958).

    Examples:
        >>> round(expected_maximum(2), 2), round(expected_maximum(30), 2)
        (0.59, 2.04)
    """
    from statistics import NormalDist

    return 0.0 if count < 2 else NormalDist().inv_cdf((count - 0.375) / (count + 0.25))


def selection_optimism(accuracy: float, faces: int, count: int) -> float:
    """Return by how much the best of some trials exceeds its true accuracy at most, on average.

    Trials of equal true accuracy differ by sampling error. If their errors were independent, the best one
    would be too high by their standard error times the expected maximum of as many normal numbers. They are
    evaluated on the same faces, so that the errors are correlated and the optimism is smaller.

    Args:
        accuracy: Of the best trial, 0 to 1.
        faces: Faces of the hold-out.
        count: Number of trials that it was selected from.
    """
    return expected_maximum(count) * math.sqrt(accuracy * (1 - accuracy) / faces)


def interval_of(accuracy: float, faces: int) -> tuple[float, float]:
    """Return the 95 % interval of an accuracy on a hold-out, without the optimism of the selection."""
    return wilson_interval(round(accuracy * faces), faces)


@dataclass(frozen=True)
class Importance:
    """Importance of the keys of the space.

    Attributes:
        shares: Share of each key, the largest first; they add up to 1.
        epoch: The accuracy after this number of epochs is explained; None for the accuracy of the best epoch.
        trials: Number of trials that it was computed from.
    """

    shares: Mapping[str, float]
    epoch: int | None
    trials: int


def importance_of(trials: Sequence[Trial], space: Space, epochs: int) -> Importance | None:
    """Return how much of the variance of the accuracy each key explains alone; None of too few trials.

    The method is fANOVA (Hutter et al. 2014) with Optuna's random forest. Pruned trials count, too: if few
    trials are complete, the accuracy after the epochs of a rung is explained, which more trials have.

    Args:
        trials: The trials of a study.
        space: Its search space.
        epochs: Epochs of a complete trial.
    """
    epoch, values = _comparable(trials, epochs, max(LEAST_TRIALS, 2 * len(space.parameters)))
    if len(values) < LEAST_TRIALS or len(set(values.values())) < 2:
        return None
    if len(space.parameters) == 1:
        return Importance(dict.fromkeys(space.parameters, 1.0), epoch, len(values))
    shares = _fanova([(one, values[one.number]) for one in trials if one.number in values], space)
    total = sum(shares.values())
    if not math.isfinite(total) or total <= 0:
        return None
    ordered = sorted(shares.items(), key=lambda item: -item[1])
    return Importance({key: share / total for key, share in ordered}, epoch, len(values))


def _comparable(trials: Sequence[Trial], epochs: int, enough: int) -> tuple[int | None, dict[int, float]]:
    """The latest number of epochs that enough trials reached, or most, and their accuracy then."""
    complete = {
        one.number: one.accuracy for one in trials if one.state == COMPLETE and one.accuracy is not None
    }
    found: list[tuple[int | None, dict[int, float]]] = [(None, complete)]
    for epoch in reversed(rungs(epochs)):
        values = {one.number: one.accuracies[epoch] for one in trials if epoch in one.accuracies}
        found.append((epoch, values))
    reached = (one for one in found if len(one[1]) >= enough)
    return next(reached, max(found, key=lambda one: len(one[1])))


def _fanova(results: Sequence[tuple[Trial, float]], space: Space) -> dict[str, float]:
    import optuna
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    distributions = distributions_of(space)
    with quiet():
        study = optuna.create_study(direction="maximize")
        study.add_trials(
            [
                optuna.create_trial(params=dict(trial.values), distributions=distributions, value=value)
                for trial, value in results
            ]
        )
        return dict(get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=0)))


def counts_of(trials: Sequence[Trial]) -> dict[str, int]:
    """Return the number of trials in each state that occurs."""
    states = [one.state for one in trials]
    return {state: states.count(state) for state in dict.fromkeys(states)}
