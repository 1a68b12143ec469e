"""Training a run to its end: start from the newest checkpoint, write the next ones, recover after divergence.

`loop` trains. This module decides what it starts from and what is kept, and returns to the best
checkpoint with a lower learning rate when the loop has diverged.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from mien.errors import RunError
from mien.files.temporaries import remove_abandoned
from mien.text import counted
from mien.training.denormals import flushed_denormals
from mien.training.loop import DivergedError, fit, is_finished
from mien.training.parallel.following import send_state
from mien.training.run_folder.adoption import adopt
from mien.training.run_folder.checkpoint import (
    Checkpoint,
    ForeignCheckpointError,
    read_checkpoint,
    read_newest,
    same_as_best,
    write_best,
    write_checkpoint,
)
from mien.training.run_folder.checkpoint_header import BEST, LAST
from mien.training.run_folder.history import HISTORY_FILE, is_edited
from mien.training.run_folder.lock import FolderGuard, locked
from mien.training.run_folder.recipe import restore_recipe
from mien.training.run_folder.run import RunFolder
from mien.training.run_folder.state import State
from mien.training.setup import Training

MOST_RECOVERIES = 3
RECOVERY_FACTOR = 0.3
"""A recovery multiplies the learning rate by this."""

Keep = Callable[[State, bool], None]
"""Writes a checkpoint of a state, as the best if the second is true."""


def train_run(training: Training, *, recover: bool = False) -> State:
    """Train to the end, from the newest checkpoint if the run has one, or until a callback requests a stop.

    Args:
        training: From `new_training` or `known_training`.
        recover: Return to the best checkpoint first, and lower the learning rate.

    Returns:
        The state at the end, with the whole history.

    Raises:
        RunError: No checkpoint is undamaged, the training diverged after three recoveries or has
            no earlier epoch to return to, another process trains the run, or its folder was moved.
    """
    with locked(training.run.path) as guard, flushed_denormals():
        _prepare_folder(training.run)
        keep = partial(_keep_guarded, guard, training)
        state = _newest_state(training, keep)
        with _reported(training, state):
            if recover:
                state = _recovered(training, state, "recovery requested", keep)
            if is_finished(state, training.run.recipe):
                training.context.callbacks.on_notice(
                    f"training is already complete, {counted(state.epoch, 'epoch')}"
                )
            return _fitted(training, state, keep)


def _prepare_folder(run: RunFolder) -> None:
    """Complete what a killed process left undone."""
    if RunFolder(run.path).info != run.info:
        raise RunError(f"{run.path}: another process changed this run just now; start again", path=run.path)
    for folder in (run.path, run.checkpoints):
        remove_abandoned(folder, min_age=0)
    restore_recipe(run.path, run.info)


def _fitted(training: Training, state: State, keep: Keep) -> State:
    """Train to the end, with recoveries on the way."""
    while True:
        send_state(training.context.world, training.learner, state)
        try:
            fit(training.learner, training.context, state, keep)
        except DivergedError as error:
            state = _recovered(training, state, str(error), keep)
        else:
            return state


def _keep_guarded(guard: FolderGuard, training: Training, state: State, best: bool) -> None:
    """Write a checkpoint, unless the folder was moved."""
    guard.require_unmoved()
    try:
        _keep(training, state, best)
    except Exception:
        guard.require_unmoved()
        raise


def _keep(training: Training, state: State, best: bool) -> None:
    """Write a checkpoint."""
    checkpoint = Checkpoint(training.learner.tensors(), state, training.run.identity)
    write_checkpoint(training.run.checkpoints, checkpoint, best=best)


@contextmanager
def _reported(training: Training, state: State) -> Iterator[None]:
    """Run the callbacks' first and last methods around the block."""
    status, callbacks = training.context.status, training.context.callbacks
    status.follow(state)
    error: BaseException | None = None
    try:
        callbacks.on_train_start(status)
        yield
    except BaseException as raised:
        error = raised
        raise
    finally:
        callbacks.on_train_end(status, error)


def _newest_state(training: Training, keep: Keep) -> State:
    """Load the newest checkpoint; a new training writes its first one."""
    run, notice = training.run, training.context.callbacks.on_notice
    newest = read_newest(run.checkpoints, run)
    if newest is None:
        if run.has_history:
            notice(
                f"{run.path}: there is no checkpoint any more; the training starts again from its beginning"
            )
        adopt(run)
        keep(State(), True)
        return State()
    checkpoint, warning = newest
    _load(training, checkpoint)
    adopt(run)
    if warning:
        notice(warning)
        (run.checkpoints / LAST).unlink(missing_ok=True)  # or it would replace the previous one
    _restore_best(training, checkpoint)
    if is_edited(checkpoint.state.history, run.path):
        notice(f"{run.path / HISTORY_FILE}: edited or damaged; it is written again from the checkpoint")
    return checkpoint.state


def _load(training: Training, checkpoint: Checkpoint) -> None:
    """Load the tensors of a checkpoint; those of a run with digests fit always."""
    try:
        training.learner.load(checkpoint.tensors)
    except (RuntimeError, ValueError, LookupError, TypeError, AttributeError) as error:
        path = training.run.path
        raise RunError(
            f"{path}: its checkpoint doesn't fit the recipe in its recipe.yaml; restore the recipe that it "
            "was trained with, or train a new run",
            path=path,
        ) from error


def _restore_best(training: Training, newest: Checkpoint) -> None:
    """Replace a best checkpoint that is missing or damaged, or the run would have none at its end."""
    run = training.run
    path = run.checkpoints / BEST
    try:
        read_checkpoint(path, run)
    except ForeignCheckpointError:
        raise
    except RunError as error:
        same = same_as_best(run)
        which = "another one with the same weights" if same else f"that of epoch {newest.state.epoch}"
        write_best(run.checkpoints, same or newest)
        training.context.callbacks.on_notice(f"{error}; {which} takes its place")


def _recovered(training: Training, state: State, why: str, keep: Keep) -> State:
    """Return to the best checkpoint with a lower learning rate, and write a checkpoint of that."""
    best, context = _recovery_point(training.run, state, why), training.context
    _load(training, best)
    recovered = best.state
    recovered.recoveries = state.recoveries + 1
    recovered.lr_scale = state.lr_scale * RECOVERY_FACTOR
    keep(recovered, False)
    context.status.follow(recovered)
    context.callbacks.on_notice(
        f"{why}: returned to epoch {recovered.epoch}, the best so far, with {recovered.lr_scale:.2g} of "
        f"the learning rate (recovery {recovered.recoveries} of {MOST_RECOVERIES})"
    )
    context.callbacks.on_recovery(context.status)
    return recovered


def _recovery_point(run: RunFolder, state: State, why: str) -> Checkpoint:
    """Return the best checkpoint, from which there are epochs to train."""
    if state.recoveries >= MOST_RECOVERIES:
        alternative = " or train.sam.rho" if run.recipe.train.sam else ""
        raise RunError(
            f"{run.path}: {why}, after {MOST_RECOVERIES} recoveries; start again with a lower "
            f"optimizer.lr{alternative}, or with train.grad_clip_norm=1",
            path=run.path,
        )
    best = read_checkpoint(run.checkpoints / BEST, run)
    if is_finished(best.state, run.recipe):
        raise RunError(
            f"{run.path}: the last epoch, {best.state.epoch}, is the best one, so there is no earlier epoch "
            "to recover from; start a new run with more epochs",
            path=run.path,
        )
    return best
