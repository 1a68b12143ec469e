"""The Optuna study of a folder: its journal, its sampler and its pruner."""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mien.errors import RunError
from mien.tuning.parameters import Choices, Parameter, stored
from mien.tuning.space import Space
from mien.tuning.study_file import JOURNAL, LOCKS, StudyInfo

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution
    from optuna.pruners import BasePruner
    from optuna.samplers import BaseSampler

NAME: Final = "mien"
REDUCTION: Final = 3
"""Of the trials that reach a rung of successive halving, one of three continues."""
RUNGS: Final = 2
"""Rungs before the last epoch."""
UNPRUNED: Final = 4
"""Trials at the beginning that are never pruned: while few were compared, each would have to be the best."""
STARTUP: Final = 8
"""Trials with random values, before the sampler uses the results."""


def open_storage(folder: Path, info: StudyInfo) -> "Study":
    """Open the Optuna study of a folder for reading and writing.

    Args:
        folder: The folder of the study.
        info: The content of its `study.json`.

    Raises:
        RunError: There is no journal, or it is damaged.
    """
    from optuna import load_study
    from optuna.storages import JournalStorage

    from mien.tuning.journal import JournalFile

    path = folder / JOURNAL
    if not path.is_file():
        raise RunError(f"{path}: missing, so the trials are lost; restore the file", path=path)
    with quiet():
        storage = JournalStorage(JournalFile(path, folder / LOCKS / "journal.lock"))
        try:
            return load_study(study_name=NAME, storage=storage, pruner=pruner_of(info))
        except KeyError as error:
            raise RunError(f"{path}: it has no study; restore the file", path=path) from error


def create_storage(folder: Path) -> None:
    """Create the journal of a study, unless there is one. The caller holds the lock of the study."""
    from optuna import create_study
    from optuna.storages import JournalStorage

    from mien.tuning.journal import JournalFile

    (folder / JOURNAL).touch()
    with quiet():
        storage = JournalStorage(JournalFile(folder / JOURNAL, folder / LOCKS / "journal.lock"))
        create_study(study_name=NAME, storage=storage, direction="maximize", load_if_exists=True)


def distributions_of(space: Space) -> "dict[str, BaseDistribution]":
    """Return the distribution of each key of a space."""
    return {key: _distribution(one) for key, one in space.parameters.items()}


def sampler_of(info: StudyInfo, number: int) -> "BaseSampler":
    """Return the sampler of one trial: TPE (Bergstra et al. 2011), after some random trials.

    It is seeded by the trial's number, so that processes don't repeat each other's proposals, and a study of
    one process doesn't depend on when it was interrupted.
    """
    from optuna.samplers import TPESampler

    seed = int(np.random.SeedSequence([info.seed, number]).generate_state(1)[0])
    with quiet():
        return TPESampler(seed=seed, n_startup_trials=STARTUP, multivariate=True, constant_liar=True)


def pruner_of(info: StudyInfo) -> "BasePruner":
    """Return the pruner: asynchronous successive halving (Li et al. 2020).

    Trials are compared after a ninth and a third of the epochs (`rungs`).
    """
    from optuna.pruners import NopPruner, SuccessiveHalvingPruner

    if not info.pruning:
        return NopPruner()
    epochs = int(info.recipe["train"]["epochs"])
    return SuccessiveHalvingPruner(min_resource=first_rung(epochs), reduction_factor=REDUCTION)


def first_rung(epochs: int) -> int:
    """Return the number of epochs after which trials are first compared."""
    return max(1, math.ceil(epochs / REDUCTION**RUNGS))


def rungs(epochs: int) -> list[int]:
    """Return the numbers of epochs after which trials are compared.

    Examples:
        >>> rungs(24)
        [3, 9]
    """
    found, at = [], first_rung(epochs)
    while at < epochs:
        found.append(at)
        at *= REDUCTION
    return found


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress Optuna's log of each step, and its warnings about experimental options."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(before)


def _distribution(one: Parameter) -> "BaseDistribution":
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(one, Choices):
        return CategoricalDistribution([stored(value) for value in one.values])
    options: dict[str, Any] = {"log": one.log}
    if one.is_whole:
        return IntDistribution(int(one.low), int(one.high), step=int(one.step or 1), **options)
    return FloatDistribution(float(one.low), float(one.high), step=one.step, **options)
