"""Sections of a recipe on the faces: shape, targets, class balance, preprocessing, augmentation."""

from collections.abc import Callable
from math import inf
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from mien.config.base import Fraction, Probability, Strict
from mien.limits import INPUT_SIZES, MAX_FOLDS

Levels = float | tuple[float, float, float]
"""One number for all channels, or one for each of R, G and B."""


def _per_channel(value: object, *, valid: Callable[[float], bool], expected: str) -> Levels:
    """Check one number or three, for one error message instead of one for each form."""
    numbers = tuple(value) if isinstance(value, list | tuple) else (value,)
    if len(numbers) not in (1, 3) or not all(type(one) in (int, float) and valid(one) for one in numbers):
        raise ValueError(f"expected {expected}, or a list of three (R, G, B), found {value!r}")
    return numbers if len(numbers) == 3 else numbers[0]


def _mean(value: object) -> Levels:
    return _per_channel(value, valid=lambda one: 0 <= one <= 1, expected="a number of 0 to 1")


def _deviation(value: object) -> Levels:
    return _per_channel(value, valid=lambda one: 0 < one < inf, expected="a number over 0")


Mean = Annotated[Levels, BeforeValidator(_mean)]
Deviation = Annotated[Levels, BeforeValidator(_deviation)]


class Clahe(Strict):
    """Contrast-limited adaptive histogram equalization (Zuiderveld 1994) of every face."""

    clip_limit: float = Field(default=2.0, gt=0)
    """Largest height of a histogram bin, in multiples of the mean bin."""
    tiles: int = Field(default=8, ge=1, le=24)
    """Number of tiles along each axis; each tile has its own histogram."""


class Preprocess(Strict):
    """Preprocessing of a face, the same in training, export and prediction."""

    clahe: Clahe | None = None
    mean: Mean = 0.5077
    """Subtracted from levels of 0..1, one number or one per channel; the default is FER2013's mean."""
    std: Deviation = 0.2550
    """Divides after the subtraction; the default is FER2013's standard deviation."""
    per_image: bool = False
    """Per-image standardization: subtract each face's own mean and divide by its own standard deviation, so
    that brightness and contrast don't matter. `mean` and `std` are ignored then."""


class Oversample(Strict):
    """Repeat faces of rare classes in the training split, after the hold-out was split off."""

    up_to: Fraction = 0.5
    """Classes smaller than this fraction of the largest one grow toward it."""
    at_most: float = Field(default=3.0, ge=1)
    """No class grows beyond this multiple of its size."""


class ClassWeights(Strict):
    """Weight of each class in the loss; the mean over training faces is 1."""

    kind: Literal["balanced", "effective"] = "balanced"
    """`balanced`: inverse frequency; `effective`: inverse effective number (Cui et al. 2019)."""
    beta: Probability = 0.999
    """For `effective`: n faces count as (1 - beta^n) / (1 - beta) distinct ones."""
    smooth: Fraction = 0.0
    """0 keeps the weights, 1 makes all of them equal, values between interpolate."""


class Fold(Strict):
    """A fold of a cross-validation, whose faces are left out of the training."""

    number: int = Field(ge=1, examples=[1])
    """Number of the fold, from 1."""
    of: int = Field(ge=2, le=MAX_FOLDS, examples=[5])
    """Number of folds."""
    seed: int = Field(default=0, ge=0, lt=2**31)
    """Decides which faces are in which fold. Duplicates, also shifted and mirrored ones, are in one fold."""

    @model_validator(mode="after")
    def _exists(self) -> Self:
        if self.number > self.of:
            raise ValueError(f"fold {self.number} of {self.of}; expected a number from 1 to {self.of}")
        return self


