"""The run folders below a folder."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mien.errors import RunError
from mien.training.run_folder.checkpoint_header import BEST, LAST, PREVIOUS
from mien.training.run_folder.history import HISTORY_FILE
from mien.training.run_folder.info import RUN_FILE
from mien.training.run_folder.lock import CHECKPOINTS

_REMAINS: Final = tuple(Path(CHECKPOINTS) / name for name in (LAST, PREVIOUS, BEST))
"""Files by which a run is recognized whose `run.json` was lost, beside its history."""


def find_runs(folder: Path) -> list[Path]:
    """Return all run folders in a folder and below it, sorted; it may be a run itself.

    Hidden folders and what is inside of runs are not searched, nor are links to folders that are no runs.

    Raises:
        RunError: There is no such folder.
    """
    if not folder.is_dir():
        what = "not a folder" if folder.exists() else "there is no such folder"
        raise RunError(
            f"{folder}: {what}; expected one with run folders, as training makes them", path=folder
        )
    return sorted(_runs_in(folder))


def _runs_in(folder: Path) -> Iterator[Path]:
    pending = [folder]
    while pending:
        current = pending.pop()
        if is_run(current):
            yield current
        elif current is folder or not current.is_symlink():
            pending += _folders_in(current)


def is_run(folder: Path) -> bool:
    """Return whether a folder is a run, or what is left of one."""
    if os.path.lexists(folder / RUN_FILE):
        return True
    return (folder / CHECKPOINTS).is_dir() and (
        (folder / HISTORY_FILE).is_file() or any((folder / name).is_file() for name in _REMAINS)
    )


def _folders_in(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [
                Path(entry.path) for entry in entries if not entry.name.startswith(".") and entry.is_dir()
            ]
    except OSError:
        return []
