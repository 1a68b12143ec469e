"""The metadata: all that a bundle says about itself, as JSON in the metadata of its ONNX file.

`mien.exporting` writes it, `mien.bundles.reading` checks it, `mien bundle info` prints it, and
recognition goes by its classes, its CLAHE and its threshold.
"""

from typing import Any, Final, Literal

from pydantic import Field, field_validator

from mien.config.base import Fraction, Strict
from mien.config.data import Clahe
from mien.config.training import TTA

SCHEMA: Final = 2
"""Raised whenever a metadata of the new schema could not be read by the old code."""

METADATA_KEY: Final = "mien.metadata"
"""The metadata property of the ONNX file that holds the metadata."""

INPUT: Final = "faces"
"""The graph's input: uint8 (n, side, side), after CLAHE if the metadata names one."""

PROBABILITIES: Final = "probabilities"
"""The graph's first output: float32 (n, classes), calibrated, rows sum to 1."""

LOGITS: Final = "logits"
"""Its second output: float32 (n, classes), before calibration; of several networks or views, the
logarithm of their mean probability."""


STARTED_FROM: Final = "The training started from"
"""How the sentence begins by which a metadata's notes name pretrained weights."""


class Scores(Strict):
    """What the network inside a bundle scored on one split, after calibration."""

    split: str
    n: int = Field(ge=1)
    accuracy: Fraction
    interval: tuple[Fraction, Fraction]
    """95 % interval of the accuracy (Wilson)."""
    macro_f1: Fraction
    log_loss: float
    calibration_error: Fraction
    recalls: dict[str, Fraction]
    """Recall of each class."""


class ConfidenceThreshold(Strict):
    """From which probability on an answer counts as sure, and what that is worth."""

    value: Fraction
    """A face whose top probability is below it is "uncertain"."""
    coverage: Fraction
    """Share of validation faces that were sure."""
    accuracy: Fraction
    """Accuracy among those."""
    split: str


class Member(Strict):
    """One trained network of a bundle; an ensemble has several."""

    run: str
    """Name of its run folder."""
    recipe_name: str
    recipe: dict[str, Any]
    """The recipe as used."""
    source: str
    """File name of the faces that it was trained on."""
    fingerprint: str
    """Fingerprint of those faces."""
    weights: str
    """Digest of its checkpoint."""
    parameters: int = Field(ge=1)

    def part(self, name: str) -> dict[str, Any]:
        """Return a part of the recipe, such as "train"; nothing is in it if the recipe has none."""
        part = self.recipe.get(name)
        return part if isinstance(part, dict) else {}


class BundleMetadata(Strict):
    """Everything a bundle says about itself."""

    schema_version: Literal[2] = SCHEMA
    name: str
    mien_version: str
    created: str
    """UTC, ISO 8601."""
    license: str
    classes: tuple[str, ...] = Field(min_length=2, max_length=1000)
    size: int = Field(ge=8, le=1024)
    clahe: Clahe | None = None
    """What ONNX can't express: whoever runs the graph equalizes the faces first."""
    temperature: float = Field(gt=0)
    """Divides the logits before the softmax (Guo et al. 2017)."""
    precision: Literal["float32", "int8"]
    """"int8": the weights and activations of at least one network; an ensemble may be mixed."""
    tta: TTA | None = None
    """Test-time views through which each network looks, and over which the graph averages."""
    members: tuple[Member, ...] = Field(min_length=1)
    scores: tuple[Scores, ...] = ()
    confidence_threshold: ConfidenceThreshold | None = None
    notes: str = ""

    @field_validator("classes")
    @classmethod
    def _classes_can_be_told_apart(cls, classes: tuple[str, ...]) -> tuple[str, ...]:
        """They become keys of JSON, columns of tables and words on a terminal."""
        if len(set(classes)) < len(classes):
            raise ValueError("two classes have the same name")
        if not all(name.strip() and name.isprintable() for name in classes):
            raise ValueError("a class has no name, or one that can't be printed")
        return classes
