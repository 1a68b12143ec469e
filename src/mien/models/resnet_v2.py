"""ResNet of pre-activation bottlenecks (He et al. 2016b, arXiv 1603.05027).

Two published versions of ResNet50V2 differ in detail, and `ResNetV2.layout` selects one, so that its
ImageNet weights give the same results as in the original (`mien.models.pretrained` loads them):

- `torch` (timm's `resnetv2_50`) halves the feature map in the first bottleneck of a group, has no
  biases in its convolutions, and pools the stem's output without padding values.
- `keras` (`ResNet50V2`) halves the feature map in the last bottleneck of every group but the last,
  has biases in the stem, the shortcuts and the last of three convolutions, a slightly larger eps
  in BatchNorm, and pads with zeros before the stem's pooling.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import relu

from mien.config.base import Probability
from mien.models.base import MAX_DEPTH, MAX_WIDTH, NetworkConfig, Width
from mien.models.blocks import classifier, initialize, scaled
from mien.models.cbam import Cbam

WIDTH: Final = 64
"""Channels of the stem and of the first group's 3x3 convolutions; each group doubles them."""

EXPANSION: Final = 4
"""Output channels of a bottleneck over the channels of its 3x3 convolution."""


class ResNetV2(NetworkConfig):
    """ResNet of pre-activation bottlenecks (He et al. 2016b), optionally with attention."""

    kind: Literal["resnetv2"]
    blocks: tuple[Annotated[int, Field(ge=1, le=MAX_DEPTH)], ...] = Field(default=(3, 4, 6, 3), min_length=1)
    """Bottlenecks in each group; (3, 4, 6, 3) is ResNet50V2."""
    width: Width = 1.0
    """Multiplies the channels of every layer (64, 128, 256, 512 at 1)."""
    stem: Literal["imagenet", "small"] = "imagenet"
    """`imagenet`: 7x7 stride 2 and pooling (48 becomes 12); `small`: 3x3 stride 1, no pooling."""
    layout: Literal["torch", "keras"] = "torch"
    """Version whose ImageNet weights fit: that of timm and the paper, or that of Keras."""
    attention: Literal["none", "cbam"] = "none"
    """`cbam`: channel and spatial attention (Woo et al. 2018) after the last group."""
    dense: int = Field(default=0, ge=0, le=MAX_WIDTH)
    """Units of the head's hidden layer (dense, dropout, BatchNorm); 0 omits it."""
    dropout: Probability = 0.0
    """Dropout probability of the head."""

    def build(self, classes: int, *, size: int, channels: int) -> nn.Module:  # noqa: ARG002 - any size fits
        """Return a `ResNetV2Network`; see `NetworkConfig.build`."""
        return ResNetV2Network(self, classes, channels)

    def smallest_size(self, size: int) -> int:  # noqa: ARG002
        """Return 1: the padded convolutions and global pooling accept any size."""
        return 1

    def starting_from(self, weights: Path | None) -> Self:
        """Return this with the layout of the weights, if they have names of timm or Keras."""
        from mien.models.pretrained import layout_of

        layout = layout_of(weights) if weights else None
        return super().starting_from(weights).model_copy(update={"layout": layout} if layout else {})

    def load_pretrained(self, network: nn.Module, weights: Path) -> str | None:
        """Load ImageNet weights of timm or Keras into the body."""
        from mien.models.pretrained import layout_of, load_pretrained

        assert isinstance(network, ResNetV2Network)  # noqa: S101 - what `build` returned
        return str(load_pretrained(network, weights)) if layout_of(weights) else None

    def body_layers(self, network: nn.Module) -> Sequence[Sequence[nn.Module]]:
        """Return the layers of the body as Keras counts them in ResNet50V2; see `keras_layers`."""
        assert isinstance(network, ResNetV2Network)  # noqa: S101 - what `build` returned
        return [[] if layer is None else [layer] for layer in keras_layers(network.body)]


@dataclass(frozen=True)
class Layout:
    """Differences between the published versions of ResNet50V2 (see the module)."""

    halves_first: bool
    bias: bool
    eps: float
    zero_padded_pool: bool


