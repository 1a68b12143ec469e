"""A table of a network's layers: output shapes, parameters, multiply-adds."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn


class Row(NamedTuple):
    """One layer of a network during the forward pass of one face."""

    name: str
    """Path of the layer, such as `body.stages.0.blocks.1.conv2`."""
    kind: str
    """Its class, such as `Conv2d`."""
    shape: tuple[int, ...]
    """Shape of its output for one face, without the batch axis."""
    parameters: int
    """Number of parameters."""
    multiply_adds: int
    """Multiplications with an addition, of convolutions and linear layers; 0 for others."""


def summarize(network: nn.Module, size: int = 48, channels: int = 1) -> list[Row]:
    """Return a row for every layer of `network`, in the order of the forward pass.

    Args:
        network: Takes float32 (1, channels, size, size). It runs once in evaluation mode; its mode is
            restored afterwards.
        size: Height and width of the face in pixels.
        channels: 1 for gray faces, 3 for RGB.
    """
    rows: dict[str, Row] = {}
    handles = [
        module.register_forward_hook(_recorder(name, rows))
        for name, module in network.named_modules()
        if not list(module.children()) or list(module.parameters(recurse=False))
    ]
    was_training = network.training
    try:
        _forward_one_face(network.eval(), size, channels)
    finally:
        network.train(was_training)
        for handle in handles:
            handle.remove()
    return list(rows.values())


def total(rows: Sequence[Row]) -> Row:
    """Return the sums of parameters and multiply-adds, with the shape of the last row."""
    return Row(
        name="total",
        kind="",
        shape=rows[-1].shape if rows else (),
        parameters=sum(row.parameters for row in rows),
        multiply_adds=sum(row.multiply_adds for row in rows),
    )


def _recorder(name: str, rows: dict[str, Row]) -> Callable[[nn.Module, Any, Tensor], None]:
    """A layer that is used twice has one row: its parameters count once, its multiply-adds add up."""

    def record(module: nn.Module, _: Any, output: Tensor) -> None:  # noqa: ANN401 - torch's hook
        before = rows[name].multiply_adds if name in rows else 0
        parameters = sum(parameter.numel() for parameter in module.parameters(recurse=False))
        work = before + _multiply_adds(module, output)
        rows[name] = Row(name, type(module).__name__, tuple(output.shape[1:]), parameters, work)

    return record


def _multiply_adds(module: nn.Module, output: Tensor) -> int:
    """Every output value of a convolution or a linear layer is one dot product."""
    if isinstance(module, nn.Conv2d):
        height, width = module.kernel_size
        return output.numel() * (module.in_channels // module.groups) * height * width
    if isinstance(module, nn.Linear):
        return output.numel() * module.in_features
    return 0


@torch.no_grad()
def _forward_one_face(network: nn.Module, size: int, channels: int) -> None:
    device = next((parameter.device for parameter in network.parameters()), torch.device("cpu"))
    network(torch.zeros(1, channels, size, size, device=device))
