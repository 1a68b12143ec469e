"""What a system is evaluated on: split, data set, and the settings of a run's network."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mien.data.classes import Classes
from mien.faceset import FaceSet
from mien.labels import VALIDATION

DataSet = str | Path | FaceSet
"""Faces, or their source."""


@dataclass(frozen=True)
class Request:
    """What a system is evaluated on.

    Attributes:
        split: "validation" (the default of runs and bundles), "test", "train" or "all"; for a CSV, the split
            of `data` that it is about.
        data: The data set: required for a bundle; for a run, another one, or its own if it has moved; for a
            CSV, the source of labels and images.
        faces: "whole" if each image of `data` is a face, "detect" to detect the face in it; as in the
            training by default.
        classes: Names of the classes of `data`; see `mien.read_faces`.
        tta: With the test-time augmentation of a run's recipe.
        device: Device of a run's network: "auto", "cpu", "cuda", "cuda:1" or "mps".
    """

    split: str | None = None
    data: DataSet | None = None
    faces: str | None = None
    classes: Classes | None = None
    tta: bool = False
    device: str = "auto"

    @property
    def split_of_network(self) -> str:
        """The split that runs and bundles predict."""
        return VALIDATION if self.split is None else self.split


DEFAULTS: Final = Request()
"""The validation split of a run's own data set."""
