"""`run.json`: what a run was trained on, where and with which recipe, and a digest of each part."""

import json
from pathlib import Path
from typing import Any, Final

from pydantic import Field

from mien.config.base import Strict
from mien.data.face_detector import WHOLE
from mien.errors import RunError
from mien.files.bounded import read_text
from mien.files.identify import RUN, require_kind
from mien.files.writing import write_json
from mien.limits import MAX_RECORD_BYTES
from mien.training.run_folder.earlier_versions import with_renamed_info_keys
from mien.training.run_folder.identity import changed_parts, digests_of

RUN_FILE: Final = "run.json"


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
    """What `run.json` holds, besides the digests of its parts."""

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
    corrections: dict[str, str] = Field(default_factory=dict)
    """Digest of each file of corrections of the training faces, by its key in the recipe's section `data`."""
    leakage_warnings: tuple[str, ...] = ()
    """Why scores on these faces may be too high, one sentence each."""
    changes: dict[str, Any] | None = None
    """Values of the recipe that differ from those of `recipe_name`, by their dotted keys; None if unknown."""
    extensions: tuple[Extension, ...] = ()
    """Changes of the number of epochs, in order."""
    id: str = ""
    """Identifies the run in its checkpoints; "" if it was made by a version without digests."""
    recipe: dict[str, Any] | None = None
    """The recipe with all overrides, as in `recipe.yaml`, which is compared with this."""
    adopted: bool = False
    """The run was begun by a version without digests, so its first checkpoints don't name their run."""
    environment: dict[str, Any]


def read_info(folder: Path) -> RunInfo:
    """Read the `run.json` of a run folder.

    Raises:
        RunError: The folder or the file is missing, it is damaged, or a part of it was changed.
    """
    require_kind(folder, "the folder of a training run", (RUN,), RunError)
    path = folder / RUN_FILE
    if not path.is_file():
        raise RunError(
            f"{folder}: not a run folder, there is no run.json in it; expected a folder made by training",
            path=folder,
            expected=RUN_FILE,
        )
    tree = _read_tree(path)
    _require_unchanged(tree, path)
    try:
        return RunInfo.model_validate(with_renamed_info_keys(tree))
    except ValueError as error:
        raise _damaged(path, error) from error


def write_info(folder: Path, info: RunInfo) -> None:
    """Write the `run.json` of a run folder, with the digests of its parts.

    Raises:
        MienError: It can't be written.
    """
    tree = info.model_dump(mode="json")
    write_json(folder / RUN_FILE, {**tree, "digests": digests_of(tree)})


def _read_tree(path: Path) -> dict[str, Any]:
    try:
        tree = json.loads(read_text(path, MAX_RECORD_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(path, error) from error
    if not isinstance(tree, dict):
        raise _damaged(path, f"a {type(tree).__name__}, expected an object")
    return tree


def _require_unchanged(tree: dict[str, Any], path: Path) -> None:
    """Check the digests of the parts, and remove them; a run of an earlier version has none."""
    digests = tree.pop("digests", None)
    if digests is None and not tree.get("id"):
        return
    changed = changed_parts(tree, digests if isinstance(digests, dict) else {})
    if changed:
        raise RunError(
            f"{path}: {', '.join(changed[:3])} {'was' if len(changed) == 1 else 'were'} changed since mien "
            "wrote the file; restore it, or train again",
            path=path,
        )


def _damaged(path: Path, why: object) -> RunError:
    reason = " ".join(str(why).split())[:200]
    return RunError(f"{path}: damaged, or of another version of mien ({reason})", path=path)
