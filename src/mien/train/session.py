"""A training from a run folder's point of view: start, go on after a stop, recover.

`loop` trains; this file decides from which state, writes the checkpoints, and goes back to the
best point when the loop has diverged.
"""

from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from mien.config.network import ResNetV2
from mien.config.recipe import Recipe
from mien.errors import DataError, RunError
from mien.faceset import FaceSet
from mien.labels import UNLABELLED, VALIDATION
from mien.models import build_network
from mien.models.freeze import freeze
from mien.models.pretrained import load_pretrained
from mien.train.batches import training_faces
from mien.train.checkpoint import BEST, Checkpoint, read_checkpoint, read_newest, write_checkpoint
from mien.train.devices import choose_device, choose_precision, make_fabric
from mien.train.history import write_history
from mien.train.infer import validation_batches
from mien.train.learner import Learner
from mien.train.loop import Course, DivergedError, fit
from mien.train.memory import keep_freed_memory
from mien.train.progress import TrainingProgress
from mien.train.run import Run
from mien.train.state import State
from mien.transforms.prepare import equalise

MOST_RECOVERIES = 3
RECOVERY_RATE = 0.3
"""What a recovery leaves of the rate."""


def prepare(
    recipe: Recipe,
    faces: FaceSet,
    progress: TrainingProgress,
    *,
    device: str = "auto",
    pretrained: Path | None = None,
) -> tuple[Learner, Course]:
    """Return what learns and what it goes by; nothing is written yet.

    Args:
        recipe: The recipe.
        faces: The faces, divided for the training.
        progress: What a person sees.
        device: See `mien.train.devices.choose_device`.
        pretrained: Weights that the network starts from.

    Raises:
        DataError: The faces don't fit the recipe.
        RecipeError: The device isn't there, or the network can't be built.
        RunError: The pretrained weights can't be read, or don't fit.
    """
    place = choose_device(device)
    torch.set_flush_denormal(True)
    keep_freed_memory()
    training = training_faces(faces, recipe, place)
    images, labels = _validation_tensors(faces, recipe, place)
    network = _network(recipe, faces, progress, pretrained)
    fabric = make_fabric(place, choose_precision(recipe.train.precision, place))
    learner = Learner(network.to(place), recipe, training.weights, fabric)
    validation = partial(validation_batches, images, labels, recipe.prepare)
    return learner, Course(recipe, training, validation, progress)


def train_run(run: Run, learner: Learner, course: Course, *, recover: bool = False) -> State:
    """Train a run to its end, from its newest checkpoint if it has one.

    Args:
        run: The run folder.
        learner: As `prepare` returned it.
        course: As `prepare` returned it.
        recover: Go back to the best point first, and lower the rate.

    Returns:
        The state at the end, with the whole history.

    Raises:
        RunError: No whole checkpoint is left, or the training diverged more than three times.
    """
    progress = course.progress
    state = _newest_state(run, learner, progress)
    if recover:
        state = _recovered(run, learner, state, "asked to recover", progress)
    with progress:
        while True:
            try:
                fit(learner, course, state, partial(_keep, run, learner))
            except DivergedError as error:
                state = _recovered(run, learner, state, str(error), progress)
            else:
                return state


def _network(
    recipe: Recipe, faces: FaceSet, progress: TrainingProgress, pretrained: Path | None
) -> torch.nn.Module:
    torch.manual_seed(recipe.train.seed)
    network = build_network(recipe.network, len(faces.classes), side=faces.side)
    if pretrained:
        progress.notice(str(load_pretrained(network, pretrained)))
    if isinstance(recipe.network, ResNetV2):
        freeze(network, recipe.network.trainable)
    return network


def _validation_tensors(faces: FaceSet, recipe: Recipe, device: torch.device) -> tuple[Tensor, Tensor]:
    validation = faces.take(faces.in_split(VALIDATION) & (faces.labels != UNLABELLED))
    if not len(validation):
        raise DataError(f"{faces.source}: no labelled validation faces, so nothing could choose a checkpoint")
    images = torch.tensor(equalise(validation.images, recipe.prepare))[:, None]
    return images.to(device), torch.tensor(validation.labels).to(device)


def _newest_state(run: Run, learner: Learner, progress: TrainingProgress) -> State:
    newest = read_newest(run.checkpoints)
    if newest is None:
        state = State()
        _keep(run, learner, state, best=True)
        return state
    checkpoint, warning = newest
    if warning:
        progress.notice(warning)
    learner.load(checkpoint.tensors)
    return checkpoint.state


def _keep(run: Run, learner: Learner, state: State, best: bool) -> None:
    write_checkpoint(run.checkpoints, Checkpoint(learner.tensors(), state), best=best)
    write_history(state.history, run.path)


def _recovered(run: Run, learner: Learner, state: State, why: str, progress: TrainingProgress) -> State:
    """Return to the best checkpoint with a lower rate, and write that down before going on."""
    if state.recoveries >= MOST_RECOVERIES:
        raise RunError(
            f"{run.path}: {why}, after {MOST_RECOVERIES} recoveries; start again with a lower "
            "optimiser.rate, or with train.clip=1"
        )
    best = read_checkpoint(run.checkpoints / BEST)
    learner.load(best.tensors)
    recovered = best.state
    recovered.recoveries = state.recoveries + 1
    recovered.rate_scale = state.rate_scale * RECOVERY_RATE
    _keep(run, learner, recovered, best=False)
    progress.notice(
        f"{why}: back to epoch {recovered.epoch}, the best so far, with {recovered.rate_scale:.2g} of the "
        f"rate (recovery {recovered.recoveries} of {MOST_RECOVERIES})"
    )
    return recovered
