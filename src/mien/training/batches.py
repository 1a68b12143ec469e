"""The training faces as tensors in memory, cut into batches and augmented a batch at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from mien.config.data import Augment, Data
from mien.config.recipe import Recipe
from mien.config.training import Smaller
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.labels import TRAIN
from mien.limits import GIGABYTE
from mien.text import counted
from mien.training.soft_targets.distillation import Teachers
from mien.training.soft_targets.predictions import SoftTargets
from mien.training.stored_faces import StoredFaces
from mien.transforms.augment import augment
from mien.transforms.balance import class_weights, oversampled
from mien.transforms.mix import mix
from mien.transforms.preprocess import equalize, standardize
from mien.transforms.targets import target_distributions
from mien.transforms.tensors import as_tensor


@dataclass(frozen=True)
class TrainingFaces:
    """The faces and targets of an epoch, on the training device.

    Attributes:
        images: uint8, (n, channels, size, size), equalized if the recipe has CLAHE; on disk if they exceed
            `data.memory`.
        targets: float32, (n, classes).
        order: int64, (m,), positions of the faces of an epoch before shuffling; m > n if oversampled.
        weights: float32, (classes,), weights of the loss.
    """

    images: Tensor | StoredFaces
    targets: Tensor
    order: Tensor
    weights: Tensor


def training_faces(
    faces: FaceSet, recipe: Recipe, device: torch.device, soft: SoftTargets | None = None
) -> TrainingFaces:
    """Return the training split of `faces`, with targets and balance as the recipe says.

    Args:
        faces: All faces.
        recipe: Its sections `data`, `preprocess` and `train` are used.
        device: Device of the training.
        soft: Mixed into the targets; the balance is that of the labels.

    Raises:
        DataError: No training face has a label to learn from, or one has no soft target.
    """
    places = np.flatnonzero(faces.in_split(TRAIN))
    targets = target_distributions(faces.without_images().take(places), recipe.data)
    learnable = np.flatnonzero(targets.sum(1) > 0)
    if not len(learnable):
        raise DataError(
            f"{faces.source}: no labeled training faces among its {counted(len(faces), 'face')}, so "
            "nothing to learn from; give a source with labels (fer2013.csv, train.csv, a folder of images "
            "by class)"
        )
    targets = targets[learnable]
    order, weights = _balanced(targets, recipe.data, recipe.train.seed)
    if soft:
        targets = soft.mixed(targets, faces.ids[places[learnable]])
    return TrainingFaces(
        images=_images(faces.images, places[learnable], recipe, device),
        targets=torch.from_numpy(targets).to(device),
        order=order,
        weights=weights.to(device),
    )


def _images(
    images: NDArray[np.uint8], places: NDArray[np.int64], recipe: Recipe, device: torch.device
) -> Tensor | StoredFaces:
    """Return the training faces, in memory or, if they exceed its limit, on disk."""
    memory = recipe.data.memory
    if memory is not None and len(places) * images[:1].nbytes > memory * GIGABYTE:
        return StoredFaces(images, places, int(memory * GIGABYTE), recipe.preprocess, device)
    return as_tensor(equalize(images[places], recipe.preprocess)).to(device)


def _shuffled(faces: TrainingFaces, batch_size: int, generator: Generator) -> Tensor:
    """Return the positions of an epoch in random order."""
    if isinstance(faces.images, StoredFaces):
        return faces.images.shuffled(faces.order, batch_size, generator)
    return faces.order[torch.randperm(len(faces.order), generator=generator)]


def _balanced(targets: np.ndarray, data: Data, seed: int) -> tuple[Tensor, Tensor]:
    order = oversampled(targets.argmax(1), data.oversample, np.random.default_rng(seed))
    weights = class_weights(targets[order].sum(0).astype(np.float64), data.class_weights)
    return torch.from_numpy(order), torch.from_numpy(weights)


def count_batches(faces: TrainingFaces, batch_size: int) -> int:
    """Return the batches of an epoch; the last faces of an order that don't fill one are left out."""
    return max(1, len(faces.order) // batch_size)


def size_of_epoch(parts: Sequence[Smaller], epoch: int, epochs: int) -> int | None:
    """Return the side of the faces in epoch number `epoch` of 1..`epochs`; None is their own."""
    for part in parts:
        if epoch <= round(part.until * epochs):
            return part.size
    return None


def mixes_in_epoch(config: Augment, epoch: int, epochs: int) -> bool:
    """Return whether batches are mixed in epoch number `epoch` of 1..`epochs`."""
    return epoch <= round(config.mix_until * epochs)


def batches(
    faces: TrainingFaces,
    recipe: Recipe,
    generator: Generator,
    *,
    epoch: int = 1,
    teachers: Teachers | None = None,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield one epoch of (faces (b, channels, size, size) float32, targets (b, classes)), shuffled.

    Every batch is full (BatchNorm fails on a single face); each epoch leaves out other faces.

    Args:
        faces: The training faces.
        recipe: Its batch size, augmentation, preprocessing and progressive resizing are used.
        generator: The source of randomness.
        epoch: Number of the epoch, from 1; early ones may see smaller faces, late ones unmixed faces.
        teachers: Their predictions are mixed into the targets; they see each face before mixing.
    """
    size = size_of_epoch(recipe.train.progressive, epoch, recipe.train.epochs)
    mixes = mixes_in_epoch(recipe.augment, epoch, recipe.train.epochs)
    turns = _turns(faces.images, recipe, epoch)
    batch_size = min(recipe.train.batch_size, len(faces.order))
    device = faces.images.device
    shuffled = _shuffled(faces, batch_size, generator).to(device)
    pixels = _generator_on(device, generator)
    for number in range(count_batches(faces, batch_size)):
        chosen = shuffled[number * batch_size : (number + 1) * batch_size]
        mirrored = None if turns is None else turns[chosen]
        levels = faces.images[chosen].float() / 255
        levels = augment(levels, recipe.augment, pixels, size=size, mirrored=mirrored)
        targets = faces.targets[chosen]
        if teachers:
            targets = teachers.mixed_targets(levels, targets)
        prepared = standardize(levels, recipe.preprocess)
        yield mix(prepared, targets, recipe.augment, generator) if mixes else (prepared, targets)


def _turns(images: Tensor | StoredFaces, recipe: Recipe, epoch: int) -> Tensor | None:
    """Which of all faces are mirrored in an epoch, (n,), if they take turns; a coin tells who begins."""
    if not recipe.augment.alternating_flip:
        return None
    begins = np.random.default_rng(recipe.train.seed).integers(0, 2, len(images), dtype=np.int64)
    return torch.from_numpy((begins + epoch) % 2 == 1).to(images.device)


def _generator_on(device: torch.device, generator: Generator) -> Generator:
    """Return a generator for augmentation on `device`: there, random numbers need no transfer per batch."""
    if device.type == "cpu":
        return generator
    seed = int(torch.randint(2**62, (), generator=generator))
    return Generator(device).manual_seed(seed)
