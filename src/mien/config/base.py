"""Base classes of a recipe's sections: frozen, and an unknown key is an error."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
"""A fraction from 0 to 1, both included."""

Probability = Annotated[float, Field(ge=0.0, lt=1.0)]
"""A probability below 1: dropping or erasing everything would leave nothing to learn from."""


class Strict(BaseModel):
    """A frozen pydantic model that forbids unknown keys and non-finite numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Part(Strict):
    """A section of a recipe whose class is found by `kind` (see `mien.config.parts`)."""

    kind: str
    """Name of the class in its registry; a subclass may narrow it to a `Literal`."""
