"""What a run folder remembers of a tracker, so that a resumed training continues the same run there."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from mien.errors import RunError
from mien.files.bounded import read_text
from mien.files.writing import write_text
from mien.limits import MAX_RECORD_BYTES

FOLDER: Final = "tracking"


@dataclass(frozen=True)
class Memory:
    """A run of a tracker.

    Attributes:
        place: Where the tracker stores it.
        id: Its name or number there.
        epochs: Number of epochs that were sent.
    """

    place: str
    id: str
    epochs: int = 0

    def with_epochs(self, epochs: int) -> "Memory":
        """Return the memory with another number of epochs."""
        return replace(self, epochs=epochs)


def read_memory(run: Path, name: str) -> Memory | None:
    """Return what a run folder remembers of a tracker; None if it has none, or that can't be read."""
    try:
        tree = json.loads(read_text(_file(run, name), MAX_RECORD_BYTES))
        memory = Memory(str(tree["place"]), str(tree["id"]), int(tree["epochs"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return memory if memory.epochs >= 0 else None


def write_memory(run: Path, name: str, memory: Memory) -> None:
    """Write what a run folder remembers of a tracker.

    Raises:
        RunError: There is no such folder any more.
        OutputError: It can't be written.
    """
    if not run.is_dir():
        raise RunError(f"{run}: the run folder was moved or deleted", path=run)
    write_text(_file(run, name), json.dumps(asdict(memory), indent=2) + "\n")


def remembered(run: Path) -> list[str]:
    """Return the names of the trackers that a run folder remembers, sorted."""
    return sorted(path.stem for path in (run / FOLDER).glob("*.json"))


def _file(run: Path, name: str) -> Path:
    return run / FOLDER / f"{name}.json"
