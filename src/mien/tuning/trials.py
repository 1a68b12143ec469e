"""Trials of a study as plain data, read from its journal and its run folders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mien.tuning.parameters import Value
from mien.tuning.study_file import TRIALS

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

COMPLETE, PRUNED, FAILED, RUNNING = "complete", "pruned", "failed", "running"
_STATES: Final = {"COMPLETE": COMPLETE, "PRUNED": PRUNED, "FAIL": FAILED, "RUNNING": RUNNING}

SECONDS: Final = "seconds"
REASON: Final = "reason"
BASELINE: Final = "baseline"
"""Keys of the journal that mien adds to a trial."""


@dataclass(frozen=True)
class Trial:
    """One training of a study.

    Attributes:
        number: Number of the trial, from 0.
        state: "complete", "pruned", "failed" or "running".
        values: The value of each key of the search space.
        accuracy: Validation accuracy of the best epoch on the hold-out, 0 to 1; None before the first epoch.
        accuracies: Validation accuracy by the number of the epoch.
        seconds: Time of the training; 0 while it runs.
        reason: Why it failed, or "".
        is_baseline: Its values are those of the unchanged recipe.
        path: Its run folder.
    """

    number: int
    state: str
    values: Mapping[str, Value]
    accuracy: float | None
    accuracies: Mapping[int, float]
    seconds: float
    reason: str
    is_baseline: bool
    path: Path

    @property
    def epochs(self) -> int:
        """Number of completed epochs."""
        return max(self.accuracies, default=0)


def trials_of(study: "Study", folder: Path) -> tuple[Trial, ...]:
    """Return the trials that have begun, in the order of their numbers."""
    return tuple(
        trial_from(one, folder) for one in study.get_trials(deepcopy=False) if one.state.name in _STATES
    )


def best_of(trials: Sequence[Trial]) -> Trial | None:
    """Return the complete trial with the highest accuracy, the first of equals; None if none is complete."""
    complete = [one for one in trials if one.state == COMPLETE and one.accuracy is not None]
    return max(complete, key=lambda one: (one.accuracy or 0, -one.number), default=None)


def folder_of(study: Path, number: int) -> Path:
    """Return the run folder of a trial."""
    return study / TRIALS / f"{number:04d}"


def trial_from(one: "FrozenTrial", folder: Path) -> Trial:
    """Return a trial of Optuna as plain data; `folder` is that of the study."""
    attributes: Mapping[str, Any] = one.user_attrs
    accuracies = {int(step): float(value) for step, value in sorted(one.intermediate_values.items())}
    value = one.value if one.state.name == "COMPLETE" else None
    return Trial(
        number=one.number,
        state=_STATES[one.state.name],
        values={key: _value_of(one, key) for key in one.params},
        accuracy=max(accuracies.values(), default=None) if value is None else float(value),
        accuracies=accuracies,
        seconds=float(attributes.get(SECONDS, 0.0)),
        reason=str(attributes.get(REASON, "")),
        is_baseline=bool(attributes.get(BASELINE, False)),
        path=folder_of(folder, one.number),
    )


def _value_of(one: "FrozenTrial", key: str) -> Value:
    """Return a value without the error of a sum of steps: 0.3, not 0.30000000000000004."""
    value: Value = one.params[key]
    has_step = getattr(one.distributions[key], "step", None) is not None
    return float(f"{value:.15g}") if has_step and isinstance(value, float) else value
