"""Knowledge distillation (Hinton et al. 2015)."""

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from mien.config.base import Strict


class Distillation(Strict):
    """Predicted probabilities that are (part of) the target of each face, from teachers or from a file.

    Teachers predict the same augmented faces as the network that is trained (Beyer et al. 2022). A file
    holds one prediction per face, best made by networks that were not trained on it (out of fold).
    """

    teachers: tuple[Annotated[str, Field(examples=["small"])], ...] = ()
    """Names of shipped bundles, or paths of .onnx bundles relative to the working directory. Their
    probabilities are averaged; each bundle has the same weight, however many networks are in it."""
    predictions: str | None = None
    """File of predictions (.npz) for the training faces, matched by id; instead of teachers. Or
    fer2013-stacked, which ships with mien: from out-of-fold networks and FER+ votes, for FER2013."""
    alpha: float = Field(default=1.0, gt=0, le=1)
    """Weight of the predicted probabilities in each target; the rest is the label."""
    temperature: float = Field(default=1.0, gt=0)
    """Divides the teacher's logits before the softmax; values above 1 make its distributions softer."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.teachers) == bool(self.predictions):
            raise ValueError("expected either teachers, such as [small], or predictions, a file")
        return self

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
