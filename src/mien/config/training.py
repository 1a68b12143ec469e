"""Options of the training loop and of test-time augmentation."""

from typing import Literal

from pydantic import Field, field_validator

from mien.config.base import Probability, Strict
from mien.limits import MAX_EPOCHS, MAX_TRAINING_BATCH


class EarlyStopping(Strict):
    """Stop the training after `patience` epochs in a row without improvement."""

    monitor: Literal["loss", "accuracy"] = "loss"
    patience: int = Field(default=10, ge=1)


class Smaller(Strict):
    """Smaller faces, until a fraction of the epochs."""

    size: int = Field(ge=8, examples=[24])
    """Height and width in pixels; the cost of an epoch is proportional to its square."""
    until: float = Field(gt=0, le=1, examples=[0.5])
    """Fraction of the epochs at which this part ends, rounded to whole epochs."""


class Sam(Strict):
    """Sharpness-aware minimization (SAM, Foret et al. 2021), which prefers flat minima of the loss.

    Each step uses the gradient at nearby weights with a higher loss, and takes 1.5 times as long. Training
    loss and accuracy are measured at these weights too, so they get worse in the epoch in which it starts.
    """

    rho: float = Field(default=0.05, gt=0, le=2)
    """Distance of those weights."""
    start: float = Field(default=0.5, ge=0, lt=1)
    """Fraction of the epochs after which it starts, rounded down to whole epochs; the last epochs matter most
    (Zhou et al. 2025)."""


class Train(Strict):
    """Options of the training loop."""

    epochs: int = Field(ge=1, le=MAX_EPOCHS, examples=[20])
    batch_size: int = Field(default=128, ge=2, le=MAX_TRAINING_BATCH)
    seed: int = Field(default=0, ge=0, lt=2**31)
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """`auto`: the fastest mixed precision that the device supports natively, else float32."""
    progressive: tuple[Smaller, ...] = ()
    """Progressive resizing (Howard 2018; Tan & Le 2021): parts of the training, in order, with smaller and
    thus cheaper faces; after the last part faces have their full size."""
    monitor_split: Literal["validation"] = "validation"
    """The split that selects the checkpoint. It can't be a test split, which is only for evaluation."""
    monitor: Literal["accuracy", "loss"] = "accuracy"
    """The validation metric whose best epoch becomes the `best` checkpoint."""
    early_stopping: EarlyStopping | None = None
    grad_clip_norm: float | None = Field(default=None, gt=0)
    """Maximum norm of all gradients together; larger ones are scaled down."""
    ema_decay: Probability | None = None
    """Decay per step of an exponential moving average of the weights, which is what gets validated."""
    sam: Sam | None = None
    sync_batchnorm: bool = True
    """On several devices, BatchNorm uses the statistics of the whole batch, so that the training is the same
    on any number of devices. Otherwise each device uses those of its part, which saves communication."""
    report_tta: bool = False
    """The report at the end of the training uses the recipe's test-time augmentation (`tta`)."""

    @field_validator("progressive")
    @classmethod
    def _parts_in_order(cls, parts: tuple[Smaller, ...]) -> tuple[Smaller, ...]:
        ends = [part.until for part in parts]
        if ends != sorted(set(ends)):
            raise ValueError(f"`until` must increase from part to part, got {ends}")
        return parts

    @field_validator("monitor_split", mode="before")
    @classmethod
    def _never_on_test(cls, value: object) -> object:
        if value != "validation":
            raise ValueError(
                "checkpoints are selected on the validation split only, so that the test accuracy is "
                "unbiased; expected validation"
            )
        return value


class TTA(Strict):
    """Test-time augmentation: probabilities are averaged over views of a face, optionally blurred first."""

    flip: bool = True
    """Add the horizontal flip of each view."""
    shift: int = Field(default=2, ge=0, le=12)
    """Pixels of the four shifted views beside the centered one; 0 omits them."""
    blur: bool = False
    """Blur the face first, by as much as bilinear resampling (`augment.rotate` etc.) blurs training faces on
    average, so that test faces match training faces (cf. Touvron et al. 2019 on a difference in size)."""

    def with_blur(self, *, blur: bool) -> "TTA":
        """Return these views, with blur if they have it already or `blur` is set."""
        return self.model_copy(update={"blur": self.blur or blur})
