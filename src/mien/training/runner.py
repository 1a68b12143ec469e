"""A training's way to its end: from which state, what is kept, and back when it has left the road.

`loop` trains; this file begins with the newest checkpoint, writes the next ones, and returns to the
best point when the loop has diverged.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from mien.errors import RunError
from mien.training.checkpoint import BEST, LAST, Checkpoint, read_checkpoint, read_newest, write_checkpoint
from mien.training.denormals import flushed_denormals
from mien.training.history import write_curves, write_history
from mien.training.learner import Learner
from mien.training.loop import DivergedError, fit, is_finished
from mien.training.progress import TrainingProgress
from mien.training.run import Run
from mien.training.setup import Training
from mien.training.state import State

MOST_RECOVERIES = 3
RECOVERY_RATE = 0.3
"""What a recovery leaves of the rate."""
CURVES_EVERY = 30.0
"""Seconds: drawing takes a third of one, which short epochs would feel."""


def train_run(training: Training, *, recover: bool = False) -> State:
    """Train to the end, from the newest checkpoint if the run has one.

    Args:
        training: As `new_training` or `known_training` returned it.
        recover: Go back to the best point first, and lower the rate.

    Returns:
        The state at the end, with the whole history.

    Raises:
        RunError: No whole checkpoint is left, the training went back more than three times or has
            nothing to go back from, or another process trains the run.
    """
    run, learner, context = training.run, training.learner, training.context
    with _alone_in(run), flushed_denormals(), context.progress as progress:
        keeper = _Keeper(run, learner)
        state = _newest_state(keeper, progress)
        if recover:
            state = _recovered(keeper, state, "asked to recover", progress)
        if is_finished(state, run.recipe):
            progress.notice(f"all is trained already, {state.epoch} epochs")
        try:
            while True:
                try:
                    fit(learner, context, state, keeper.keep)
                except DivergedError as error:
                    state = _recovered(keeper, state, str(error), progress)
                else:
                    return state
        finally:
            write_curves(state.history, run.path)


class _Keeper:
    """Writes what a training has reached into its run."""

    def __init__(self, run: Run, learner: Learner) -> None:
        self.run = run
        self.learner = learner
        self._drawn = time.monotonic()

    def keep(self, state: State, best: bool) -> None:
        """Write checkpoint and history, and now and then the curves."""
        write_checkpoint(self.run.checkpoints, Checkpoint(self.learner.tensors(), state), best=best)
        write_history(state.history, self.run.path)
        if time.monotonic() - self._drawn >= CURVES_EVERY:
            write_curves(state.history, self.run.path)
            self._drawn = time.monotonic()


@contextmanager
def _alone_in(run: Run) -> Iterator[None]:
    """Hold the run's lock, which the system takes back from a process that dies."""
    lock = FileLock(run.checkpoints / ".lock", timeout=0)
    run.checkpoints.mkdir(parents=True, exist_ok=True)
    try:
        with lock:
            yield
    except Timeout as error:
        raise RunError(
            f"{run.path}: another process is training this run; wait for it, or stop it"
        ) from error


def _newest_state(keeper: _Keeper, progress: TrainingProgress) -> State:
    folder = keeper.run.checkpoints
    newest = read_newest(folder)
    if newest is None:
        state = State()
        keeper.keep(state, best=True)
        return state
    checkpoint, warning = newest
    if warning:
        progress.notice(warning)
        (folder / LAST).unlink(missing_ok=True)  # or it would take the place of the previous one
    keeper.learner.load(checkpoint.tensors)
    return checkpoint.state


def _recovered(keeper: _Keeper, state: State, why: str, progress: TrainingProgress) -> State:
    """Return to the best checkpoint with a lower rate, and write that down before going on."""
    if state.recoveries >= MOST_RECOVERIES:
        closer = " or train.sam.rho" if keeper.run.recipe.train.sam else ""
        raise RunError(
            f"{keeper.run.path}: {why}, after {MOST_RECOVERIES} recoveries; start again with a lower "
            f"optimizer.lr{closer}, or with train.grad_clip_norm=1"
        )
    best = read_checkpoint(keeper.run.checkpoints / BEST)
    if is_finished(best.state, keeper.run.recipe):
        raise RunError(
            f"{keeper.run.path}: epoch {best.state.epoch}, its last, is its best, so there is nothing to go "
            "back from; start a new run with more epochs"
        )
    keeper.learner.load(best.tensors)
    recovered = best.state
    recovered.recoveries = state.recoveries + 1
    recovered.rate_scale = state.rate_scale * RECOVERY_RATE
    keeper.keep(recovered, best=False)
    progress.notice(
        f"{why}: back to epoch {recovered.epoch}, the best so far, with {recovered.rate_scale:.2g} of the "
        f"rate (recovery {recovered.recoveries} of {MOST_RECOVERIES})"
    )
    return recovered
