"""Creation of a run folder.

`run.json` is written first, and contains the recipe. So a folder is a run, or it is not one yet, at whatever
moment the process is killed; an unfinished creation doesn't block another one.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mien.config.recipe import Recipe
from mien.errors import RunError
from mien.faceset import FaceSet
from mien.files.temporaries import SUFFIX
from mien.files.writing import write_text
from mien.labels import SPLITS
from mien.training.run_folder.corrections import CorrectionFiles, digests_of_corrections, write_copies
from mien.training.run_folder.environment import environment_of
from mien.training.run_folder.info import RUN_FILE, RunInfo, Source, write_info
from mien.training.run_folder.lock import CHECKPOINTS, LOCK_FILE, locked
from mien.training.run_folder.recipe import RECIPE_FILE, is_as_written, recipe_text
from mien.training.run_folder.run import RunFolder


def create_run(
    path: Path,
    name: str,
    recipe: Recipe,
    source: Source,
    faces: FaceSet,
    *,
    held_out: bool,
    pretrained: str | None = None,
    teachers: dict[str, str] | None = None,
    corrections: CorrectionFiles | None = None,
    leakage_warnings: Sequence[str] = (),
    changes: Mapping[str, Any] | None = None,
    environment: Mapping[str, Any] | None = None,
) -> RunFolder:
    """Write a new run folder with `run.json` and `recipe.yaml`.

    Args:
        path: The folder; see `refuse_taken`.
        name: Name of the recipe.
        recipe: The recipe with all overrides.
        source: Where `faces` came from.
        faces: The faces from there, split for training.
        held_out: The validation split was taken from training.
        pretrained: Name or path of the weights that the network starts from.
        teachers: Digests of the recipe's teachers, by name.
        corrections: Files of corrections of the training faces; the run keeps copies.
        leakage_warnings: Why its scores may be too high, one sentence each.
        changes: See `RunInfo.changes`.
        environment: From `mien.training.run_folder.environment`; that of this process on the CPU by default.

    Raises:
        RunError: The folder is not empty, or another process uses it.
    """
    tree = recipe.model_dump(mode="json")
    info = RunInfo(
        recipe_name=name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        source=source,
        classes=faces.classes,
        size=faces.size,
        channels=faces.channels,
        counts={split: int(faces.in_split(split).sum()) for split in SPLITS},
        held_out=held_out,
        pretrained=pretrained,
        teachers=teachers or {},
        corrections=digests_of_corrections(corrections or {}),
        leakage_warnings=tuple(leakage_warnings),
        changes=None if changes is None else dict(changes),
        id=uuid.uuid4().hex,
        recipe=tree,
        environment=dict(environment or environment_of("cpu", "float32")),
    )
    refuse_taken(path)
    with locked(path):
        refuse_taken(path)  # another process may have created a run there since the first check
        write_info(path, info)
        write_copies(path, corrections or {})
        write_text(path / RECIPE_FILE, recipe_text(tree))
    return RunFolder(path)


def refuse_taken(path: Path) -> None:
    """Check that `path` is free for a new run: it doesn't exist, is empty, or was left by a killed process.

    Raises:
        RunError: There is a file, or a folder that contains anything else.
    """
    if path.is_dir() and all(_is_leftover(entry) for entry in path.iterdir()):
        return
    if path.exists() or path.is_symlink():
        advice = "resume the run there, or " if (path / RUN_FILE).exists() else ""
        raise RunError(f"{path}: already exists; {advice}pass out=... for another folder", path=path)


def _is_leftover(path: Path) -> bool:
    """Return whether a file in a folder without `run.json` was left by a creation that was killed.

    Earlier versions wrote `recipe.yaml` first. One that a person wrote is not as mien writes it.
    """
    if path.name == CHECKPOINTS:
        return path.is_dir() and all(inner.name == LOCK_FILE for inner in path.iterdir())
    if path.name == RECIPE_FILE:
        return is_as_written(path)
    return path.name.startswith((f".{RUN_FILE}.", f".{RECIPE_FILE}.")) and path.name.endswith(SUFFIX)


def free_folder(parent: Path, name: str) -> Path:
    """Return `parent/name`, or the first of `name-2`, `name-3`, … that does not exist."""
    path, number = parent / name, 1
    while path.exists():
        number += 1
        path = parent / f"{name}-{number}"
    return path