class Data(Strict):
    """Shape of the faces, training targets, class balance, and corrections of the training split."""

    size: int = Field(default=48, ge=INPUT_SIZES.start, lt=INPUT_SIZES.stop)
    """Side of the faces in pixels; images of other sizes are resized."""
    channels: Literal[1, 3] = 1
    """1: gray; 3: RGB."""
    faces: Literal["whole", "detect"] = "whole"
    """`whole`: each image is a face; `detect`: the largest face in each image is detected and cropped."""
    targets: Literal["labels", "majority", "votes"] = "labels"
    """`labels`: the data set's; `majority`, `votes`: FER+'s most-voted emotion or distribution."""
    validation: Literal["source", "holdout"] = "source"
    """`source`: the validation split of the source, or a part of its training split if it has none;
    `holdout`: always a part of the training split; the source's validation split joins the test split."""
    holdout: float = Field(default=0.1, gt=0, lt=0.5)
    """Fraction of the training split that is held out for validation; the part is stratified."""
    memory: float | None = Field(default=None, gt=0)
    """Gigabytes of training faces in memory. If there are more, they stay on disk, and each epoch reads them
    in shuffled blocks, this many gigabytes at a time. null: all of them are in memory."""
    oversample: Oversample | None = None
    class_weights: ClassWeights | None = None
    exclude: str | None = Field(default=None, min_length=1)
    """CSV of an audit: the training faces that it doubts are left out. Other splits keep theirs."""
    relabel: str | None = Field(default=None, min_length=1)
    """CSV of an audit: training faces get the labels that it suggests. With `exclude`, which may be the same
    file, faces that get a label are not left out."""
    fold: Fold | None = None
    """Leave out a fold of the training split, as out-of-fold training does."""

    @model_validator(mode="after")
    def _relabels_labels(self) -> Self:
        if self.relabel is not None and self.targets != "labels":
            raise ValueError(
                f"relabel changes labels, but targets: {self.targets} trains on FER+ votes; remove one"
            )
        return self


class Augment(Strict):
    """Random augmentation of training faces, drawn for each batch."""

    flip: Probability = 0.5
    """Probability of a horizontal flip."""
    alternating_flip: bool = False
    """Mirror each face in every other epoch instead of at random (Jordan 2024). `flip` is ignored then, but
    must not be 0."""
    rotate: float = Field(default=0.0, ge=0, le=180)
    """Maximum rotation in either direction, in degrees."""
    shift: Fraction = 0.0
    """Maximum shift along each axis, as a fraction of the face."""
    scale: Probability = 0.0
    """The size changes by a factor of 1 - scale to 1 + scale."""
    shear: float = Field(default=0.0, ge=0, le=45)
    """Maximum horizontal shear in either direction, in degrees."""
    padding_mode: Literal["zeros", "border", "reflection"] = "border"
    """Values outside of the image in affine transforms, as in `torch.nn.functional.grid_sample`."""
    brightness: Fraction = 0.0
    """Maximum value added or subtracted, for levels of 0..1."""
    contrast: Probability = 0.0
    """The contrast changes by a factor of 1 - contrast to 1 + contrast."""
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"
    """Interpolation of affine transforms. Bilinear blurs slightly, which `tta.blur` reproduces at test time;
    bicubic doesn't, and takes longer."""
    blur: float = Field(default=0.0, ge=0, le=3)
    """Maximum standard deviation of a Gaussian blur, in pixels; half of the faces get less than a quarter of
    it. The kernel is sampled at whole pixels, so that values below 0.3 have no effect."""
    noise: Fraction = 0.0
    """Maximum standard deviation of Gaussian noise, for levels of 0..1; half of the faces get less than a
    quarter of it."""
    random_erasing: Probability = 0.0
    """Probability that a rectangle of 2 to 33 % of the face is erased (Zhong et al. 2020)."""
    mixup: float = Field(default=0.0, ge=0)
    """Alpha of the Beta distribution of mixup (Zhang et al. 2018); 0 is off."""
    cutmix: float = Field(default=0.0, ge=0)
    """Alpha of the Beta distribution of CutMix (Yun et al. 2019); 0 is off."""
    mix_prob: Fraction = 1.0
    """Fraction of batches to which mixup or CutMix is applied."""
    mix_until: Fraction = 1.0
    """Fraction of the epochs, rounded to whole ones, after which mixup and CutMix are off."""

    @property
    def moves(self) -> bool:
        """Whether faces are rotated, shifted, scaled or sheared, which interpolates between pixels."""
        return bool(self.rotate or self.shift or self.scale or self.shear)

    @property
    def blurs(self) -> bool:
        """Whether that interpolation blurs."""
        return self.moves and self.interpolation == "bilinear"

    @model_validator(mode="after")
    def _alternating_flip_needs_flip(self) -> Self:
        if self.alternating_flip and not self.flip:
            raise ValueError("alternating_flip flips every face, but flip is 0; remove one of them")
        return self
