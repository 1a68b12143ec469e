"""The run folder: one training's recipe, environment, history, checkpoints, predictions, report.

Everything inside is found relative to the folder, so that moving it breaks nothing. Only the
data set, and a teacher if there is one, stay outside; their paths and digests are kept.
"""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field

import mien
from mien.config.base import Strict
from mien.config.recipe import Recipe
from mien.config.yaml_text import NOT_YAML, parse_yaml
from mien.data import read_faces
from mien.data.cache import digest_of_file
from mien.data.splits import with_validation
from mien.errors import DataError, RunError
from mien.faceset import FaceSet
from mien.files import write_json, write_text
from mien.labels import SPLITS


class Source(Strict):
    """Where a run's faces come from, and how to know them again."""

    path: str
    fingerprint: str
    skip_bad: bool = False
    ferplus: str | None = None
    ferplus_digest: str | None = None


class RunInfo(Strict):
    """What `run.json` holds."""

    recipe_name: str
    created: str
    source: Source
    classes: tuple[str, ...]
    size: int
    counts: dict[str, int]
    """Faces of each split after the hold-out, if there was one."""
    held_out: bool
    """The source has no validation split, so a stratified part of training became one."""
    pretrained: str | None = None
    teachers: dict[str, str] = Field(default_factory=dict)
    """SHA-256 of each teacher, by its name in the recipe."""
    leakage_warnings: tuple[str, ...] = ()
    """Why scores on its own faces may be too good, a sentence each."""
    environment: dict[str, Any]


@dataclass(frozen=True)
class Run:
    """A run folder that exists, with the recipe it was started with."""

    path: Path
    recipe: Recipe
    info: RunInfo

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
        """Path of the data set it was trained on."""
        return self.info.source.path

    @property
    def fingerprint(self) -> str:
        """Fingerprint of that data set."""
        return self.info.source.fingerprint

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.path / "checkpoints"

    @property
    def has_checkpoint(self) -> bool:
        """Whether its training has begun."""
        return self.checkpoints.is_dir() and any(self.checkpoints.glob("[!.]*"))


def describe_source(data: str, ferplus: Path | None, faces: FaceSet, *, skip_bad: bool) -> Source:
    """Return how to find `faces`, which were read from `data`, again from any folder."""
    path = Path(data)
    return Source(
        path=str(path.resolve()) if path.exists() else data,  # "synthetic:2000" is no path
        fingerprint=faces.fingerprint,
        skip_bad=skip_bad,
        ferplus=str(ferplus.resolve()) if ferplus else None,
        ferplus_digest=digest_of_file(ferplus) if ferplus else None,
    )


def read_run_faces(run: Run, data: str | None = None, *, votes: bool = False) -> FaceSet:
    """Return the faces of a run, with the hold-out that it was validated on.

    Args:
        run: The run.
        data: The data set's path, if it is no longer where the run found it.
        votes: With the votes of FER+ that it was trained with, if it was; only a training needs them.

    Raises:
        DataError: The data set or its votes are gone, or are others.
    """
    source = run.info.source
    path = data or source.path
    ferplus = Path(source.ferplus) if votes and source.ferplus else None
    faces = read_faces(path, ferplus=ferplus, size=run.info.size, skip_bad=source.skip_bad)
    if ferplus and digest_of_file(ferplus) != source.ferplus_digest:
        raise DataError(f"{ferplus}: other votes than the run was trained with; put the same file back there")
    if faces.fingerprint != source.fingerprint:
        raise DataError(
            f"{path}: fingerprint {faces.fingerprint}, but the run was trained on {source.fingerprint}; "
            "give the same data set with --data"
        )
    return divided(faces, run.recipe)


def divided(faces: FaceSet, recipe: Recipe) -> FaceSet:
    """Return `faces` with the validation split that a training under `recipe` uses."""
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
) -> Run:
    """Write a new run folder with `recipe.yaml` and `run.json`.

    Args:
        path: The folder; it must not hold a run yet.
        name: Name of the recipe.
        recipe: The recipe with all overrides.
        source: Where `faces` came from.
        faces: The faces from there, divided for the training.
        held_out: The validation split was taken from training.
        pretrained: Weights that the network starts from.
        teachers: Digests of the recipe's teachers, by name.
        leakage_warnings: Why its scores may be too good, a sentence each.

    Raises:
        RunError: The folder holds something already.
    """
    refuse_taken(path)
    info = RunInfo(
        recipe_name=name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        source=source,
        classes=faces.classes,
        size=faces.size,
        counts={split: int(faces.in_split(split).sum()) for split in SPLITS},
        held_out=held_out,
        pretrained=str(pretrained.resolve()) if pretrained else None,
        teachers=teachers or {},
        leakage_warnings=tuple(leakage_warnings),
        environment=_environment(),
    )
    write_text(path / "recipe.yaml", yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False))
    write_json(path / "run.json", info.model_dump(mode="json"))
    return Run(path, recipe, info)


def refuse_taken(path: Path) -> None:
    """Check that `path` is free for a new run.

    Raises:
        RunError: Something is there already.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise RunError(f"{path}: exists already; go on with --resume {path}, or choose another --out")


def read_run(path: Path) -> Run:
    """Return the run in the folder `path`.

    Raises:
        RunError: There is no such folder, or it is not a whole run.
    """
    if not (path / "run.json").is_file():
        raise RunError(f"{path}: no run.json there, so this is not a run folder; runs are made by mien train")
    try:
        info = RunInfo.model_validate_json((path / "run.json").read_text(encoding="utf-8"))
        tree = parse_yaml((path / "recipe.yaml").read_text(encoding="utf-8"))
        return Run(path, Recipe.model_validate(tree), info)
    except (OSError, *NOT_YAML) as error:
        reason = " ".join(str(error).split())
        raise RunError(f"{path}: its run.json or recipe.yaml is damaged ({reason})") from error


def free_folder(parent: Path, name: str) -> Path:
    """Return `parent/name`, or the first of `name-2`, `name-3`, … that doesn't exist."""
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
        "processor": torch.cpu.get_capabilities().get("cpu_name", platform.processor()),
        "threads": torch.get_num_threads(),
    }
