"""The work of one process on a study: choose a trial, train it, record the result, until the budget is used.

The processes of a study share its folder and nothing else. Under the lock of the study, a process continues a
trial that an ended process left, or asks the sampler for a new one.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mien.errors import MienError, RecipeError, RunError
from mien.text import counted
from mien.training.callbacks import Callback
from mien.training.run_folder.lock import MovedError
from mien.tuning.callbacks import ReportToStudy, TimeBudget
from mien.tuning.claims import Claims
from mien.tuning.progress import StudyProgress
from mien.tuning.storage import distributions_of, open_storage, quiet, sampler_of
from mien.tuning.study import StudyFolder
from mien.tuning.study_file import LOCKS
from mien.tuning.trial_run import Outcome, ReadFaces, train_trial
from mien.tuning.trials import BASELINE, REASON, SECONDS, Trial, best_of, trial_from, trials_of

if TYPE_CHECKING:
    from filelock import FileLock
    from optuna import Study as OptunaStudy
    from optuna import Trial as OptunaTrial

MOST_FAILURES: Final = 5
"""Failed trials in a row, without any complete one, after which the work stops: all would fail."""


@dataclass(frozen=True)
class Work:
    """What a process needs to work on a study.

    Attributes:
        study: The study.
        faces: Returns the source and the faces for a recipe.
        trials: Number of trials of the whole study after which no new one begins; None for no limit.
        time: When the work ends.
        device: See `mien.training.devices.choose_device`.
        callbacks: Run at their points of the training of each trial.
        progress: Follows the trials.
    """

    study: StudyFolder
    faces: ReadFaces
    trials: int | None = None
    time: TimeBudget = field(default_factory=lambda: TimeBudget(None))
    device: str = "auto"
    callbacks: Sequence[Callback] = ()
    progress: StudyProgress = field(default_factory=StudyProgress)


def work_on(work: Work) -> None:
    """Train trials until the budget is used. A trial that is interrupted is continued by the next process.

    Raises:
        RunError: The first trials all fail, or the journal is damaged.
        DataError: The faces can't be read.
    """
    study = open_storage(work.study.path, work.study.info)
    claims = Claims(work.study.path / LOCKS)
    failures: list[MienError] = []
    while not work.time.is_over:
        with _claimed(work, study, claims) as trial:
            if trial is None:
                return
            error = _run(work, trial)
        failures = [*failures, error] if error else []
        if len(failures) >= MOST_FAILURES and best_of(trials_of(study, work.study.path)) is None:
            raise RunError(
                (
                    f"{work.study.path}: {counted(len(failures), 'trial')} in a row failed; the last one: "
                    f"{failures[-1]}"
                ),
                path=work.study.path,
            )


@contextmanager
def _claimed(work: Work, study: "OptunaStudy", claims: Claims) -> "Iterator[OptunaTrial | None]":
    """Yield a trial that no other process works on; None if the budget is used."""
    lock: FileLock | None = None
    try:
        with claims.choosing(), quiet():
            trial, lock = _abandoned(study, claims)
            if trial is None and not _is_used(work, study):
                trial = _asked(work, study)
                lock = claims.claim(trial.number)
        yield trial
    finally:
        if lock is not None:
            lock.release()


def _abandoned(study: "OptunaStudy", claims: Claims) -> "tuple[OptunaTrial | None, FileLock | None]":
    """Claim a trial that is running in the journal, and whose process has ended."""
    import optuna
    from optuna.trial import TrialState

    for one in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        lock = claims.claim(one.number)
        if lock is None:
            continue
        if study.get_trials(deepcopy=False)[one.number].state is TrialState.RUNNING:
            return optuna.Trial(study, one._trial_id), lock  # noqa: SLF001 - Optuna has no public name
        lock.release()  # it ended just now
    return None, None


def _is_used(work: Work, study: "OptunaStudy") -> bool:
    return work.trials is not None and len(trials_of(study, work.study.path)) >= work.trials


def _asked(work: Work, study: "OptunaStudy") -> "OptunaTrial":
    """Begin a trial: the first one has the values of the recipe, if they are in the space."""
    info = work.study.info
    number = len(study.get_trials(deepcopy=False))
    own = info.parameters.values_of(info.base) if number == 0 else None
    if own is not None:
        study.enqueue_trial(own, user_attrs={BASELINE: True})
    study.sampler = sampler_of(info, number)
    return study.ask(distributions_of(info.parameters))


def _run(work: Work, trial: "OptunaTrial") -> MienError | None:
    """Train a trial and record its result; return why it failed, if it did."""
    begun = _shown(work, trial)
    work.progress.on_trial_start(work.study, begun, resumed=begun.path.exists())
    report = ReportToStudy(trial)
    callbacks = [report, work.time, *work.callbacks]
    try:
        outcome = train_trial(work.study, begun, work.faces, callbacks, device=work.device)
    except MovedError:
        raise
    except (RecipeError, RunError) as error:
        _fail(trial, str(error))
        failure: MienError | None = error
    else:
        failure = None
        _record(work, trial, outcome, is_pruned=report.is_pruned)
    best = best_of(trials_of(trial.study, work.study.path))
    work.progress.on_trial_end(work.study, _shown(work, trial), best)
    return failure


def _record(work: Work, trial: "OptunaTrial", outcome: Outcome, *, is_pruned: bool) -> None:
    """Record the end of a trial; nothing if the time was over, so that another process continues it."""
    from optuna.trial import TrialState

    is_stopped = not (outcome.is_finished or is_pruned)
    if is_stopped and work.time.is_over:
        return
    if outcome.accuracy is None:
        _fail(trial, "a callback stopped it before its first epoch was completed")
        return
    trial.set_user_attr(SECONDS, outcome.seconds)
    with quiet():
        if is_pruned:
            trial.study.tell(trial, state=TrialState.PRUNED)
        else:
            trial.study.tell(trial, outcome.accuracy)


def _fail(trial: "OptunaTrial", reason: str) -> None:
    from optuna.trial import TrialState

    trial.set_user_attr(REASON, reason)
    trial.study.tell(trial, state=TrialState.FAIL)


def _shown(work: Work, trial: "OptunaTrial") -> Trial:
    return trial_from(trial.storage.get_trial(trial._trial_id), work.study.path)  # noqa: SLF001
