"""The settings of a result: a record beside it, so that it is resumed with the settings it was begun with.

The record of `faces.csv` is `faces.csv.settings`: JSON with bundle, engine, detector and options. A result
without a record, such as one that was copied without it, is resumed without a comparison.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from mien.errors import MienError, OutputError
from mien.files.bounded import read_bytes
from mien.files.identify import SETTINGS, identify
from mien.files.json_fields import Key, exactly, read_fields, texts_by_name
from mien.files.names import fitting_name
from mien.files.writing import write_json

ENDING: Final = ".settings"
"""Ending of the record, after the name of the result."""

VERSION: Final = 1

_MAX_BYTES: Final = 1 << 20

_KEYS: Final = {
    "mien_settings": Key(exactly(VERSION), f"{VERSION}"),
    "settings": Key(texts_by_name, "texts by name"),
}


@dataclass
class ResultSettings:
    """The settings of the results that a process writes.

    A record is written as soon as the file of its result is a new one: until then it may hold an earlier
    result, which would be resumed if the process were killed.

    Attributes:
        settings: All that determines the results beside the inputs, by name.
    """

    settings: Mapping[str, str]
    _pending: dict[Path, tuple[Path, int | None]] = field(default_factory=dict)

    @classmethod
    def begin(
        cls,
        results: Mapping[Path, Path],
        settings: Mapping[str, str],
        *,
        resume: bool = False,
        notice: Callable[[str], None],
    ) -> Self:
        """Compare the settings with those of results to resume.

        Args:
            results: The file that is written for each result: another one for a folder of crops.
            settings: Those that are used; others are not compared.
            resume: Continue the results.
            notice: Receives a line about a result without a record.

        Raises:
            MienError: A result was begun with other settings, or its record is damaged.
        """
        resumed = [path for path, file in results.items() if resume and _identity(file) is not None]
        befores = {path: _read(path) for path in resumed}
        for path, before in befores.items():
            _require_same(path, before or {}, settings)
        for path, before in befores.items():
            if before is None:
                notice(f"{path}: there is no record of its settings ({settings_path(path).name}) to compare")
            if (now := {**(before or {}), **settings}) != before:
                record_settings(path, now)
        pending = {path: (file, _identity(file)) for path, file in results.items() if path not in befores}
        return cls(settings, pending)

    def update(self) -> None:
        """Write the records of results whose files have been replaced."""
        for path, (file, before) in list(self._pending.items()):
            if _identity(file) not in (None, before):
                record_settings(path, self.settings)
                del self._pending[path]


def settings_path(result: Path) -> Path:
    """Return the path of the record of a result."""
    return result.with_name(fitting_name(result.name, ENDING))


def record_settings(result: Path, settings: Mapping[str, str]) -> None:
    """Write the record of a result, unless another file has its name. One that can't be written is left out.

    Args:
        result: The file or folder.
        settings: Its settings, by name.
    """
    path = settings_path(result)
    if path.exists() and identify(path) is not SETTINGS:
        return
    with suppress(OutputError):
        write_json(path, {"mien_settings": VERSION, "settings": dict(settings)})


def forget_settings(result: Path) -> None:
    """Remove the record of a result, which becomes that of a shard."""
    path = settings_path(result)
    if identify(path) is SETTINGS:
        with suppress(OSError):
            path.unlink()


def _read(result: Path) -> dict[str, str] | None:
    """Return the settings of a result, or None if there is no record of them.

    Raises:
        MienError: It is damaged, or of another version.
    """
    path = settings_path(result)
    if identify(path) is not SETTINGS:
        return None
    try:
        record = read_fields(json.loads(read_bytes(path, _MAX_BYTES)), _KEYS, "a record")
    except (OSError, ValueError, RecursionError, MienError) as error:
        raise MienError(
            f"{path}: damaged, or of another version of mien; delete it to resume {result.name} without "
            "comparing its settings",
            path=path,
        ) from error
    return dict(record["settings"])


def _require_same(path: Path, before: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Refuse settings that differ; those that only one of both uses don't."""
    name = next((name for name in now if before.get(name, now[name]) != now[name]), None)
    if name is not None:
        raise MienError(
            f"{path}: {name} was {before[name]} when this result was begun, now it is {now[name]}; resume it "
            "with the same settings, or choose another file",
            path=path, expected=before[name],
        )  # fmt: skip


def _identity(file: Path) -> int | None:
    """Return what distinguishes a file from the one that replaces it; None if it is missing or empty."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_ino if status.st_size else None
