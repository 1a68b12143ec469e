"""The run folder: recipe, environment, history, checkpoints, predictions and reports of one training.

Everything inside is found relative to the folder, so it can be moved. The data set, and teachers if
there are any, stay outside; their paths and digests are kept.
"""

import json
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field

import mien
from mien.bounded import read_text
from mien.config.base import Strict
from mien.config.load import read_recipe
from mien.config.recipe import Recipe
from mien.data import read_faces
from mien.data.cache import digest_of_file
from mien.data.classes import Classes, parse_classes
from mien.data.face_detector import DETECT, WHOLE
from mien.data.splits import with_validation
from mien.errors import DataError, RecipeError, RunError
from mien.faceset import FaceSet
from mien.files import write_json, write_text
from mien.identify import RUN, require_kind
from mien.labels import SPLITS
from mien.limits import MAX_RECORD_BYTES


class Source(Strict):
    """Where a run's faces came from, and how to recognize them.

    Attributes:
        path: Path of the data set, or the name of a `FaceSet` that was passed.
        fingerprint: Of the faces as they were read.
        skip_bad: Bad rows were left out.
        in_memory: The faces were passed as a `FaceSet`.
        ferplus: Path of the FER+ votes.
        ferplus_digest: Of that file.
        faces: "whole", or "detect" if the faces were detected in its images.
        detector: Name of the detector.
        named: Names of the classes as they were given; None if they are those of the data set.
    """

    path: str
    fingerprint: str
    skip_bad: bool = False
    in_memory: bool = False
    ferplus: str | None = None
    ferplus_digest: str | None = None
    faces: str = WHOLE
    detector: str | None = None
    named: tuple[str, ...] | dict[str, str] | None = None


class Extension(Strict):
    """A change of the number of epochs of a run that had begun."""

    after_epoch: int
    """Number of epochs that were completed then."""
    before: int
    """Number of epochs of the whole training before the change."""
    epochs: int
    """Number of epochs of the whole training since then."""


class RunInfo(Strict):
    """What `run.json` holds."""

    recipe_name: str
    created: str
    source: Source
    classes: tuple[str, ...]
    size: int
    channels: int = 1
    counts: dict[str, int]
    """Number of faces of each split, after the hold-out if there was one."""
    held_out: bool
    """The source has no validation split; a stratified part of training is held out instead."""
    pretrained: str | None = None
    teachers: dict[str, str] = Field(default_factory=dict)
    """SHA-256 of each teacher, by its name in the recipe."""
    leakage_warnings: tuple[str, ...] = ()
    """Why scores on these faces may be too high, one sentence each."""
    extensions: tuple[Extension, ...] = ()
    """Changes of the number of epochs, in order."""
    environment: dict[str, Any]


class RunFolder:
    """A run folder that exists.

    Args:
        path: The folder.
        data: The data set or its path, if it can't be read from the path that the run recorded.

    Attributes:
        path: The folder.
        info: The content of `run.json`.
        data: The data set or its path as it was passed, or None.

    Raises:
        RunError: There is no such folder, or its `run.json` is missing or damaged.
    """

    def __init__(self, path: str | Path, *, data: str | Path | FaceSet | None = None) -> None:
        if not isinstance(path, str | PathLike):
            raise RunError(f"run of type {type(path).__name__}, expected the path of a run folder")
        self.path = Path(path)
        self.data = data
        self.info = _read_info(self.path)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RunFolder):
            return NotImplemented
        return (self.path, self.info) == (other.path, other.info)

    def __hash__(self) -> int:
        return hash(self.path)

    @cached_property
    def recipe(self) -> Recipe:
        """The recipe of the run. It is validated here: evaluating saved predictions doesn't need it.

        Raises:
            RunError: `recipe.yaml` is missing, damaged, or of another version of mien.
        """
        path = self.path / "recipe.yaml"
        try:
            return read_recipe(path)
        except RecipeError as error:
            raise RunError(str(error), path=path) from error

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.path.resolve().name

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the logits."""
        return self.info.classes

    @property
    def source(self) -> str:
        """Path or name of the data set it was trained on."""
        return self.info.source.path

    @property
    def fingerprint(self) -> str:
        """Fingerprint of that data set."""
        return self.info.source.fingerprint

    @property
    def checkpoints(self) -> Path:
        """The folder of the checkpoints."""
        return self.path / "checkpoints"

    @property
    def has_checkpoint(self) -> bool:
        """Whether its training has started."""
        return self.checkpoints.is_dir() and any(self.checkpoints.glob("[!.]*"))


def describe_source(
    data: str | Path | FaceSet,
    ferplus: Path | None,
    faces: FaceSet,
    *,
    skip_bad: bool,
    detector: str | None = None,
    classes: Classes | None = None,
) -> Source:
    """Return how to find `faces`, which were read from `data`, again from any folder.

    Args:
        data: The data set or its path.
        ferplus: Path of the FER+ votes.
        faces: What was read.
        skip_bad: Bad rows were left out.
        detector: Name of the detector of the faces, if they were detected.
        classes: Names of the classes as they were given.
    """
    in_memory = isinstance(data, FaceSet)
    name = data.source if isinstance(data, FaceSet) else str(data)
    there = name and Path(name).exists()  # "synthetic:2000" is no path
    return Source(
        path=str(Path(name).resolve()) if there else name,
        fingerprint=faces.fingerprint,
        skip_bad=skip_bad,
        in_memory=in_memory,
        ferplus=str(ferplus.resolve()) if ferplus else None,
        ferplus_digest=digest_of_file(ferplus) if ferplus else None,
        faces=DETECT if detector else WHOLE,
        detector=detector,
        named=None if classes is None else parse_classes(classes),
    )


def read_run_faces(
    run: RunFolder, data: str | Path | FaceSet | None = None, *, votes: bool = False
) -> FaceSet:
    """Return the faces of a run, with the hold-out that it was validated on.

    Args:
        run: The run.
        data: The data set, or its path, if it is not at the path that the run recorded.
        votes: Join the FER+ votes that it was trained with, if any; only training needs them.

    Raises:
        DataError: The data set or its votes are missing or differ from those of the run.
    """
    given = run.data if data is None else data
    faces = given if isinstance(given, FaceSet) else _read_again(run.info, given, votes=votes)
    source = run.info.source
    if faces.fingerprint != source.fingerprint:
        where = faces.source or "these faces"
        hint = (
            "; if only its detector differs, crop the faces once into a data set and train on that"
            if source.detector
            else ""
        )
        raise DataError(
            f"{where}: fingerprint {faces.fingerprint}, but the run was trained on {source.fingerprint}"
            f"{f' ({source.path})' if source.path else ''}; pass data=... with the same data set{hint}",
            path=run.path,
            expected=source.fingerprint,
        )
    return divided(faces, run.recipe)


def _read_again(info: RunInfo, data: str | Path | None, *, votes: bool) -> FaceSet:
    """Read a run's data set from `data`, or from where it was."""
    source = info.source
    ferplus = Path(source.ferplus) if votes and source.ferplus else None
    try:
        faces = read_faces(
            data or source.path,
            ferplus=ferplus,
            size=info.size,
            channels=info.channels,
            faces=source.faces,
            detector=source.detector or "auto",
            classes=source.named,
            skip_bad=source.skip_bad,
        )
    except DataError as error:
        if source.in_memory and data is None:
            name = f" ({source.path})" if source.path else ""
            raise DataError(
                f"the run was trained on a FaceSet in memory{name}; pass data=... with the same faces",
                expected=source.fingerprint,
            ) from error
        raise
    if ferplus and digest_of_file(ferplus) != source.ferplus_digest:
        raise DataError(
            f"{ferplus}: the votes differ from those of the run; restore the same file",
            path=ferplus,
            expected=source.ferplus_digest,
        )
    return faces


