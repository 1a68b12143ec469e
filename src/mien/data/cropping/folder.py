"""The folder of crops: PNG images in the folders of their source, and `crops.csv` with a row for each.

A row is appended when its image is written, so that an interrupted run continues where it was. A photograph
or a frame without a face has a row without a box. Recognition reads the CSV as boxes.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from mien.data.cropping.scenes import Scene
from mien.detection.base import Detection
from mien.errors import DataError
from mien.files.names import fitting_name, portable_name
from mien.files.targets import require_folder, writing
from mien.files.writing import csv_line, write_bytes
from mien.text import escape_name, unescape_name, utf8

INDEX: Final = "crops.csv"
COLUMNS: Final = (
    "source", "width", "height", "frame", "time", "face", "left", "top", "box_width", "box_height", "score",
    "tilt", "detector", "size", "file",
)  # fmt: skip


class CroppedFace(NamedTuple):
    """A face and its crop as PNG."""

    detection: Detection
    png: bytes


class CropFolder:
    """A folder of crops: a new or empty one, or one that is continued.

    Args:
        path: The folder.
        size: Side of the crops in pixels.
        detector: Name of the detector.
        force: Remove the crops that are listed in the folder, and begin again.

    Attributes:
        done: Sources and frames that are complete.

    Raises:
        DataError: The folder holds other files, or crops of another size or detector.
        MienError: It can't be written to.
    """

    def __init__(self, path: Path, size: int, detector: str, *, force: bool = False) -> None:
        self._path = path
        self._settings = {"size": str(size), "detector": detector}
        _require_own(path)
        rows = _rows(path / INDEX)
        if force:
            _remove(path, rows)
            rows = []
        self._require_same(rows)
        self.done = {
            (unescape_name(row["source"]), int(row["frame"]) if row["frame"] else None) for row in rows
        }
        self._names = {row["file"] for row in rows}
        if not rows:
            write_bytes(path / INDEX, _encoded(COLUMNS))

    def write(self, scene: Scene, width: int, height: int, faces: Sequence[CroppedFace]) -> None:
        """Write the crops of a scene, and then their rows.

        Args:
            scene: The photograph or frame.
            width: Of the scene, in pixels.
            height: Of the scene, in pixels.
            faces: Perhaps none.
        """
        frame = "" if scene.frame is None else str(scene.frame)
        time = "" if scene.time is None else f"{scene.time:.4f}"
        head = (escape_name(scene.source), str(width), str(height), frame, time)
        rows = [] if faces else [(*head, *[""] * 7, *self._tail(""))]
        for number, (found, png) in enumerate(faces, start=1):
            name = self._free_name(scene, number, png)
            write_bytes(self._path / name, png)
            box = [f"{value:.1f}" for value in found.box]
            face = (str(number), *box, f"{found.score:.4f}", f"{found.tilt:.1f}")
            rows.append((*head, *face, *self._tail(name)))
        self._append(b"".join(map(_encoded, rows)))

    def _tail(self, name: str) -> tuple[str, str, str]:
        return self._settings["detector"], self._settings["size"], name

    def _free_name(self, scene: Scene, number: int, png: bytes) -> str:
        """Return the path of a crop below the folder: no file has it, unless it is this crop."""
        *folders, last = map(portable_name, scene.place.parts)
        stem = last + ("" if scene.frame is None else f"-f{scene.frame:06d}")
        copy, end = 1, "" if number == 1 else f"-{number}"
        while True:
            suffix = f"{f'_{copy}' if copy > 1 else ''}{end}.png"
            name = "/".join([*folders, fitting_name(stem, suffix)])
            if name not in self._names and _is_free(self._path / name, png):
                self._names.add(name)
                return name
            copy += 1

    def _append(self, content: bytes) -> None:
        """Append rows; an incomplete one, as on a full disk, is cut off by the next run."""
        with writing(self._path / INDEX), (self._path / INDEX).open("ab") as stream:
            stream.write(content)

    def _require_same(self, rows: Sequence[dict[str, str]]) -> None:
        for name, value in self._settings.items():
            others = {row[name] for row in rows} - {value}
            if others:
                raise DataError(
                    f"{self._path}: holds crops with {name} {others.pop()}, not {value}; give another "
                    "folder, or pass force=True to replace them"
                )


def _require_own(folder: Path) -> None:
    """Raise DataError unless a folder is new, empty, or holds a list of crops of this module."""
    require_folder(folder)
    entries = {entry.name for entry in folder.iterdir()} if folder.exists() else set()
    if entries and not _is_own(folder / INDEX):
        raise DataError(
            f"{folder}: holds {min(entries)!r} and no crops; expected a new or an empty folder", path=folder
        )


def _is_own(index: Path) -> bool:
    if not index.is_file():
        return False
    with index.open("rb") as stream:
        return stream.readline() == _encoded(COLUMNS)


def _rows(index: Path) -> list[dict[str, str]]:
    """Return the complete rows of a list of crops; an incomplete last one is cut off."""
    if not index.exists():
        return []
    content = index.read_bytes()
    complete = content[: _end_of_rows(content)]
    if complete != content:
        write_bytes(index, complete)
    try:
        rows = list(csv.DictReader(io.StringIO(complete.decode("utf-8", "replace"), newline="")))
    except csv.Error as error:
        raise DataError(f"{index}: not valid CSV ({error}); remove it or give another folder") from error
    if any(None in row or None in row.values() or not _is_number(row["frame"] or "0") for row in rows):
        raise DataError(f"{index}: not a list of crops any more; restore it or give another folder")
    return rows


def _end_of_rows(content: bytes) -> int:
    """Return the end of the last complete row; a line end between quotes is part of a name."""
    end = content.rfind(b"\n") + 1
    while content.count(b'"', 0, end) % 2:
        end = content.rfind(b"\n", 0, end - 1) + 1
    return end


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) < 19  # Python refuses to read thousands of digits


def _remove(folder: Path, rows: Sequence[dict[str, str]]) -> None:
    """Remove the listed crops, but nothing outside of the folder."""
    for name in filter(None, (row["file"] for row in rows)):
        path = PurePosixPath(name)
        if not path.is_absolute() and ".." not in path.parts:
            (folder / path).unlink(missing_ok=True)
    (folder / INDEX).unlink(missing_ok=True)


def _is_free(path: Path, png: bytes) -> bool:
    """Whether there is no file, or the same crop, which an interrupted run wrote last."""
    return not path.exists() or (
        path.is_file() and path.stat().st_size == len(png) and path.read_bytes() == png
    )


def _encoded(row: Sequence[str]) -> bytes:
    return utf8(csv_line(row))
