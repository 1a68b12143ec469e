"""What is done to the faces before the network: targets, balance, preparation, augmentation."""

from collections.abc import Callable
from math import inf
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from mien.config.base import Fraction, Probability, Strict
from mien.limits import INPUT_SIZES

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
    """Tiles along each side; each tile has its own histogram."""


class Preprocess(Strict):
    """The one definition of a face's way into a network, for training, export and prediction."""

    clahe: Clahe | None = None
    mean: Mean = 0.5077
    """Subtracted from levels of 0..1, one number or one per channel; the default is FER2013's mean."""
    std: Deviation = 0.2550
    """Divides after the subtraction; the default is FER2013's standard deviation."""
    per_image: bool = False
    """Each face's own mean and deviation instead, so that the light and the contrast of a picture don't
    matter; `mean` and `std` aren't looked at then."""


class Oversample(Strict):
    """Repeat faces of rare classes of the training split (after the split, never before)."""

    up_to: Fraction = 0.5
    """Classes smaller than this fraction of the largest one grow towards it."""
    at_most: float = Field(default=3.0, ge=1)
    """No class grows beyond this multiple of its size."""


class ClassWeights(Strict):
    """Weights of the loss a class, with mean 1 over the training faces."""

    kind: Literal["balanced", "effective"] = "balanced"
    """`balanced`: inverse frequency; `effective`: inverse effective number (Cui et al. 2019)."""
    beta: Probability = 0.999
    """Of `effective` only: (1 - beta^n) / (1 - beta) distinct faces are in n faces."""
    smooth: Fraction = 0.0
    """0 keeps the weights as they are, 1 makes them all equal."""


class Data(Strict):
    """Shape of the faces, training targets, and class balance."""

    size: int = Field(default=48, ge=INPUT_SIZES.start, lt=INPUT_SIZES.stop)
    """Side of the faces in pixels; images of other sizes are resized."""
    channels: Literal[1, 3] = 1
    """1: gray; 3: RGB."""
    targets: Literal["labels", "majority", "votes"] = "labels"
    """`labels`: the data set's; `majority`, `votes`: FER+'s most-voted emotion or distribution."""
    holdout: float = Field(default=0.1, gt=0, lt=0.5)
    """Share of the training split kept for validation when the source has no validation split."""
    oversample: Oversample | None = None
    class_weights: ClassWeights | None = None


class Augment(Strict):
    """Random changes of a training face, drawn anew each epoch, a batch at a time."""

    flip: Probability = 0.5
    """Chance of a mirror image."""
    alternating_flip: bool = False
    """Mirror by turns instead of by chance: each face in every other epoch (Jordan 2024).
    How often is fixed then: `flip` isn't looked at, but 0 beside this is refused."""
    rotate: float = Field(default=0.0, ge=0, le=180)
    """Largest rotation either way, in degrees."""
    shift: Fraction = 0.0
    """Largest shift along each axis, in sides of the face."""
    scale: Probability = 0.0
    """Size changes by a factor of 1 - scale to 1 + scale."""
    shear: float = Field(default=0.0, ge=0, le=45)
    """Largest horizontal shear either way, in degrees."""
    padding_mode: Literal["zeros", "border", "reflection"] = "border"
    """What is seen where an affine change looks past the picture."""
    brightness: Fraction = 0.0
    """Largest change added to gray levels, in ranges of 0..1."""
    contrast: Probability = 0.0
    """Contrast changes by a factor of 1 - contrast to 1 + contrast."""
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"
    """How an affine change finds gray levels between pixels. Bilinear blurs a little, which `tta.blur`
    does at test time, too; bicubic doesn't, and takes longer."""
    blur: float = Field(default=0.0, ge=0, le=3)
    """Largest deviation of a Gaussian blur, in pixels. Small ones are frequent: half of the faces get less
    than a quarter of it. Weights are taken at whole pixels, so that deviations below 0.3 do nothing."""
    noise: Fraction = 0.0
    """Largest deviation of Gaussian noise, in ranges of 0..1; half of the faces get less than a quarter."""
    random_erasing: Probability = 0.0
    """Chance that a rectangle of 2 to 33 % of the face is blanked (Zhong et al. 2020)."""
    mixup: float = Field(default=0.0, ge=0)
    """Alpha of the Beta distribution of mixup (Zhang et al. 2018); 0 is off."""
    cutmix: float = Field(default=0.0, ge=0)
    """Alpha of the Beta distribution of CutMix (Yun et al. 2019); 0 is off."""
    mix_prob: Fraction = 1.0
    """Share of batches that are mixed at all."""
    mix_until: Fraction = 1.0
    """Share of the epochs, rounded to whole ones, in which batches are mixed; the rest sees whole faces."""

    @property
    def moves(self) -> bool:
        """Faces are turned, shifted, scaled or sheared, and looked up between their pixels."""
        return bool(self.rotate or self.shift or self.scale or self.shear)

    @property
    def blurs(self) -> bool:
        """Faces are blurred by being looked up between their pixels."""
        return self.moves and self.interpolation == "bilinear"

    @model_validator(mode="after")
    def _mirrors_or_not(self) -> Self:
        if self.alternating_flip and not self.flip:
            raise ValueError("alternating_flip mirrors every face, but flip is 0; leave one of them out")
        return self
