"""Training a run to its end: start from the newest checkpoint, write the next ones, recover after divergence.

`loop` trains. This module decides what it starts from and what is kept, and returns to the best
checkpoint with a lower learning rate when the loop has diverged.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from filelock import FileLock, Timeout

from mien.errors import RunError
from mien.training.checkpoint import BEST, LAST, Checkpoint, read_checkpoint, read_newest, write_checkpoint
from mien.training.denormals import flushed_denormals
from mien.training.loop import DivergedError, fit, is_finished
from mien.training.run import RunFolder
from mien.training.setup import Training
from mien.training.state import State

MOST_RECOVERIES = 3
RECOVERY_FACTOR = 0.3
"""A recovery multiplies the learning rate by this."""


def train_run(training: Training, *, recover: bool = False) -> State:
    """Train to the end, from the newest checkpoint if the run has one, or until a callback requests a stop.

    Args:
        training: From `new_training` or `known_training`.
        recover: Return to the best checkpoint first, and lower the learning rate.

    Returns:
        The state at the end, with the whole history.

    Raises:
        RunError: No checkpoint is undamaged, the training diverged after three recoveries or has
            no earlier epoch to return to, or another process trains the run.
    """
    with locked(training.run), flushed_denormals():
        state = _newest_state(training)
        with _reported(training, state):
            if recover:
                state = _recovered(training, state, "recovery requested")
            if is_finished(state, training.run.recipe):
                training.context.callbacks.on_notice(f"training is already complete, {state.epoch} epochs")
            return _fitted(training, state)


def _fitted(training: Training, state: State) -> State:
    """Train to the end, with recoveries on the way."""
    keep = partial(_keep, training)
    while True:
        try:
            fit(training.learner, training.context, state, keep)
        except DivergedError as error:
            state = _recovered(training, state, str(error))
        else:
            return state


def _keep(training: Training, state: State, best: bool) -> None:
    """Write a checkpoint."""
    checkpoint = Checkpoint(training.learner.tensors(), state)
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


@contextmanager
def locked(run: RunFolder) -> Iterator[None]:
    """Hold the run's lock, which the system releases when a process dies.

    Raises:
        RunError: Another process trains the run.
    """
    run.checkpoints.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(run.checkpoints / ".lock", timeout=0):
            yield
    except Timeout as error:
        raise RunError(
            f"{run.path}: another process is training this run; wait for it, or stop it", path=run.path
        ) from error


def _newest_state(training: Training) -> State:
    """Load the newest checkpoint; a new training writes its first one."""
    folder = training.run.checkpoints
    newest = read_newest(folder)
    if newest is None:
        state = State()
        _keep(training, state, best=True)
        return state
    checkpoint, warning = newest
    if warning:
        training.context.callbacks.on_notice(warning)
        (folder / LAST).unlink(missing_ok=True)  # or it would replace the previous one
    training.learner.load(checkpoint.tensors)
    return checkpoint.state


def _recovered(training: Training, state: State, why: str) -> State:
    """Return to the best checkpoint with a lower learning rate, and write a checkpoint of that."""
    run, context = training.run, training.context
    if state.recoveries >= MOST_RECOVERIES:
        alternative = " or train.sam.rho" if run.recipe.train.sam else ""
        raise RunError(
            f"{run.path}: {why}, after {MOST_RECOVERIES} recoveries; start again with a lower "
            f"optimizer.lr{alternative}, or with train.grad_clip_norm=1",
            path=run.path,
        )
    best = read_checkpoint(run.checkpoints / BEST)
    if is_finished(best.state, run.recipe):
        raise RunError(
            f"{run.path}: the last epoch, {best.state.epoch}, is the best one, so there is no earlier epoch "
            "to recover from; start a new run with more epochs",
            path=run.path,
        )
    training.learner.load(best.tensors)
    recovered = best.state
    recovered.recoveries = state.recoveries + 1
    recovered.lr_scale = state.lr_scale * RECOVERY_FACTOR
    _keep(training, recovered, best=False)
    context.status.follow(recovered)
    context.callbacks.on_notice(
        f"{why}: returned to epoch {recovered.epoch}, the best so far, with {recovered.lr_scale:.2g} of "
        f"the learning rate (recovery {recovered.recoveries} of {MOST_RECOVERIES})"
    )
    context.callbacks.on_recovery(context.status)
    return recovered