def divided(faces: FaceSet, recipe: Recipe) -> FaceSet:
    """Return `faces` with the validation split that training with `recipe` uses."""
    return with_validation(faces, recipe.data.holdout, recipe.train.seed)


def create_run(
    path: Path,
    name: str,
    recipe: Recipe,
    source: Source,
    faces: FaceSet,
    *,
    held_out: bool,
    pretrained: Path | None = None,
    teachers: dict[str, str] | None = None,
    leakage_warnings: Sequence[str] = (),
) -> RunFolder:
    """Write a new run folder with `recipe.yaml` and `run.json`.

    Args:
        path: The folder; it must not exist, or be empty.
        name: Name of the recipe.
        recipe: The recipe with all overrides.
        source: Where `faces` came from.
        faces: The faces from there, split for training.
        held_out: The validation split was taken from training.
        pretrained: Weights that the network starts from.
        teachers: Digests of the recipe's teachers, by name.
        leakage_warnings: Why its scores may be too high, one sentence each.

    Raises:
        RunError: The folder is not empty.
    """
    refuse_taken(path)
    info = RunInfo(
        recipe_name=name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        source=source,
        classes=faces.classes,
        size=faces.size,
        channels=faces.channels,
        counts={split: int(faces.in_split(split).sum()) for split in SPLITS},
        held_out=held_out,
        pretrained=str(pretrained.resolve()) if pretrained else None,
        teachers=teachers or {},
        leakage_warnings=tuple(leakage_warnings),
        environment=_environment(),
    )
    write_text(path / "recipe.yaml", yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False))
    write_json(path / "run.json", info.model_dump(mode="json"))
    return RunFolder(path)


def refuse_taken(path: Path) -> None:
    """Check that `path` is free for a new run.

    Raises:
        RunError: There is a file, or a folder that is not empty.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise RunError(
            f"{path}: already exists; resume the run there, or pass out=... for another folder", path=path
        )


def _read_info(folder: Path) -> RunInfo:
    require_kind(folder, "the folder of a training run", (RUN,), RunError)
    path = folder / "run.json"
    if not path.is_file():
        raise RunError(
            f"{folder}: not a run folder, there is no run.json in it; expected a folder made by training",
            path=folder,
            expected="run.json",
        )
    try:
        # pydantic's JSON has no surrogates, which stand for the bytes of a path that are not UTF-8
        return RunInfo.model_validate(json.loads(read_text(path, MAX_RECORD_BYTES)))
    except (OSError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise RunError(f"{path}: damaged, or of another version of mien ({reason})", path=path) from error


def free_folder(parent: Path, name: str) -> Path:
    """Return `parent/name`, or the first of `name-2`, `name-3`, … that does not exist."""
    path, number = parent / name, 1
    while path.exists():
        number += 1
        path = parent / f"{name}-{number}"
    return path


def _environment() -> dict[str, Any]:
    import numpy as np
    import torch

    return {
        "mien": mien.__version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "platform": platform.platform(),
        "processor": torch.cpu.get_capabilities().get("cpu_name") or platform.processor(),
        "threads": torch.get_num_threads(),
    }
