"""The network of a run as a model that can be explained. Imported only where torch is installed."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mien.config.data import Preprocess
from mien.errors import MienError
from mien.explanation.base import Model
from mien.training.devices import choose_device
from mien.training.inference import probabilities, read_network
from mien.training.run_folder.run import RunFolder
from mien.transforms.preprocess import equalize, standardize
from mien.transforms.tensors import as_tensor


@dataclass(frozen=True, eq=False)
class Network:
    """A torch network and its preprocessing.

    Attributes:
        module: In evaluation mode: float32 (n, channels, size, size) to logits (n, classes).
        preprocess: Of its recipe.
    """

    module: nn.Module
    preprocess: Preprocess

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return next(self.module.parameters()).device

    def inputs(self, faces: NDArray[np.uint8]) -> Tensor:
        """Return preprocessed faces, float32 (n, channels, size, size)."""
        levels = as_tensor(equalize(faces, self.preprocess)).to(self.device).float() / 255
        return standardize(levels, self.preprocess)

    def baselines(self, faces: NDArray[np.uint8]) -> Tensor:
        """Return faces without content as inputs, float32 (n, channels, size, size).

        Each pixel has the mean level of its face and channel.
        """
        levels = as_tensor(equalize(faces, self.preprocess)).to(self.device).float() / 255
        return standardize(levels.mean((2, 3), keepdim=True).expand_as(levels), self.preprocess)


def model_of_run(run: RunFolder, device: str = "auto") -> Model:
    """Return the network of a run's best checkpoint as a model.

    Args:
        run: The run.
        device: See `mien.training.devices.choose_device`.

    Raises:
        RunError: It has no undamaged checkpoint.
        RecipeError: The device is not available.
    """
    module = read_network(run).to(choose_device(device))
    shape = (run.info.size,) * 2 + ((3,) if run.info.channels > 1 else ())
    return model_of_network(Network(module, run.recipe.preprocess), run.name, run.classes, shape)


def model_of_network(
    network: Network, name: str, classes: tuple[str, ...], input_shape: tuple[int, ...]
) -> Model:
    """Return a network as a model."""

    def predict(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
        if not len(faces):
            return np.empty((0, len(classes)), np.float32)
        return probabilities(network.module, faces, network.preprocess, None)

    def randomize(seed: int) -> Model:
        return model_of_network(randomized(network, seed), name, classes, input_shape)

    return Model(name, classes, input_shape, predict, network, randomize)


def randomized(network: Network, seed: int) -> Network:
    """Return a copy of a network in which the values of each weight tensor are shuffled.

    Their distribution stays, so that the activations keep their scale. Biases, norms and their statistics are
    not changed.

    Args:
        network: The network.
        seed: Of the shuffle.
    """
    module = deepcopy(network.module)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in module.parameters():
            if weight.ndim > 1:
                order = torch.randperm(weight.numel(), generator=generator).to(weight.device)
                weight.copy_(weight.reshape(-1)[order].reshape(weight.shape))
    return Network(module.eval(), network.preprocess)


def network_of(model: Model, method: str) -> Network:
    """Return the network of a model.

    Raises:
        MienError: It has none.
    """
    if model.network is None:
        raise MienError(
            f"{model.name}: {method} needs the network of a run; choose rise or occlusion, or give a run"
        )
    return model.network


@contextmanager
def gradients() -> Iterator[None]:
    """Compute gradients in float32, wherever it is called."""
    with torch.enable_grad(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        yield
