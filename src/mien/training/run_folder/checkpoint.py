"""Checkpoints: a safetensors file with all tensors, the state and the run's identity as JSON, and a digest.

A file is written beside the old one and renamed, and the old `last` is kept as `previous`. So a training
that is killed at any moment, or a file that is damaged later, loses at most one epoch.
"""

import json
import logging
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import torch
import xxhash
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from mien.errors import RunError
from mien.files.writing import openable, replacing, synchronize
from mien.training.run_folder.checkpoint_header import BEST, LAST, PREVIOUS, TEXTS, with_digest
from mien.training.run_folder.identity import Identity
from mien.training.run_folder.info import RUN_FILE
from mien.training.run_folder.run import RunFolder
from mien.training.run_folder.state import State

_LOG = logging.getLogger("mien")

_PARTS = {
    "id": "belongs to another run",
    "recipe": f"was trained with another recipe than {RUN_FILE} has",
    "classes": f"was trained on other classes than {RUN_FILE} has",
    "data": f"was trained on another data set than {RUN_FILE} has",
}
"""What a checkpoint is whose identity differs in a part."""


class ForeignCheckpointError(RunError):
    """A checkpoint belongs to another run, or the record of its run was changed."""


@dataclass(frozen=True)
class Checkpoint:
    """The tensors of a learner and the state of a training after a number of completed epochs.

    `identity` names the run; a checkpoint of a version without digests has none.
    """

    tensors: dict[str, Tensor]
    state: State
    identity: Identity | None = None


def write_checkpoint(folder: Path, checkpoint: Checkpoint, *, best: bool) -> None:
    """Write `last` into `folder`, keep the one before as `previous`, and write `best` if it is the best.

    Raises:
        OutputError: The folder doesn't exist, or the disk is full or fails; the checkpoints that were there
            are kept.
    """
    last = folder / LAST
    with replacing(last, parents=False) as temporary:
        save_checkpoint(temporary, checkpoint)
        if best:
            # Before `last`: after a kill between the two, this epoch is repeated with the same result.
            with replacing(folder / BEST, parents=False) as copy:
                shutil.copyfile(temporary, copy)
        _keep_previous(folder)


def _keep_previous(folder: Path) -> None:
    """Make `last` the `previous` one. By a link where there are any, so that `last` exists at any moment."""
    last, previous = folder / LAST, folder / PREVIOUS
    if not last.exists():
        return
    previous.unlink(missing_ok=True)
    try:
        previous.hardlink_to(last)
    except OSError:
        last.replace(previous)


