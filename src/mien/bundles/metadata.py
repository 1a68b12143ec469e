"""The metadata of a bundle, stored as JSON in the metadata properties of its ONNX file.

`mien.exporting` writes it, `mien.bundles.reading` validates it, `mien bundle info` prints it, and
recognition reads its classes, its input shape, its CLAHE and its confidence threshold.
"""

from collections.abc import Mapping
from math import inf
from typing import Any, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from mien.bundles.calibration import Calibration
from mien.bundles.shifts import ShiftScores
from mien.config.base import Fraction, Strict
from mien.config.data import Clahe
from mien.config.training import TTA

SCHEMA: Final = 4
"""Increased whenever older code could not read new metadata. Schema 2 had a temperature instead of a
calibration, and schema 3 no accuracy under shift; both are read, too."""

METADATA_KEY: Final = "mien.metadata"
"""Name of the ONNX metadata property that holds the metadata."""

INPUT: Final = "faces"
"""Name of the graph's input: uint8, (n, size, size) for gray or (n, size, size, 3) for RGB faces, after
CLAHE if the metadata has one."""

PROBABILITIES: Final = "probabilities"
"""Name of the graph's first output: float32 (n, classes), calibrated, rows sum to 1."""

LOGITS: Final = "logits"
"""Name of its second output: float32 (n, classes), before calibration. For an ensemble, or with
test-time augmentation, the logarithm of the mean probability."""

PRETRAINED_NOTE: Final = "The training started from"
"""First words of the note that names pretrained weights."""

UNFINISHED_NOTE: Final = "was exported before its training was finished"
"""Words of the note on a run that was not trained to its end."""


class Scores(Strict):
    """The metrics of a bundle on one split, after calibration.

    On the validation split, the calibration of each face was fitted to other faces (out of fold), so that the
    fit does not improve them.
    """

    split: str
    n: int = Field(ge=1)
    """Number of labeled faces."""
    accuracy: Fraction
    interval: tuple[Fraction, Fraction]
    """95 % confidence interval of the accuracy (Wilson)."""
    macro_f1: Fraction
    log_loss: float
    """In nats."""
    calibration_error: Fraction
    """Expected calibration error (ECE)."""
    recalls: dict[str, Fraction]
    """Recall of each class that has faces in the split."""


class ConfidenceThreshold(Strict):
    """The confidence from which a prediction counts as certain, with its coverage and accuracy."""

    value: Fraction
    """A face whose highest probability is below this value is "uncertain"; 1 if no threshold was accurate
    enough."""
    coverage: Fraction
    """Fraction of the faces of the split at or above the threshold."""
    accuracy: Fraction
    """Accuracy on those faces (selective accuracy); 0 if there are none."""
    split: str


class Member(Strict):
    """One trained network of a bundle; an ensemble has several."""

    run: str
    """Name of its run folder."""
    recipe_name: str
    recipe: dict[str, Any]
    """The recipe with all overrides."""
    source: str
    """File name of the data set that it was trained on."""
    fingerprint: str
    """Fingerprint of that data set."""
    weights: str
    """Digest of its checkpoint."""
    parameters: int = Field(ge=1)

    def section(self, name: str) -> dict[str, Any]:
        """Return a section of the recipe, such as "train"; empty if the recipe has none."""
        section = self.recipe.get(name)
        return section if isinstance(section, dict) else {}

    @property
    def faces(self) -> str:
        """How its faces were found in images: "whole" (each image is a face) or "detect"."""
        return str(self.section("data").get("faces", "whole"))


class BundleMetadata(Strict):
    """Everything that a bundle states about itself."""

    schema_version: Literal[4] = SCHEMA
    name: str
    mien_version: str
    created: str
    """UTC, ISO 8601."""
    license: str
    classes: tuple[str, ...] = Field(min_length=2, max_length=1000)
    size: int = Field(ge=8, le=1024)
    """Height and width of the faces in pixels."""
    channels: Literal[1, 3] = 1
    """1 for gray faces, 3 for RGB."""
    clahe: Clahe | None = None
    """Not part of the graph: the caller applies it to the faces first."""
    calibration: Calibration
    """From the logits to the probabilities; part of the graph."""
    precision: Literal["float32", "int8"]
    """"int8" if the weights and activations of at least one network are quantized."""
    tta: TTA | None = None
    """Test-time augmentation inside the graph."""
    members: tuple[Member, ...] = Field(min_length=1)
    scores: tuple[Scores, ...] = ()
    shifts: ShiftScores | None = None
    """Accuracy under distribution shift; None if it was not recorded."""
    confidence_threshold: ConfidenceThreshold | None = None
    commands: tuple[str, ...] = ()
    """The command lines that made the bundle, in order."""
    notes: str = ""

    @property
    def default_threshold(self) -> float:
        """Confidence below which a face is uncertain, 0 to 1; 0 if none was determined."""
        return self.confidence_threshold.value if self.confidence_threshold else 0.0

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one face: (size, size) for gray, (size, size, 3) for RGB."""
        return input_shape(self.size, self.channels)

    @model_validator(mode="before")
    @classmethod
    def _convert_older(cls, values: Any) -> Any:  # noqa: ANN401 - of JSON or a constructor
        """Return the fields of the current schema, given those of schema 2 or 3."""
        version = values.get("schema_version") if isinstance(values, Mapping) else None
        if version not in (2, 3):
            return values
        current = {**values, "schema_version": SCHEMA}
        return _with_calibration(current) if version == 2 else current

    @model_validator(mode="after")
    def _require_classes(self) -> Self:
        self.calibration.require_classes(len(self.classes))
        return self

    @field_validator("classes")
    @classmethod
    def _require_distinct_names(cls, classes: tuple[str, ...]) -> tuple[str, ...]:
        """Check names that become keys of JSON, columns of tables and words on a terminal."""
        if len(set(classes)) < len(classes):
            raise ValueError("two classes have the same name")
        if not all(name.strip() and name.isprintable() for name in classes):
            raise ValueError("a class name is empty, or can't be printed")
        return classes


def input_shape(size: int, channels: int) -> tuple[int, ...]:
    """Return the shape of one face: (size, size) for gray, (size, size, channels) for color."""
    return (size, size) if channels == 1 else (size, size, channels)


def _with_calibration(values: dict[str, Any]) -> dict[str, Any]:
    """Return fields with a calibration instead of a temperature."""
    temperature = values.pop("temperature", None)
    if not isinstance(temperature, int | float) or not 0 < temperature < inf:
        raise ValueError("a temperature that is not a positive number")
    return values | {"calibration": {"scale": (1 / temperature,)}}
