"""Preparation of a training, new or resumed: faces, network, optimizer and run folder.

Mistakes in recipe, data set and options are found here, before a folder is created.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mien.config.recipe import Recipe
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.labels import UNLABELED, VALIDATION
from mien.models import build_network
from mien.training.batches import training_faces
from mien.training.callbacks import Callback, CallbackList, TrainingStatus
from mien.training.devices import choose_device, choose_precision, make_fabric
from mien.training.inference import validation_batches
from mien.training.learner import Learner
from mien.training.loop import TrainingContext
from mien.training.memory import keep_freed_memory
from mien.training.parallel.batch_norm import synchronize_batch_norm
from mien.training.parallel.following import require_same_faces, send_start
from mien.training.parallel.world import SINGLE, World
from mien.training.requirements import (
    require_accepted_sizes,
    require_batch_for,
    require_fitting_faces,
    require_same_devices,
)
from mien.training.run_folder.corrections import (
    divided,
    notes_on_corrections,
    open_corrections,
    with_absolute_corrections,
)
from mien.training.run_folder.creation import create_run, refuse_taken
from mien.training.run_folder.environment import environment_notice, environment_of
from mien.training.run_folder.faces import read_run_faces
from mien.training.run_folder.history import HistoryWriter
from mien.training.run_folder.info import Source
from mien.training.run_folder.run import RunFolder
from mien.training.soft_targets.distillation import (
    Teachers,
    leakage_warnings,
    open_teachers,
    require_same_teachers,
    with_absolute_teachers,
)
from mien.training.soft_targets.predictions import SoftTargets, read_soft_targets
from mien.training.start import Start, differing_preprocessing, open_start
from mien.training.stored_faces import StoredFaces
from mien.transforms.preprocess import equalize, standardize
from mien.transforms.tensors import as_tensor


@dataclass(frozen=True)
class Training:
    """A training that is ready to run: its run folder, faces, learner and context."""

    run: RunFolder
    faces: FaceSet
    learner: Learner
    context: TrainingContext


def new_training(
    path: Path,
    name: str,
    recipe: Recipe,
    source: Source,
    faces: FaceSet,
    callbacks: Sequence[Callback] = (),
    *,
    device: str = "auto",
    start: Start | None = None,
    changes: Mapping[str, Any] | None = None,
    world: World = SINGLE,
) -> Training:
    """Prepare a new training and create its run folder.

    Args:
        path: The run folder to create.
        name: Name of the recipe.
        recipe: The recipe with all overrides, as `mien.training.start.start_of` returns it.
        source: Where `faces` came from.
        faces: The faces as they were read from there.
        callbacks: Run at their points of the training, in this order.
        device: See `mien.training.devices.choose_device`.
        start: What the training starts from.
        changes: Values of the recipe that were changed, see `RunInfo.changes`.
        world: The processes that train together, of which this is that of rank 0.

    Raises:
        DataError: The faces don't fit the recipe.
        RecipeError: The device is not available, or the network can't be built.
        BundleError: A teacher is missing, damaged, or made for other faces.
        RunError: The folder exists, or the pretrained weights can't be read or don't fit.
    """
    refuse_taken(path)
    recipe = with_absolute_corrections(with_absolute_teachers(recipe))
    require_fitting_faces(faces, recipe)
    corrections = open_corrections(recipe)
    divided_faces = divided(faces, recipe, corrections)
    require_same_faces(world, divided_faces)
    send_start(world, recipe.model_dump(mode="json"), path)
    learner, context = _prepared(path, recipe, divided_faces, callbacks, device, start, world)
    held_out = recipe.data.validation == "holdout" or not faces.in_split(VALIDATION).any()
    remarks = _leakage_warnings(context.teachers, start, recipe, source.fingerprint, held_out=held_out)
    run = create_run(
        path, name, recipe, source, divided_faces, held_out=held_out,
        pretrained=start.name if start else None,
        teachers=context.digests or None, corrections=corrections, leakage_warnings=remarks,
        changes=changes, environment=_environment(device, recipe, world),
    )  # fmt: skip
    for remark in (*remarks, *notes_on_corrections(corrections, faces, recipe)):
        context.callbacks.on_notice(remark)
    return Training(run, divided_faces, learner, context)


def _leakage_warnings(
    teachers: Teachers | None, start: Start | None, recipe: Recipe, fingerprint: str, *, held_out: bool
) -> list[str]:
    """Return why scores may be too high because of what teachers and pretrained weights were trained on."""
    found: list[str] = []
    if teachers:
        found += leakage_warnings(teachers, recipe, fingerprint, held_out=held_out)
    if start:
        found += start.leakage_warnings(recipe, fingerprint, held_out=held_out)
    return found


def known_training(
    run: RunFolder,
    callbacks: Sequence[Callback] = (),
    *,
    data: str | Path | FaceSet | None = None,
    device: str = "auto",
    faces: FaceSet | None = None,
    world: World = SINGLE,
) -> Training:
    """Prepare to continue the training of a run.

    Args:
        run: The run.
        callbacks: Run at their points of the training, in this order.
        data: The data set, or its path, if it is not at the path that the run recorded.
        device: See `mien.training.devices.choose_device`.
        faces: What `read_run_faces` returned for them, if they were read already.
        world: The processes that train together, of which this is that of rank 0.

    Raises:
        DataError: The data set is missing or differs from that of the run.
        RecipeError: The device is not available.
        BundleError: A teacher is missing or damaged.
        RunError: A teacher differs from that of the run, or the number of devices does, and matters.
    """
    faces = faces or read_run_faces(run, data, votes=True)
    require_same_faces(world, faces)
    send_start(world, run.recipe.model_dump(mode="json"), run.path)
    start = open_start(run.info.pretrained) if run.info.pretrained and not run.has_checkpoint else None
    learner, context = _prepared(run.path, run.recipe, faces, callbacks, device, start, world)
    require_same_devices(run, learner.network, world)
    require_same_teachers(context.digests, run.info.teachers, run.path)
    notice = environment_notice(run.info.environment, _environment(device, run.recipe, world))
    if notice:
        context.callbacks.on_notice(notice)
    return Training(run, faces, learner, context)


def unwritten_training(
    recipe: Recipe, faces: FaceSet, *, device: str = "auto", start: Start | None = None
) -> tuple[Learner, TrainingContext]:
    """Prepare a training without a run folder; arguments and errors are those of `new_training`."""
    recipe = with_absolute_teachers(recipe)
    require_fitting_faces(faces, recipe)
    return _prepared(Path(), recipe, divided(faces, recipe), (), device, start, SINGLE)


def follower(recipe: Recipe, faces: FaceSet, device: str, world: World) -> tuple[Learner, TrainingContext]:
    """Prepare to train with the process of rank 0, which sends the weights and keeps the run.

    Args:
        recipe: The recipe of the run.
        faces: Its faces, with the validation split that it uses.
        device: See `mien.training.devices.choose_device`.
        world: The processes that train together, of which this is another one.
    """
    return _prepared(Path(), recipe, faces, None, device, None, world)


def _environment(device: str, recipe: Recipe, world: World) -> dict[str, Any]:
    torch_device = choose_device(device, world)
    precision = choose_precision(recipe.train.precision, torch_device)
    return environment_of(str(torch_device), precision, world.local_size, world.nodes)


def _prepared(
    path: Path,
    recipe: Recipe,
    faces: FaceSet,
    callbacks: Sequence[Callback] | None,
    device: str,
    start: Start | None,
    world: World,
) -> tuple[Learner, TrainingContext]:
    """Build the learner and its context; nothing is written here. A follower has no callbacks."""
    all_callbacks = CallbackList([] if callbacks is None else [HistoryWriter(), *callbacks])
    torch_device = choose_device(device, world)
    require_batch_for(world, recipe)
    keep_freed_memory()
    teachers = open_teachers(recipe, faces, torch_device)
    soft_targets = read_soft_targets(recipe, faces)
    training = training_faces(faces, recipe, torch_device, soft_targets)
    images, labels = _validation_tensors(faces, recipe, torch_device)
    network = _network(recipe, faces, all_callbacks, start, partial(_sample, training.images, recipe))
    require_accepted_sizes(recipe, faces.size)
    if world.size > 1 and recipe.train.sync_batchnorm:
        network = synchronize_batch_norm(network)
    fabric = make_fabric(torch_device, choose_precision(recipe.train.precision, torch_device), world)
    learner = Learner(network.to(torch_device), recipe, training.weights, fabric)
    validation = partial(validation_batches, world.part(images), world.part(labels), recipe.preprocess)
    status = TrainingStatus(path, recipe, faces=faces, device=str(torch_device))
    context = TrainingContext(
        recipe, training, validation, status, all_callbacks, teachers, world,
        digests=_digests(teachers, soft_targets),
    )  # fmt: skip
    return learner, context


def _digests(teachers: Teachers | None, soft_targets: SoftTargets | None) -> dict[str, str]:
    found = dict(teachers.digests) if teachers else {}
    if soft_targets:
        found[str(soft_targets.path)] = soft_targets.digest
    return found


def _network(
    recipe: Recipe,
    faces: FaceSet,
    callbacks: CallbackList,
    start: Start | None,
    sample: Callable[[int], Tensor],
) -> torch.nn.Module:
    torch.manual_seed(recipe.train.seed)
    network = build_network(recipe.network, len(faces.classes), size=faces.size, channels=faces.channels)
    recipe.network.initialize(network, sample)
    if start:
        callbacks.on_notice(start.load(network, recipe.network, faces.classes, sample))
        if notice := differing_preprocessing(recipe, start):
            callbacks.on_notice(notice)
    return network


def _sample(images: Tensor | StoredFaces, recipe: Recipe, count: int) -> Tensor:
    """Preprocessed faces, evenly spaced over the training split."""
    some = torch.linspace(0, len(images) - 1, min(count, len(images))).round().long()
    return standardize(images.cpu()[some].float() / 255, recipe.preprocess)


def _validation_tensors(faces: FaceSet, recipe: Recipe, device: torch.device) -> tuple[Tensor, Tensor]:
    validation = faces.take(faces.in_split(VALIDATION) & (faces.labels != UNLABELED))
    if not len(validation):
        raise DataError(f"{faces.source}: no labeled validation faces to select the best checkpoint with")
    images = as_tensor(equalize(validation.images, recipe.preprocess))
    return images.to(device), torch.tensor(validation.labels).to(device)
