"""Knowledge distillation (Hinton et al. 2015)."""

from typing import Annotated

from pydantic import Field, field_validator

from mien.config.base import Strict


class Distillation(Strict):
    """Teachers whose predicted probabilities of each augmented face are (part of) its target.

    They predict the same augmented faces as the network that is trained (Beyer et al. 2022).
    """

    teachers: tuple[Annotated[str, Field(examples=["small"])], ...] = Field(min_length=1)
    """Names of shipped bundles, or paths of .onnx bundles relative to the working directory. Their
    probabilities are averaged; each bundle has the same weight, however many networks are in it."""
    alpha: float = Field(default=1.0, gt=0, le=1)
    """Weight of the teacher in each target; the rest is the label."""
    temperature: float = Field(default=1.0, gt=0)
    """Divides the teacher's logits before the softmax; values above 1 make its distributions softer."""

    @field_validator("teachers")
    @classmethod
    def _each_once(cls, bundles: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({name for name in bundles if bundles.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} is listed twice; list each bundle once")
        return bundles

    @field_validator("teachers", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        """Accept a single bundle without brackets, which would need quotes in a shell."""
        return (value,) if isinstance(value, str) else value
