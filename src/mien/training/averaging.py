"""The exponential moving average of a network's weights (Polyak & Juditsky 1992), which is validated."""

from copy import deepcopy

import torch
from torch import Tensor, nn


class MovingAverage(nn.Module):
    """An average whose horizon grows with the steps done, up to 1 / (1 - decay).

    It differs from `torch.optim.swa_utils.AveragedModel` in that a step never waits for the device.

    Args:
        network: The network, of which it is a copy at first; buffers are averaged too.
        decay: Decay per step.
    """

    n_averaged: Tensor

    def __init__(self, network: nn.Module, decay: float) -> None:
        super().__init__()
        self.module = deepcopy(network).requires_grad_(requires_grad=False)
        self.register_buffer("n_averaged", torch.tensor(0))
        self._decay = decay
        self._steps = 0
        self.register_load_state_dict_post_hook(self._count)  # type: ignore[no-untyped-call]

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Include the weights of `network` after a step; the first ones are copied."""
        share = 1.0 if self._steps == 0 else 1 - min(self._decay, (1 + self._steps) / (10 + self._steps))
        old, new = _values(self.module), _values(network)
        floating = [index for index, value in enumerate(old) if value.is_floating_point()]
        torch._foreach_lerp_([old[index] for index in floating], [new[index] for index in floating], share)
        for index in set(range(len(old))) - set(floating):
            old[index].copy_(new[index])
        self._steps += 1
        self.n_averaged.fill_(self._steps)

    def _count(self, _: nn.Module, __: object) -> None:
        """Read the number of steps from a state that was loaded."""
        self._steps = int(self.n_averaged)


def _values(network: nn.Module) -> list[Tensor]:
    return [value.detach() for value in (*network.parameters(), *network.buffers())]
