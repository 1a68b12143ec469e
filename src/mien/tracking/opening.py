"""Trackers from their names, as the command line gives them, and those that a run was tracked with."""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from mien.errors import MienError, RunError
from mien.files.writing import as_path
from mien.tracking import TRACKERS
from mien.tracking.base import Tracker
from mien.tracking.memory import read_memory, remembered

_LOG: Final = logging.getLogger("mien")

NONE: Final = "none"
"""In place of names: no tracker, also not those that a resumed run remembers."""


def open_trackers(names: Iterable[str]) -> list[Tracker]:
    """Return trackers.

    Args:
        names: "tensorboard", "mlflow", "wandb" or the name of a plugin, each maybe with a place:
            "mlflow:FOLDER", "mlflow:http://127.0.0.1:5000", "tensorboard:FOLDER", "wandb:PROJECT".

    Raises:
        MienError: There is no such tracker, or one is given twice.
        MissingExtraError: The package of one is not installed.
    """
    opened: dict[str, Tracker] = {}
    for text in names:
        name, colon, place = text.partition(":")
        if colon and not place:
            raise MienError(f"tracker {text!r}: expected a place after the colon, such as {name}:FOLDER")
        if name in opened:
            raise MienError(f"tracker {name!r} is given twice; leave one out")
        opened[name] = _class_of(name)(place or None)
    return list(opened.values())


def trackers_of(run: str | Path) -> list[Tracker]:
    """Return the trackers that a run was tracked with, for `mien.resume(run, callbacks=...)`.

    One that isn't installed any more is a warning.
    """
    folder, found = as_path(run, "run", RunError), []
    for name in remembered(folder):
        if read_memory(folder, name) is not None:
            try:
                found.append(_class_of(name)())
            except MienError as error:
                _LOG.warning("%s: tracking with %s does not continue: %s", folder, name, error)
    return found


def _class_of(name: str) -> type[Tracker]:
    found = TRACKERS.get(name)
    if not (isinstance(found, type) and issubclass(found, Tracker)):
        raise MienError(f"tracker {name!r}: expected a subclass of mien.tracking.Tracker, found {found!r}")
    return found
