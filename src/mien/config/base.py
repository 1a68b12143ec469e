"""The base of every part of a recipe: frozen, and a misspelled key is an error."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
"""A share of the whole, 0 to 1, both included."""

Probability = Annotated[float, Field(ge=0.0, lt=1.0)]
"""A chance that can't be certain: dropping or erasing everything would leave nothing to learn."""


class Strict(BaseModel):
    """A frozen pydantic model that forbids unknown keys and non-finite numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
