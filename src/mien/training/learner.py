"""The learner: network, moving average, optimizer and loss as one thing that takes batches.

It knows nothing of epochs or files. Its tensors, by name, are what a checkpoint holds.
"""

from collections.abc import Iterator
from contextlib import nullcontext

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel

from mien.config.recipe import Recipe
from mien.training.losses import make_loss
from mien.training.optimizers import make_optimizer
from mien.training.sam import sam_perturbation

_Tensors = tuple[Tensor, ...] | list[Tensor]


class Learner:
    """Learns from one batch at a time.

    Args:
        network: Takes prepared faces (n, 1, side, side), gives logits (n, classes).
        recipe: Its loss, optimizer, clipping and moving average are used.
        weights: Class weights of the loss, (classes,).
        fabric: Decides device and precision.
    """

    def __init__(self, network: nn.Module, recipe: Recipe, weights: Tensor, fabric: Fabric) -> None:
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network = network
        self.fabric = fabric
        self.loss = make_loss(recipe.loss, weights)
        self.clip = recipe.train.grad_clip_norm
        self.optimizer = make_optimizer(recipe.optimizer, network)
        self._module, self._stepper = fabric.setup(network, self.optimizer)
        self.average = _average_of(network, recipe.train.ema_decay)

    def step(self, faces: Tensor, targets: Tensor, lr: float, *, rho: float = 0.0) -> tuple[Tensor, Tensor]:
        """Learn from one batch at learning rate `lr`; return its loss and logits, detached.

        Args:
            faces: Prepared, (n, 1, side, side).
            targets: Distributions over the classes, (n, classes).
            lr: The learning rate.
            rho: How far away the gradient is taken, where the loss is higher; 0 takes it here. Half of
                the batch says which way that is, which saves half of what it costs; BatchNorm's running
                statistics are of that half.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        if rho:
            half = max(2, len(faces) // 2)  # BatchNorm wants two
            self._backward(faces[:half], targets[:half])
        with sam_perturbation(self.network, rho) if rho else nullcontext():
            loss, logits = self._backward(faces, targets)
        if self.clip is not None:
            self.fabric.clip_gradients(
                self._module, self._stepper, max_norm=self.clip, error_if_nonfinite=False
            )
        self._stepper.step()
        self._stepper.zero_grad()
        if self.average is not None:
            self.average.update_parameters(self.network)
        return loss.detach(), logits.detach()

    def _backward(self, faces: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        logits = self._module(faces).float()
        loss: Tensor = self.loss(logits, targets)
        self.fabric.backward(loss)
        return loss, logits

    def train(self) -> None:
        """Switch dropout and batch statistics on."""
        self.network.train()

    @torch.no_grad()
    def validate(self, faces: Iterator[tuple[Tensor, Tensor]]) -> tuple[float, float]:
        """Return mean cross-entropy (nats) and accuracy over batches of (faces, labels)."""
        judged = self.judged_network()
        judged.eval()
        loss, correct, count = 0.0, 0, 0
        for batch, labels in faces:
            with self.fabric.autocast():
                logits = judged(batch)
            logits = logits.float()
            loss += float(F.cross_entropy(logits, labels, reduction="sum"))
            correct += int((logits.argmax(1) == labels).sum())
            count += len(labels)
        return loss / count, correct / count

    def judged_network(self) -> nn.Module:
        """Return the network that is validated and kept: the moving average if there is one."""
        return self.network if self.average is None else self.average.module

    def tensors(self) -> dict[str, Tensor]:
        """Return all tensors that a checkpoint must hold, by name, on the CPU and contiguous."""
        named = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        if self.average is not None:
            named |= {f"average.{name}": value for name, value in self.average.state_dict().items()}
        for index, slots in self.optimizer.state_dict()["state"].items():
            for name, value in slots.items():
                if value is not None:
                    named[f"optimizer.{index}.{name}"] = torch.as_tensor(value)
        # A copy, since safetensors refuses tensors that share memory.
        return {name: value.detach().cpu().clone().contiguous() for name, value in named.items()}

    def load(self, tensors: dict[str, Tensor]) -> None:
        """Take over the tensors that `tensors` returned."""
        self.network.load_state_dict(below("network", tensors))
        if self.average is not None:
            self.average.load_state_dict(below("average", tensors))
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in below("optimizer", tensors).items():
            index, name = key.split(".", 1)
            state.setdefault(int(index), {})[name] = _in_channels_last(value)
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})


def below(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors whose names start with `prefix` and a dot, without that start."""
    start = f"{prefix}."
    return {name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)}


def _average_of(network: nn.Module, decay: float | None) -> AveragedModel | None:
    """An exponential moving average whose horizon grows with the steps done, up to 1 / (1 - decay)."""
    if decay is None:
        return None

    def update(average: _Tensors, current: _Tensors, done: Tensor | int) -> None:
        steps = float(done)
        share = 1 - min(decay, (1 + steps) / (10 + steps))
        for old, new in zip(average, current, strict=True):
            if old.is_floating_point():
                old.lerp_(new, share)
            else:
                old.copy_(new)

    return AveragedModel(network, multi_avg_fn=update, use_buffers=True)


def _in_channels_last(value: Tensor) -> Tensor:
    return value.to(memory_format=torch.channels_last) if value.ndim == 4 else value
