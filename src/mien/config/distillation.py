"""Who teaches a network beside the labels: distillation (Hinton et al. 2015)."""

from typing import Annotated

from pydantic import Field, field_validator

from mien.config.base import Strict


class Distillation(Strict):
    """Bundles whose soft answers to each augmented face become (part of) its target.

    They look at the same augmented faces as the network that learns: "a good teacher is patient and
    consistent" (Beyer et al. 2022).
    """

    teachers: tuple[Annotated[str, Field(examples=["small"])], ...] = Field(min_length=1)
    """Shipped bundles by name, or paths of .onnx bundles from where the training is started; their
    softmaxes are averaged, each bundle counting once, however many networks are in it."""
    alpha: float = Field(default=1.0, gt=0, le=1)
    """How much of each target comes from the teacher; the rest comes from the label."""
    temperature: float = Field(default=1.0, gt=0)
    """Divides the teacher's logits before its softmax: above 1 its answers get softer."""

    @field_validator("teachers")
    @classmethod
    def _each_once(cls, bundles: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({name for name in bundles if bundles.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} named twice; each bundle counts once")
        return bundles

    @field_validator("teachers", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        """One bundle needs no brackets, which a shell would want quoted."""
        return (value,) if isinstance(value, str) else value
