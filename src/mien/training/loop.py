"""The training loop: epochs of batches, each followed by a validation and a checkpoint.

It ends after the recipe's epochs, or by early stopping. All randomness of an epoch follows from the
recipe's seed, the epoch's number and the number of recoveries, so that a repeated epoch has the same
result.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from mien.config.recipe import Recipe
from mien.training.batches import TrainingFaces, batches, count_batches
from mien.training.callbacks import Batch, CallbackList, TrainingStatus
from mien.training.learner import Learner
from mien.training.parallel.world import SINGLE, World
from mien.training.progress import is_complete
from mien.training.run_folder.state import Epoch, State
from mien.training.soft_targets.distillation import Teachers

_COLLAPSED_EPOCHS = 2

_CHECKED_BATCHES = 16
"""Batches between two checks that the loss is finite, since each waits for the device."""


class DivergedError(Exception):
    """The training diverged: its loss is not finite, or its validation accuracy collapsed."""


@dataclass(frozen=True)
class TrainingContext:
    """What a training needs besides the learner.

    Attributes:
        recipe: The recipe.
        faces: The training faces.
        validation: Returns an iterator over the validation faces in batches of (faces, labels).
        status: Progress of the training for callbacks, which can request a stop there.
        callbacks: Callbacks of the training.
        teachers: Teachers of knowledge distillation.
        world: The processes that train together; each step uses this one's part of the batch.
        digests: SHA-256 of the teachers, and of the file of soft targets, by name.
    """

    recipe: Recipe
    faces: TrainingFaces
    validation: Callable[[], Iterator[tuple[Tensor, Tensor]]]
    status: TrainingStatus
    callbacks: CallbackList
    teachers: Teachers | None = None
    world: World = SINGLE
    digests: dict[str, str] = field(default_factory=dict)


def fit(
    learner: Learner, context: TrainingContext, state: State, keep: Callable[[State, bool], None]
) -> None:
    """Train from `state` to the end of the context, updating `state` in place.

    Args:
        learner: The learner, with the tensors of `state`.
        context: Recipe, faces and callbacks.
        state: State of the training.
        keep: Called after each epoch with the state and whether the epoch is the best so far.

    Raises:
        DivergedError: The loss is not finite, or validation accuracy collapsed.
    """
    world = context.world
    while not (is_finished(state, context.recipe) or world.any(context.status.stop_requested)):
        if has_collapsed(state, len(context.faces.weights)):
            raise DivergedError(f"validation accuracy collapsed after epoch {state.epoch}")
        row = _run_epoch(learner, context, state)
        if row is None:
            return
        state.history.append(row)
        state.schedule = _schedule_memory(context.recipe, state, row)
        best = state.best(context.recipe.train.monitor) is row
        keep(state, best)
        context.status.follow(state)
        context.callbacks.on_epoch_end(context.status, row)
        if best:
            context.callbacks.on_best(context.status, row)


def is_finished(state: State, recipe: Recipe) -> bool:
    """Return whether all epochs are done, or early stopping applies."""
    return is_complete(state.history, recipe.train)


def has_collapsed(state: State, classes: int) -> bool:
    """Return whether validation accuracy fell below half of its best for several epochs.

    A best accuracy below 2 / classes is too close to chance to tell.
    """
    best = state.best("accuracy")
    recent = state.history[-_COLLAPSED_EPOCHS:]
    if best is None or best.validation_accuracy < 2 / classes or len(recent) < _COLLAPSED_EPOCHS:
        return False
    return all(row.validation_accuracy < best.validation_accuracy / 2 for row in recent)


@dataclass
class _Totals:
    """Sums over the batches of an epoch, in which the parts of all processes are added.

    Attributes:
        loss: Sum of the mean losses of the batches, a scalar on the device.
        correct: Number of faces whose predicted class is that of the target, a scalar on the device.
        seen: Number of faces.
        lr: Learning rate of the last batch.
    """

    loss: Tensor = field(default_factory=lambda: torch.zeros(()))
    correct: Tensor = field(default_factory=lambda: torch.zeros(()))
    seen: int = 0
    lr: float = 0.0

    def add(self, loss: Tensor, correct: Tensor, faces: int) -> None:
        self.loss = self.loss.to(loss) + loss
        self.correct = self.correct.to(loss) + correct
        self.seen += faces


def _run_epoch(learner: Learner, context: TrainingContext, state: State) -> Epoch | None:
    """Train one epoch and validate; None if a callback requested a stop before its last batch."""
    number = state.epoch + 1
    generator = _seeded(context.recipe.train.seed, number, state.recoveries)
    total = count_batches(context.faces, context.recipe.train.batch_size)
    started = time.perf_counter()
    context.callbacks.on_epoch_start(context.status)
    learner.train(state.epoch)
    totals = _train_batches(learner, context, state, generator, total)
    if totals is None:
        return None
    trained = time.perf_counter() - started
    context.world.share_state(learner.evaluated_network())
    validation_loss, validation_accuracy = learner.validate(context.validation())
    return Epoch(
        epoch=number,
        lr=totals.lr,
        train_loss=float(totals.loss) / total,
        train_accuracy=float(totals.correct) / totals.seen,
        validation_loss=_finite(validation_loss, number),
        validation_accuracy=validation_accuracy,
        seconds=round(time.perf_counter() - started, 3),
        faces_per_second=round(totals.seen / trained, 1),
        recoveries=state.recoveries,
    )


def _train_batches(
    learner: Learner, context: TrainingContext, state: State, generator: torch.Generator, total: int
) -> _Totals | None:
    """Train on all batches of an epoch; None if a callback requested a stop before the last one."""
    recipe, world, number = context.recipe, context.world, state.epoch + 1
    rho, totals = _rho(recipe, state), _Totals()
    drawn = batches(context.faces, recipe, generator, epoch=number, teachers=context.teachers)
    for done, (faces, targets) in enumerate(drawn, start=1):
        if world.any(context.status.stop_requested):
            return None
        totals.lr = learning_rate(recipe, state, state.epoch + (done - 1) / total)
        part, part_targets = world.part(faces), world.part(targets)
        weight = len(part) / len(faces)
        loss, logits = learner.step(part, part_targets, totals.lr, rho=rho, weight=weight * world.size)
        correct = (logits.argmax(1) == part_targets.argmax(1)).sum()
        loss, correct = world.sums(loss * weight, correct)
        totals.add(loss, correct, len(faces))
        if done % _CHECKED_BATCHES == 0 or done == total:
            _finite(float(totals.loss), number)
        batch = Batch(done, total, number, totals.seen, totals.loss, totals.correct)
        context.callbacks.on_batch_end(context.status, batch)
    return totals


def learning_rate(recipe: Recipe, state: State, epoch: float) -> float:
    """Return the learning rate after `epoch` epochs, which need not be a whole number."""
    factor = recipe.schedule.lr_factor(epoch, recipe.train.epochs, state.schedule)
    return float(recipe.optimizer.lr * factor * state.lr_scale)


def _rho(recipe: Recipe, state: State) -> float:
    sam = recipe.train.sam
    if sam is None or state.epoch < int(sam.start * recipe.train.epochs):
        return 0.0
    return sam.rho


def _schedule_memory(recipe: Recipe, state: State, row: Epoch) -> dict[str, float]:
    return dict(recipe.schedule.after_epoch(state.schedule, row, recipe.optimizer.lr))


def _seeded(seed: int, epoch: int, recoveries: int) -> torch.Generator:
    """Seed torch's global generator, which dropout uses, and return a generator for the data."""
    first, second = np.random.SeedSequence([seed, epoch, recoveries]).generate_state(2)
    torch.manual_seed(int(first))
    return torch.Generator().manual_seed(int(second))


def _finite(loss: float, epoch: int) -> float:
    if not np.isfinite(loss):
        raise DivergedError(f"the loss is {loss} in epoch {epoch}")
    return loss