def write_best(folder: Path, checkpoint: Checkpoint) -> None:
    """Write only `best` into `folder`.

    Raises:
        MienError: The folder doesn't exist, or can't be written to.
    """
    with replacing(folder / BEST, parents=False) as temporary:
        save_checkpoint(temporary, checkpoint)


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint to `path`, not atomically.

    Raises:
        OSError: The disk is full or fails.
    """
    texts = {"state": json.dumps(checkpoint.state.to_json())}
    if checkpoint.identity is not None:
        texts["run"] = checkpoint.identity.to_json()
    metadata = {**with_digest(texts), "digest": _digest(checkpoint.tensors, texts)}
    with _system_errors(), openable(path) as name:
        save_file(checkpoint.tensors, name, metadata=metadata)
    synchronize(path)  # before `last` is moved away


@contextmanager
def _system_errors() -> Iterator[None]:
    """Raise the error of the operating system that safetensors hides in its message."""
    try:
        yield
    except SafetensorError as error:
        number = re.search(r"os error (\d+)", str(error))
        raise OSError(*([int(number[1]), os.strerror(int(number[1]))] if number else [str(error)])) from error


def read_newest(folder: Path, run: RunFolder | None = None) -> tuple[Checkpoint, str | None] | None:
    """Return the newest undamaged checkpoint, with a warning if newer ones are missing; None without any.

    The order is `last`, `previous`, `best`.

    Args:
        folder: The folder of the checkpoints.
        run: The run that they must belong to; not checked without.

    Raises:
        ForeignCheckpointError: One belongs to another run.
        RunError: There are checkpoints, and all are damaged.
    """
    problems: list[str] = []
    for path in (folder / name for name in (LAST, PREVIOUS, BEST)):
        try:
            checkpoint = read_checkpoint(path, run)
        except ForeignCheckpointError:
            raise
        except RunError as error:
            problems.append(str(error) if path.exists() else f"{path}: missing")
        else:
            return checkpoint, f"{problems[0]}; continuing from {path.name}" if problems else None
    if any((folder / name).exists() for name in (LAST, PREVIOUS, BEST)):
        raise RunError(
            f"all checkpoints are damaged: {'; '.join(problems)}; train again in another folder", path=folder
        )
    return None


def read_best(run: RunFolder) -> Checkpoint:
    """Return the best checkpoint of a run, or with a warning the same weights from another one.

    Raises:
        ForeignCheckpointError: It belongs to another run.
        RunError: It is missing or damaged, and no other has the same weights.
    """
    path = run.checkpoints / BEST
    try:
        return read_checkpoint(path, run)
    except ForeignCheckpointError:
        raise
    except RunError as error:
        same = same_as_best(run)
        if same is not None:
            _LOG.warning("%s; another checkpoint has the same weights", error)
            return same
        advice = "resume the run, which puts its newest checkpoint in that place"
        raise RunError(f"{error}; {advice}", path=path) from error


def same_as_best(run: RunFolder) -> Checkpoint | None:
    """Return `last` or `previous` if it is of the best epoch, as the newest of them records it."""
    others = _readable(run)
    best = others[0].state.best(run.recipe.train.monitor) if others else None
    epoch = best.epoch if best else 0
    return next((other for other in others if other.state.epoch == epoch), None)


def _readable(run: RunFolder) -> list[Checkpoint]:
    """Return the undamaged ones of `last` and `previous`."""
    found = []
    for name in (LAST, PREVIOUS):
        with suppress(RunError):
            found.append(read_checkpoint(run.checkpoints / name, run))
    return found


def read_checkpoint(path: Path, run: RunFolder | None = None) -> Checkpoint:
    """Read a checkpoint, and verify its digest and the run that it belongs to.

    Args:
        path: The file.
        run: The run that it must belong to; not checked without.

    Raises:
        ForeignCheckpointError: It belongs to another run.
        RunError: The file is missing, truncated, altered, or not a checkpoint of mien.
    """
    try:
        with openable(path) as name, safe_open(name, framework="pt") as stream:
            metadata: Mapping[str, str] = stream.metadata() or {}
            tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118 - not a mapping
    except FileNotFoundError as error:
        raise RunError(f"{path}: there is no such checkpoint", path=path) from error
    except (SafetensorError, OSError, ValueError) as error:
        raise RunError(f"{path}: not a readable checkpoint ({error})", path=path) from error
    texts = {key: metadata[key] for key in TEXTS if key in metadata}
    if metadata.get("digest") != _digest(tensors, texts):
        raise RunError(f"{path}: damaged, its content doesn't match its digest", path=path)
    try:
        state = State.from_json(json.loads(texts["state"]))
        found = Identity.from_json(texts["run"]) if "run" in texts else None
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise RunError(f"{path}: not a checkpoint of this version of mien ({error!r})", path=path) from error
    if run is not None:
        _require_own(path, found, run)
    return Checkpoint(tensors, state, found)


def _require_own(path: Path, found: Identity | None, run: RunFolder) -> None:
    """Check that a checkpoint belongs to a run."""
    expected = run.identity
    if found == expected or (found is None and run.info.adopted):
        return
    if found is None:
        problem = "was written by a version of mien without digests, and this run was not"
    elif expected is None:
        problem = f"names its run, but the id and the digests of {RUN_FILE} were removed"
    else:
        problem = _PARTS[found.difference(expected) or "id"]
    raise ForeignCheckpointError(
        f"{path}: {problem}; restore the original files, or train a new run", path=path
    )


def _digest(tensors: Mapping[str, Tensor], texts: Mapping[str, str]) -> str:
    digest = xxhash.xxh3_128("".join(texts[key] for key in TEXTS if key in texts).encode())
    for name in sorted(tensors):
        digest.update(f"{name} {tensors[name].dtype} {tuple(tensors[name].shape)}".encode())
        digest.update(tensors[name].contiguous().view(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
