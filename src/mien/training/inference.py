"""Inference with the network of a run: preprocessed faces to probabilities, optionally with TTA."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mien.config.data import Preprocess
from mien.config.training import TTA
from mien.errors import RunError
from mien.models import build_network
from mien.training.devices import choose_device
from mien.training.learner import below
from mien.training.memory import keep_freed_memory
from mien.training.run_folder.checkpoint import read_best
from mien.training.run_folder.run import RunFolder
from mien.transforms.preprocess import equalize, standardize
from mien.transforms.tensors import as_tensor
from mien.transforms.tta import views_of

BATCH = 128
"""Faces at a time; larger batches fall out of the processor's cache."""


def probabilities_of(
    run: RunFolder, images: NDArray[np.uint8], *, tta: bool, device: str = "auto"
) -> NDArray[np.float32]:
    """Return the probabilities of a run's best checkpoint, (n, classes); rows sum to 1.

    It computes in float32, whatever the precision of training was.

    Args:
        run: The run.
        images: uint8, (n, size, size) or (n, size, size, 3), before preprocessing.
        tta: Average over the views of the recipe's test-time augmentation.
        device: See `mien.training.devices.choose_device`.

    Raises:
        RunError: The run has no undamaged checkpoint.
        RecipeError: The device is not available.
    """
    keep_freed_memory()
    averaged = run.recipe.tta if tta else None
    network = read_network(run).to(choose_device(device))
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        return probabilities(network, images, run.recipe.preprocess, averaged)


def read_network(run: RunFolder) -> nn.Module:
    """Return the network of a run's best checkpoint, in evaluation mode on the CPU.

    Raises:
        RunError: The checkpoint is missing, damaged or of another network.
    """
    if not run.has_checkpoint:
        raise RunError(f"{run.path}: it has no checkpoint yet; resume its training first", path=run.path)
    tensors = read_best(run).tensors
    average = below("average.module", tensors)
    network = build_network(
        run.recipe.network, len(run.classes), size=run.info.size, channels=run.recipe.data.channels
    )
    try:
        network.load_state_dict(average or below("network", tensors))
    except RuntimeError as error:
        raise RunError(f"{run.path}: its checkpoint doesn't fit the network of its recipe.yaml") from error
    return network.to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload,no-any-return]


@torch.no_grad()
def probabilities(
    network: nn.Module, images: NDArray[np.uint8], preprocess: Preprocess, tta: TTA | None
) -> NDArray[np.float32]:
    """Return the mean probabilities over the views of each image, float32 (n, classes).

    Args:
        network: In evaluation mode; its parameters' device is where it computes.
        images: uint8, (n, size, size) or (n, size, size, 3).
        preprocess: The recipe's preparation.
        tta: Views to average over; None is the plain face only.
    """
    device = next(network.parameters()).device
    found = [
        _forward(network, batch.to(device), preprocess, tta) for batch in _level_batches(images, preprocess)
    ]
    return torch.cat(found).cpu().numpy()


def validation_batches(
    images: Tensor, labels: Tensor, preprocess: Preprocess
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield (prepared faces, labels) of validation faces that are on the device already.

    Args:
        images: uint8, (n, channels, size, size), equalized.
        labels: int64, (n,).
        preprocess: The recipe's preparation.
    """
    for start in range(0, len(images), BATCH):
        stop = start + BATCH
        yield standardize(images[start:stop].float() / 255, preprocess), labels[start:stop]


def _level_batches(images: NDArray[np.uint8], preprocess: Preprocess) -> Iterator[Tensor]:
    for start in range(0, len(images), BATCH):
        equalized = equalize(images[start : start + BATCH], preprocess)
        yield as_tensor(equalized).float() / 255


def _forward(network: nn.Module, levels: Tensor, preprocess: Preprocess, tta: TTA | None) -> Tensor:
    found = [network(standardize(view, preprocess)).softmax(1) for view in views_of(levels, tta)]
    return torch.stack(found).mean(0)
