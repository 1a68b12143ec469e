"""Checkpoints: a safetensors file with all tensors, the state as JSON, and a digest of both.

A file is written beside the old one and renamed, and the old `last` is kept as `previous`. So a training
that is killed at any moment, or a file that is damaged later, loses at most one epoch.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
import xxhash
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from mien.errors import RunError
from mien.files import openable, replacing
from mien.training.state import State

LAST, PREVIOUS, BEST = "last.safetensors", "previous.safetensors", "best.safetensors"


@dataclass(frozen=True)
class Checkpoint:
    """The tensors of a learner and the state of a training after a number of completed epochs."""

    tensors: dict[str, Tensor]
    state: State


def write_checkpoint(folder: Path, checkpoint: Checkpoint, *, best: bool) -> None:
    """Write `last` into `folder`, keep the one before as `previous`, and write `best` if it is the best."""
    last = folder / LAST
    with replacing(last) as temporary:
        text = json.dumps(checkpoint.state.to_json())
        metadata = {"state": text, "digest": _digest(checkpoint.tensors, text)}
        with openable(temporary) as name:
            save_file(checkpoint.tensors, name, metadata=metadata)
        if best:
            # Before `last`: after a kill between the two, this epoch is repeated with the same result.
            with replacing(folder / BEST) as copy:
                shutil.copyfile(temporary, copy)
        if last.exists():
            last.replace(folder / PREVIOUS)


def read_newest(folder: Path) -> tuple[Checkpoint, str | None] | None:
    """Return the newest undamaged checkpoint, with a warning if newer ones are damaged; None without any.

    The order is `last`, `previous`, `best`.

    Raises:
        RunError: There are checkpoints, and all are damaged.
    """
    found = [folder / name for name in (LAST, PREVIOUS, BEST) if (folder / name).exists()]
    problems: list[str] = []
    for path in found:
        try:
            checkpoint = read_checkpoint(path)
        except RunError as error:
            problems.append(str(error))
        else:
            return checkpoint, f"{problems[0]}; continuing from {path.name}" if problems else None
    if problems:
        raise RunError(
            f"all checkpoints are damaged: {'; '.join(problems)}; train again in another folder", path=folder
        )
    return None


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint and verify its digest.

    Raises:
        RunError: The file is missing, truncated, altered, or not a checkpoint of mien.
    """
    try:
        with openable(path) as name, safe_open(name, framework="pt") as stream:
            metadata: Mapping[str, str] = stream.metadata() or {}
            tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118 - not a mapping
    except (SafetensorError, OSError, ValueError) as error:
        raise RunError(f"{path}: not a readable checkpoint ({error})", path=path) from error
    if metadata.get("digest") != _digest(tensors, metadata.get("state", "")):
        raise RunError(f"{path}: damaged, its content doesn't match its digest", path=path)
    try:
        return Checkpoint(tensors, State.from_json(json.loads(metadata["state"])))
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"{path}: not a checkpoint of this version of mien ({error!r})", path=path) from error


def _digest(tensors: Mapping[str, Tensor], text: str) -> str:
    digest = xxhash.xxh3_128(text.encode())
    for name in sorted(tensors):
        digest.update(f"{name} {tensors[name].dtype} {tuple(tensors[name].shape)}".encode())
        digest.update(tensors[name].contiguous().view(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