LAYOUTS: Final = {
    "torch": Layout(halves_first=True, bias=False, eps=1e-5, zero_padded_pool=False),
    "keras": Layout(halves_first=False, bias=True, eps=1.001e-5, zero_padded_pool=True),
}


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions, each behind BatchNorm and ReLU, beside a shortcut.

    Args:
        inputs: Input channels.
        middle: Channels of the 3x3 convolution; the output has `EXPANSION` times as many.
        stride: 2 halves the feature map.
        project: The shortcut is a 1x1 convolution of the pre-activated input, else the input itself.
        layout: Biases and eps.
    """

    def __init__(self, inputs: int, middle: int, *, stride: int, project: bool, layout: Layout) -> None:
        super().__init__()
        outputs = EXPANSION * middle
        self.projects = project
        self.norm1 = nn.BatchNorm2d(inputs, eps=layout.eps)
        self.shortcut: nn.Module = nn.MaxPool2d(1, stride) if stride > 1 else nn.Identity()
        if project:
            self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=layout.bias)
        self.conv1 = nn.Conv2d(inputs, middle, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(middle, eps=layout.eps)
        self.conv2 = nn.Conv2d(middle, middle, 3, stride, padding=1, bias=False)
        self.norm3 = nn.BatchNorm2d(middle, eps=layout.eps)
        self.conv3 = nn.Conv2d(middle, outputs, 1, bias=layout.bias)

    def forward(self, features: Tensor) -> Tensor:
        """Return (n, 4 * middle, height / stride, width / stride) of (n, inputs, height, width)."""
        activated = relu(self.norm1(features))
        shortcut: Tensor = self.shortcut(activated if self.projects else features)
        residual: Tensor = self.conv2(relu(self.norm2(self.conv1(activated))))
        residual = self.conv3(relu(self.norm3(residual)))
        return shortcut + residual


class ResNetV2Body(nn.Module):
    """Stem, groups of bottlenecks, last BatchNorm and ReLU: the part that ImageNet weights are for.

    Args:
        config: Groups, width multiplier, stem and layout.
        channels: 1 for gray faces, 3 for RGB.
    """

    def __init__(self, config: ResNetV2, channels: int = 1) -> None:
        super().__init__()
        self.config = config
        layout = LAYOUTS[config.layout]
        width = scaled(WIDTH, config.width)
        self.stem = STEMS[config.stem](channels, width, layout)
        middles = [scaled(WIDTH * 2**group, config.width) for group in range(len(config.blocks))]
        inputs = [width, *(EXPANSION * middle for middle in middles)]
        self.stages = nn.Sequential(
            *(
                _stage(inputs[group], middles[group], count, halving_block(config, group), layout)
                for group, count in enumerate(config.blocks)
            )
        )
        self.channels = inputs[-1]
        self.norm = nn.BatchNorm2d(self.channels, eps=layout.eps)
        self.relu = nn.ReLU()

    def forward(self, faces: Tensor) -> Tensor:
        """Return the last feature map (n, self.channels, height, width)."""
        features: Tensor = self.relu(self.norm(self.stages(self.stem(faces))))
        return features


class ResNetV2Network(nn.Module):
    """Body, attention, average pooling and head: float32 (n, channels, height, width) -> logits.

    Args:
        config: The recipe's `network` section.
        classes: Number of logits.
        channels: 1 for gray faces, 3 for RGB.
    """

    def __init__(self, config: ResNetV2, classes: int, channels: int = 1) -> None:
        super().__init__()
        self.body = ResNetV2Body(config, channels)
        width = self.body.channels
        self.attention = Cbam(width) if config.attention == "cbam" else nn.Identity()
        self.head = _head(width, config.dense, config.dropout)
        initialize(self)
        self.classifier = classifier(config.dense or width, classes)

    def forward(self, faces: Tensor) -> Tensor:
        """Return logits (n, classes) of preprocessed faces (n, channels, height, width)."""
        features = self.attention(self.body(faces)).mean((2, 3))
        logits: Tensor = self.classifier(self.head(features))
        return logits


def halving_block(config: ResNetV2, group: int) -> int | None:
    """Return the index of the bottleneck of `group` that halves the feature map, or None."""
    if LAYOUTS[config.layout].halves_first:
        return 0 if group > 0 else None
    return config.blocks[group] - 1 if group < len(config.blocks) - 1 else None


def _imagenet_stem(channels: int, width: int, layout: Layout) -> nn.Sequential:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    layers["conv"] = nn.Conv2d(channels, width, 7, 2, padding=3, bias=layout.bias)
    if layout.zero_padded_pool:
        layers["pad"] = nn.ZeroPad2d(1)
    layers["pool"] = nn.MaxPool2d(3, 2, padding=0 if layout.zero_padded_pool else 1)
    return nn.Sequential(layers)


def _small_stem(channels: int, width: int, layout: Layout) -> nn.Sequential:
    return nn.Sequential(OrderedDict(conv=nn.Conv2d(channels, width, 3, padding=1, bias=layout.bias)))


STEMS: Final = {"imagenet": _imagenet_stem, "small": _small_stem}


def _stage(inputs: int, middle: int, count: int, halving: int | None, layout: Layout) -> nn.Sequential:
    blocks = nn.Sequential(
        *(
            Bottleneck(
                EXPANSION * middle if block else inputs,
                middle,
                stride=2 if block == halving else 1,
                project=block == 0,
                layout=layout,
            )
            for block in range(count)
        )
    )
    return nn.Sequential(OrderedDict(blocks=blocks))


def _head(channels: int, units: int, dropout: float) -> nn.Sequential:
    """Dense, ReLU, dropout and BatchNorm; dropout alone if there are no units."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if units:
        layers["linear"] = nn.Linear(channels, units)
        layers["relu"] = nn.ReLU()
    if dropout:
        layers["dropout"] = nn.Dropout(dropout)
    if units:
        layers["norm"] = nn.BatchNorm1d(units)
    return nn.Sequential(layers)


def keras_layers(body: ResNetV2Body) -> list[nn.Module | None]:
    """Return the body's layers in the order of Keras' summary, None for those without weights.

    Published recipes use that count ("the last 50 layers"): input, padding, convolution, BatchNorm,
    activation, pooling and addition are one layer each. ResNet50V2 has 190 layers; the last 50 begin with
    `conv4_block5_3_conv`. In the `torch` layout the same parts are counted, without the three pooling
    layers of the shortcuts (187).
    """
    image, padding, pooling, activation = None, None, None, None
    stem = [image, padding, body.stem.get_submodule("conv")]
    if hasattr(body.stem, "pool"):
        stem += [padding, pooling]
    blocks = [block for block in body.modules() if isinstance(block, Bottleneck)]
    return [*stem, *(layer for block in blocks for layer in _block_layers(block)), body.norm, activation]


def _block_layers(block: Bottleneck) -> list[nn.Module | None]:
    """Keras lists a shortcut's layer just before the last convolution, and omits an identity."""
    activation, padding, addition = None, None, None
    shortcut = [] if isinstance(block.shortcut, nn.Identity) else [block.shortcut]
    return [
        block.norm1, activation,
        block.conv1, block.norm2, activation,
        padding, block.conv2, block.norm3, activation,
        *shortcut, block.conv3, addition,
    ]  # fmt: skip
