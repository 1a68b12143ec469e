"""How a network learns: loss, optimizer, schedule, and the options of the training loop."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from mien.config.base import Fraction, Probability, Strict


class Loss(Strict):
    """Cross-entropy or focal loss against target distributions."""

    kind: Literal["cross_entropy", "focal"] = "cross_entropy"
    label_smoothing: Probability = 0.0
    """Label smoothing: this share of each target is spread evenly over all classes."""
    gamma: float = Field(default=2.0, ge=0)
    """Of `focal` only: how strongly easy faces are discounted (Lin et al. 2017)."""


class Sgd(Strict):
    """Stochastic gradient descent with momentum."""

    kind: Literal["sgd"]
    lr: float = Field(gt=0, examples=[0.05])
    momentum: Probability = 0.9
    nesterov: bool = True
    weight_decay: float = Field(default=0.0, ge=0)

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> "Sgd":
        if self.nesterov and self.momentum == 0:
            raise ValueError("nesterov needs a momentum above 0; set nesterov: false")
        return self


class Adam(Strict):
    """Adam (Kingma & Ba 2015), or AdamW (Loshchilov & Hutter 2019) with decoupled decay."""

    kind: Literal["adam", "adamw"]
    lr: float = Field(default=1e-3, gt=0)
    betas: tuple[Probability, Probability] = (0.9, 0.999)
    eps: float = Field(default=1e-8, gt=0)
    weight_decay: float = Field(default=0.0, ge=0)


class RmsProp(Strict):
    """RMSprop (Tieleman & Hinton 2012)."""

    kind: Literal["rmsprop"]
    lr: float = Field(default=1e-3, gt=0)
    alpha: Probability = 0.9
    eps: float = Field(default=1e-7, gt=0)
    momentum: Probability = 0.0
    weight_decay: float = Field(default=0.0, ge=0)


Optimizer = Annotated[Sgd | Adam | RmsProp, Field(discriminator="kind")]


class Constant(Strict):
    """The rate stays as the optimizer has it."""

    kind: Literal["constant"]


class Step(Strict):
    """The rate is multiplied by `factor` every `every` epochs."""

    kind: Literal["step"]
    every: int = Field(ge=1, examples=[10])
    factor: float = Field(default=0.1, gt=0, lt=1)


class Cosine(Strict):
    """Half a cosine from the full rate to `final` of it, after a linear warm-up."""

    kind: Literal["cosine"]
    warmup: float = Field(default=0.0, ge=0)
    """Epochs of linear warm-up from zero."""
    final: Fraction = 0.0


class LogCosine(Strict):
    """A cosine in the logarithm of the rate: equal ratios where `cosine` has equal differences."""

    kind: Literal["log_cosine"]
    warmup: float = Field(default=0.0, ge=0)
    final: float = Field(default=0.01, gt=0, le=1)
    """The last rate as a fraction of the first; a logarithm never reaches zero."""


class OneCycle(Strict):
    """Cosine up from `initial` for `rise` of the training, then cosine down (Smith 2018)."""

    kind: Literal["one_cycle"]
    pct_start: float = Field(default=0.3, gt=0, lt=1)
    initial: float = Field(default=0.04, gt=0, le=1)
    final: float = Field(default=1e-4, ge=0, le=1)


class Plateau(Strict):
    """The rate is multiplied by `factor` once `patience` epochs brought nothing better."""

    kind: Literal["plateau"]
    factor: float = Field(default=0.1, gt=0, lt=1)
    patience: int = Field(default=10, ge=0)
    """Epochs without improvement that are forgiven; the next one lowers the rate."""
    monitor: Literal["loss", "accuracy"] = "loss"
    min_lr: float = Field(default=0.0, ge=0)
    """The rate never falls below this."""


Schedule = Annotated[Constant | Step | Cosine | LogCosine | OneCycle | Plateau, Field(discriminator="kind")]


class EarlyStopping(Strict):
    """End the training once `patience` epochs in a row brought nothing better."""

    monitor: Literal["loss", "accuracy"] = "loss"
    patience: int = Field(default=10, ge=1)


class Smaller(Strict):
    """Faces of a smaller side, up to a share of the epochs."""

    size: int = Field(ge=8, examples=[24])
    """Pixels; a part of the cost that goes with its square."""
    until: float = Field(gt=0, le=1, examples=[0.5])
    """Share of the epochs that end this part, rounded to whole epochs."""


class Sam(Strict):
    """Sharpness-aware minimization (SAM, Foret et al. 2021): the training ends where the loss is flat.

    Each step goes by the gradient at weights close by where the loss is higher, and takes half as long
    again. Training loss and accuracy are measured there, too: they jump in the epoch in which it begins.
    """

    rho: float = Field(default=0.05, gt=0, le=2)
    """How far away those weights are; rho in the paper."""
    start: float = Field(default=0.5, ge=0, lt=1)
    """Share of the epochs before it begins, rounded down to whole ones; the last epochs are what counts
    (Zhou et al. 2025)."""


class Train(Strict):
    """The training loop's own options."""

    epochs: int = Field(ge=1, examples=[20])
    batch_size: int = Field(default=128, ge=2)
    seed: int = Field(default=0, ge=0, lt=2**31)
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """`auto`: the fastest mixed precision that the device computes natively, else float32."""
    progressive: tuple[Smaller, ...] = ()
    """Progressive resizing: parts of the training, in order, that see smaller faces, which cost less;
    after the last one faces have their own side (Howard 2018; Tan & Le 2021)."""
    monitor_split: Literal["validation"] = "validation"
    """The split that chooses the checkpoint. There is no other: a test split only measures."""
    monitor: Literal["accuracy", "loss"] = "accuracy"
    """The validation figure whose best epoch becomes the `best` checkpoint."""
    early_stopping: EarlyStopping | None = None
    grad_clip_norm: float | None = Field(default=None, gt=0)
    """Gradients are scaled down to this total norm."""
    ema_decay: Probability | None = None
    """Decay a step of an exponential moving average of the weights; it is what gets validated."""
    sam: Sam | None = None
    report_tta: bool = False
    """The report that ends the training averages over the recipe's `views` instead of looking once."""

    @field_validator("progressive")
    @classmethod
    def _parts_in_order(cls, parts: tuple[Smaller, ...]) -> tuple[Smaller, ...]:
        ends = [part.until for part in parts]
        if ends != sorted(set(ends)):
            raise ValueError(f"each part ends after the one before it, these end at {ends}")
        return parts

    @field_validator("monitor_split", mode="before")
    @classmethod
    def _never_on_test(cls, value: object) -> object:
        if value != "validation":
            raise ValueError(
                "a model is chosen on the validation split (PublicTest) only, or its test accuracy "
                "would be worth nothing; leave this out"
            )
        return value


class TTA(Strict):
    """Test-time augmentation: a face is softened or not, and probabilities are averaged over its views."""

    flip: bool = True
    shift: int = Field(default=2, ge=0, le=12)
    """Pixels of the four shifts added to the centered view; 0 leaves them out."""
    blur: bool = False
    """Blur the face first as much as bilinear resampling (`augment.rotate` and the like) blurs training
    faces on the mean, so that the network meets what it learned from (after Touvron et al. 2019, who
    mend such a difference in size)."""

    def with_blur(self, *, blur: bool) -> "TTA":
        """Return these views, softened if they are already or shall be."""
        return self.model_copy(update={"blur": self.blur or blur})
