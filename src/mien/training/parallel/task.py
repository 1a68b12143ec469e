"""What a training hands to the processes that it starts: the faces, as files that they map into memory.

The recipe follows when the processes are connected.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mien.faceset import FaceSet
from mien.files.mapped import mapped_file, open_mapped
from mien.training.parallel.world import World

_ARRAYS: Final = ("images", "labels", "splits", "ids", "votes")
_TASK: Final = "task.json"


@dataclass(frozen=True)
class Task:
    """The part of one process.

    Attributes:
        world: The processes, and which of them it is.
        address: Of the store where they meet.
        port: There.
        device: Name of the kind of device, or "auto".
        threads: Number of threads that it computes with.
        parent: Process that started it.
    """

    world: World
    address: str
    port: int
    device: str
    threads: int
    parent: int


def write_faces(folder: Path, faces: FaceSet) -> None:
    """Write faces into a folder; arrays that are mapped from a file already stay there."""
    places = {
        name: _written(folder / f"{name}.npy", getattr(faces, name))
        for name in _ARRAYS
        if getattr(faces, name) is not None
    }
    meta = {"arrays": places, "classes": faces.classes, "source": faces.source}
    (folder / "faces.json").write_text(json.dumps(meta), encoding="utf-8")


def read_faces(folder: Path) -> FaceSet:
    """Return the faces that `write_faces` wrote, mapped into memory."""
    meta = json.loads((folder / "faces.json").read_text(encoding="utf-8"))
    arrays: dict[str, Any] = {name: open_mapped(Path(path)) for name, path in meta["arrays"].items()}
    return FaceSet(**arrays, classes=tuple(meta["classes"]), source=meta["source"])


def write_task(folder: Path, task: Task) -> None:
    """Write the task of a process into a folder."""
    (folder / f"{task.world.rank}-{_TASK}").write_text(json.dumps(asdict(task)), encoding="utf-8")


def read_task(folder: Path, rank: int) -> Task:
    """Return the task that `write_task` wrote."""
    values = json.loads((folder / f"{rank}-{_TASK}").read_text(encoding="utf-8"))
    return Task(**{**values, "world": World(**values["world"])})


def _written(path: Path, array: NDArray[Any]) -> str:
    """Return the path of a file that has the array."""
    mapped = mapped_file(array)
    if mapped is not None:
        return str(mapped.resolve())
    np.save(path, array, allow_pickle=False)
    return str(path)
