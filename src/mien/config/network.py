"""The networks a recipe can name, one class a family; `mien.models` builds them."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from mien.config.base import Probability, Strict

_WIDEST: Final = 65_536
_DEEPEST: Final = 1_000

Width = Annotated[float, Field(gt=0, le=32)]
"""A size dial: it multiplies the channels and units of a network."""


class ConvStage(Strict):
    """One stage of a plain network: convolutions of one width, then a pooling that halves."""

    channels: int = Field(ge=1, le=_WIDEST, examples=[32])
    kernel: int = Field(default=3, ge=1, le=11)
    convolutions: int = Field(default=1, ge=1, le=_DEEPEST)
    norm: bool = True
    """BatchNorm between convolution and ReLU."""
    padding: Literal["same", "valid"] = "same"
    pool: bool = True
    """A 2x2 max-pooling ends the stage."""
    dropout: Probability = 0.0
    """Share of activations dropped after the pooling."""


class DenseStage(Strict):
    """One fully connected layer with ReLU between the convolutions and the classifier."""

    units: int = Field(ge=1, le=_WIDEST, examples=[128])
    norm: bool = False
    dropout: Probability = 0.0


class Plain(Strict):
    """Convolution stages, then dense layers, then the classifier: one straight line."""

    family: Literal["plain"]
    stages: tuple[ConvStage, ...] = Field(min_length=1)
    dense: tuple[DenseStage, ...] = ()
    width: Width = 1.0
    """The size dial: multiplies channels and units of every stage."""


class ResNetV2(Strict):
    """ResNet of pre-activation bottlenecks (He et al. 2016b), optionally with attention."""

    family: Literal["resnetv2"]
    blocks: tuple[Annotated[int, Field(ge=1, le=_DEEPEST)], ...] = Field(default=(3, 4, 6, 3), min_length=1)
    """Bottlenecks in each group; (3, 4, 6, 3) is ResNet50V2."""
    width: Width = 1.0
    """The size dial: multiplies the channels of every layer (64, 128, 256, 512 at 1)."""
    stem: Literal["imagenet", "small"] = "imagenet"
    """`imagenet`: 7x7 stride 2 and a pooling (48 becomes 12); `small`: 3x3 stride 1, no pooling."""
    layout: Literal["torch", "keras"] = "torch"
    """Whose ImageNet weights fit. `torch` (timm, and the paper) halves the map in a group's first
    bottleneck; `keras` halves it in the last one, and gives some convolutions a bias."""
    attention: Literal["none", "cbam"] = "none"
    """`cbam`: channel and spatial attention (Woo et al. 2018) after the last group."""
    dense: int = Field(default=0, ge=0, le=_WIDEST)
    """Units of the head's hidden layer (dense, dropout, BatchNorm); 0 leaves it out."""
    dropout: Probability = 0.0
    """Dropout of the head."""
    trainable: int | None = Field(default=None, ge=0)
    """With pretrained weights: how many of the last layers of the body learn; None means all."""


class Stem(Strict):
    """The first convolution; a stride of 2 halves the map where it is dearest."""

    channels: int = Field(default=32, ge=1, le=_WIDEST)
    kernel: int = Field(default=4, ge=1, le=11)
    stride: int = Field(default=2, ge=1, le=4)
    whiten: bool = False
    """The filters whiten the patches of the training faces and aren't learned (Page 2018)."""

    @model_validator(mode="after")
    def _skips_nothing(self) -> Self:
        if self.kernel < self.stride:
            raise ValueError(f"kernel must be at least stride: {self.kernel} < {self.stride}")
        return self


class PairStage(Strict):
    """One stage of a ResNet-9: a convolution, a pooling that halves, and residual pairs."""

    channels: int = Field(ge=1, le=_WIDEST, examples=[32])
    pairs: int = Field(default=1, ge=0, le=_DEEPEST)
    """Residual pairs of convolutions after the pooling."""
    dropout: Probability = 0.0
    """Share of activations dropped at the stage's end."""


class ResNet9(Strict):
    """The small residual network of the speed records on CIFAR-10 (Page 2018, Jordan 2024)."""

    family: Literal["resnet9"]
    stem: Stem = Stem()
    stages: tuple[PairStage, ...] = Field(min_length=1)
    pool: Literal["max", "avg"] = "max"
    """How the last map becomes a grid of fixed size, so that faces may be of any side."""
    grid: int = Field(default=1, ge=1)
    """Side of that grid: 1 pools globally, more keeps where in the face something was seen."""
    dense: tuple[DenseStage, ...] = ()
    """Fully connected layers between the grid and the classifier."""
    dropout: Probability = 0.0
    """Dropout of the grid."""
    width: Width = 1.0
    """The size dial: multiplies channels and units of stem, stages and dense layers."""


Network = Annotated[Plain | ResNet9 | ResNetV2, Field(discriminator="family")]
