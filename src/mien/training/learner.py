"""The learner: network, moving average, optimizer and loss as one object that processes batches.

It is independent of epochs and files. Its tensors, by name, are the content of a checkpoint.
"""

from collections.abc import Iterator
from contextlib import nullcontext

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch import distributed as dist
from torch.nn import functional as F

from mien.config.recipe import Recipe
from mien.errors import RecipeError
from mien.models.freeze import Freezing, depths
from mien.training.averaging import MovingAverage
from mien.training.convolution import FastConvolutions
from mien.training.optimizers.base import make_optimizer
from mien.training.sam import sam_perturbation


class Learner:
    """Trains a network one batch at a time.

    Args:
        network: Takes preprocessed faces (n, channels, size, size), returns logits (n, classes).
        recipe: Its network hooks, loss, optimizer, gradient clipping and moving average are used.
        weights: Class weights of the loss, (classes,).
        fabric: Determines device and precision.

    Raises:
        RecipeError: The loss uses features and the network has no linear layer at its end, or all layers are
            frozen.
    """

    def __init__(self, network: nn.Module, recipe: Recipe, weights: Tensor, fabric: Fabric) -> None:
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network = network
        self.fabric = fabric
        last = _feature_layer(network, recipe) if recipe.loss.uses_features else None
        self.loss = recipe.loss.build(weights, last.in_features if last else 0).to(weights.device)
        self.clip = recipe.train.grad_clip_norm
        self._trained = nn.ModuleList([network, self.loss])
        self._freezing = Freezing(recipe.network, network)
        if not any(weight.requires_grad for weight in network.parameters()):
            raise RecipeError(f"network.trainable: {recipe.network.trainable} leaves nothing to train")
        self.optimizer = make_optimizer(recipe.optimizer, self._trained, depths(recipe.network, network))
        self._module, self._stepper = fabric.setup(network, self.optimizer)
        self._wrapped = [weight.requires_grad for weight in network.parameters()]
        decay = recipe.train.ema_decay
        self.average = None if decay is None else MovingAverage(network, decay)
        self._features: Tensor | None = None
        if last:  # after the average is a copy of the network, which needs no hook
            last.register_forward_pre_hook(self._keep_features)

    def step(
        self, faces: Tensor, targets: Tensor, lr: float, *, rho: float = 0.0, weight: float = 1.0
    ) -> tuple[Tensor, Tensor]:
        """Train on one batch with learning rate `lr`; return its loss and logits, detached.

        Args:
            faces: Preprocessed, (n, channels, size, size).
            targets: Distributions over the classes, (n, classes).
            lr: The learning rate.
            rho: Radius of sharpness-aware minimization; 0 is an ordinary step. The direction is computed on
                half of the batch, which halves the additional cost; BatchNorm's running statistics are
                those of that half.
            weight: Of this process's gradient in the mean over all processes.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = lr * group.get("lr_scale", 1.0)
        if rho:
            half = max(2, len(faces) // 2)  # BatchNorm needs two
            self._backward(faces[:half], targets[:half], weight)
        with sam_perturbation(self._trained, rho) if rho else nullcontext():
            loss, logits = self._backward(faces, targets, weight)
        if self.clip is not None:
            self.fabric.clip_gradients(
                self._module, self._stepper, max_norm=self.clip, error_if_nonfinite=False
            )
        self._stepper.step()
        self._stepper.zero_grad()
        if self.average is not None:
            self.average.update(self.network)
        return loss.detach(), logits.detach()

    def _backward(self, faces: Tensor, targets: Tensor, weight: float) -> tuple[Tensor, Tensor]:
        with FastConvolutions() if faces.device.type == "cpu" else nullcontext():
            logits = self._module(faces).float()
        features, self._features = self._features, None
        loss: Tensor = self.loss(logits, targets, features)
        self.fabric.backward(loss if weight == 1 else loss * weight)
        if self.fabric.world_size > 1:  # DDP does this for the network
            for parameter in self.loss.parameters():
                if parameter.grad is not None:
                    dist.all_reduce(parameter.grad)
                    parameter.grad /= self.fabric.world_size
        return loss, logits

    def _keep_features(self, _: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        self._features = inputs[0].float() if torch.is_grad_enabled() else None

    def train(self, epoch: int = 0) -> None:
        """Enable dropout and batch statistics, and train the layers that the recipe says.

        Args:
            epoch: Completed epochs.
        """
        self.network.train()
        self._freezing.apply(epoch)
        self._wrap()

    def _wrap(self) -> None:
        """Wrap the network again if other parameters are trained: DDP has those that it was made with."""
        trained = [weight.requires_grad for weight in self.network.parameters()]
        if self.fabric.world_size > 1 and trained != self._wrapped:
            del self._module  # with the hooks that it has
            self._module = self.fabric.setup_module(self.network)
        self._wrapped = trained

    @torch.no_grad()
    def validate(self, faces: Iterator[tuple[Tensor, Tensor]]) -> tuple[float, float]:
        """Return mean cross-entropy (nats) and accuracy over batches of (faces, labels)."""
        network = self.evaluated_network()
        network.eval()
        sums: list[tuple[Tensor, Tensor]] = []  # read at the end, so that no batch waits for the device
        count = 0
        for batch, labels in faces:
            with self.fabric.autocast():
                logits = network(batch)
            logits = logits.float()
            correct = (logits.argmax(1) == labels).sum()
            sums.append((F.cross_entropy(logits, labels, reduction="sum"), correct))
            count += len(labels)
        loss, right = sum(float(loss) for loss, _ in sums), sum(int(correct) for _, correct in sums)
        if self.fabric.world_size > 1:  # each process has a part of the faces
            parts = torch.tensor([loss, right, count], dtype=torch.float64)
            dist.all_reduce(parts)
            loss, right, count = parts.tolist()
        return loss / count, right / count

    def evaluated_network(self) -> nn.Module:
        """Return the network that is validated and exported: the moving average if there is one."""
        return self.network if self.average is None else self.average.module

    def tensors(self) -> dict[str, Tensor]:
        """Return all tensors of a checkpoint by name, on the CPU and contiguous."""
        named = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        if self.average is not None:
            named |= {f"average.{name}": value for name, value in self.average.state_dict().items()}
        named |= {f"loss.{name}": value for name, value in self.loss.state_dict().items()}
        for index, slots in self.optimizer.state_dict()["state"].items():
            for name, value in slots.items():
                if value is not None:
                    named[f"optimizer.{index}.{name}"] = torch.as_tensor(value)
        # A copy, since safetensors refuses tensors that share memory.
        return {name: value.detach().cpu().clone().contiguous() for name, value in named.items()}

    def load(self, tensors: dict[str, Tensor]) -> None:
        """Load the tensors that `tensors` returned.

        Raises:
            RuntimeError, ValueError, LookupError: They are those of another network, loss or optimizer.
        """
        if self.average is None and below("average", tensors):
            raise ValueError("a moving average, which the recipe doesn't have")
        self.network.load_state_dict(below("network", tensors))
        self.loss.load_state_dict(below("loss", tensors))
        if self.average is not None:
            self.average.load_state_dict(below("average", tensors))
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in below("optimizer", tensors).items():
            index, name = key.split(".", 1)
            state.setdefault(int(index), {})[name] = _in_channels_last(value)
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})


def below(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors whose names start with `prefix` and a dot, without that prefix."""
    start = f"{prefix}."
    return {name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)}


def _feature_layer(network: nn.Module, recipe: Recipe) -> nn.Linear:
    """The last layer, whose input are the features."""
    name = recipe.network.last_layer(network)
    layer = None if name is None else network.get_submodule(name)
    if not isinstance(layer, nn.Linear):
        raise RecipeError(
            f"loss.kind: {recipe.loss.kind} uses features, the input of a last linear layer, and a network "
            f"of kind {recipe.network.kind} has none; choose another loss or network"
        )
    return layer


def _in_channels_last(value: Tensor) -> Tensor:
    return value.to(memory_format=torch.channels_last) if value.ndim == 4 else value
