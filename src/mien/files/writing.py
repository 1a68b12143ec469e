"""Atomic writing: a reader sees the old file or the whole new one, never a half.

A file is written beside its target, synchronized with the disk, and moved onto the target. Where a target may
be is decided in `mien.files.targets`; a stream gets the finished content.
"""

import csv
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mien.errors import MienError
from mien.files.names import LONGEST_NAME, MAX_PATH, length_of
from mien.files.targets import Place, place_of, require_folder, write_error, writing
from mien.files.temporaries import temporary_file, temporary_folder
from mien.text import is_utf8, utf8


@contextmanager
def replacing(path: Path, *, parents: bool = True) -> Iterator[Path]:
    """Yield a temporary path in the folder of `path`, and move it onto `path` on success.

    A symbolic link is followed, and an existing file keeps its permissions. A stream, such as a named pipe,
    receives the content instead.

    Args:
        path: The file.
        parents: Make the folder if it doesn't exist; otherwise it is an error.

    Raises:
        MienError: `path` is a folder, or not valid.
        OutputError: It can't be written; what was there is kept.
    """
    place = place_of(path)
    file = place.file or Path(tempfile.gettempdir()) / "stream"
    with _naming(path):
        if parents:
            file.parent.mkdir(parents=True, exist_ok=True)
        with temporary_file(file) as temporary:
            yield temporary
            if place.is_stream:
                _send(temporary, place)
            else:
                synchronize(temporary)
                temporary.chmod(_mode_of(file))
                temporary.replace(file)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Yield a new temporary folder beside `path`, and move it onto `path` on success.

    Whatever was at `path` is gone then; before that, and after a failure, it is untouched.

    Raises:
        MienError: A folder above it is a file, or can't be written to.
        OutputError: It can't be written.
    """
    target = Path(os.path.realpath(path))
    require_folder(target.parent)
    with _naming(path):
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(target) as temporary:
            new, old = temporary / "new", temporary / "old"
            new.mkdir()
            yield new
            if target.exists():
                target.rename(old)
            try:
                new.rename(target)
            except OSError:
                if old.exists():
                    old.rename(target)
                raise


def write_bytes(path: Path, content: bytes, *, parents: bool = True) -> None:
    """Write `content` to `path` atomically; `parents` as in `replacing`."""
    with replacing(path, parents=parents) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, text: str, *, parents: bool = True) -> None:
    """Write `text` to `path` atomically, as UTF-8 with surrogates escaped; `parents` as in `replacing`."""
    write_bytes(path, utf8(text), parents=parents)


def write_json(path: Path, value: Any) -> None:  # noqa: ANN401 - anything JSON can hold
    """Write `value` to `path` atomically as indented JSON that is strictly valid (no NaN)."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV to `path` atomically (RFC 4180, UTF-8, lines end with LF)."""
    write_text(path, csv_text(header, rows))


def as_path(value: object, what: str, error: type[MienError] = MienError) -> Path:
    """Return a path that the operating system can take; whether there is a file is another question.

    Args:
        value: A path or its text.
        what: What it is the path of, for the error.
        error: What to raise.

    Raises:
        MienError: Of the type `error`: it is of another type, is empty, or no file can have that name.
    """
    if not isinstance(value, str | os.PathLike):
        raise error(f"{what} of type {type(value).__name__}, expected a path")
    if os.fspath(value) == "":
        raise error(f"{what}: an empty name, expected a path")
    path = Path(os.fsdecode(value))
    try:
        name = os.fsencode(path)
    except UnicodeEncodeError as problem:
        raise error(
            f"{path}: {what}, a path with characters that no file name can have", path=path
        ) from problem
    if b"\0" in name:
        raise error(f"{path}: {what}, a path with a null byte, which no file name can have", path=path)
    longest = max(map(length_of, path.parts), default=0)
    if longest > LONGEST_NAME or length_of(str(path)) > MAX_PATH:
        raise error(
            f"{path}: {what}, a path of {length_of(str(path))} bytes with a name of {longest}; systems take "
            f"names of {LONGEST_NAME}",
            path=path,
        )
    return path


def nearest_path(path: Path) -> Path | None:
    """Return what is beside a missing path and has the most similar name; None if nothing is similar."""
    from difflib import get_close_matches

    names: list[str] = []
    with suppress(OSError):
        names = [neighbor.name for neighbor in path.parent.iterdir()]
    found = get_close_matches(path.name, names, n=1)
    return path.with_name(found[0]) if found else None


@contextmanager
def openable(path: Path) -> Iterator[str]:
    """Yield a name of an existing file for libraries that take only names in UTF-8, such as safetensors.

    Where the path is not UTF-8, the name is relative to an open descriptor: of its folder, so that libraries
    can replace the file, or if its own name is not UTF-8, of the file. Names on Windows are not bytes.
    """
    if is_utf8(os.fspath(path)) or os.name == "nt":
        yield os.fspath(path)
        return
    name = f"/{path.name}" if is_utf8(path.name) else ""
    descriptor = os.open(path.parent if name else path, os.O_RDONLY)
    try:
        yield f"/dev/fd/{descriptor}{name}"
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Create a folder and those above it, unless it exists.

    Raises:
        OutputError: It can't be created.
    """
    with writing(path):
        path.mkdir(parents=True, exist_ok=True)


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a CSV with a header as text; lines end with LF."""
    return "".join(csv_line(row) for row in (header, *rows))


def csv_line(cells: Sequence[object]) -> str:
    """Return a row of a CSV (RFC 4180), which ends with LF."""
    text = io.StringIO()
    csv.writer(text).writerow(cells)  # ends with CR LF: otherwise a CR in a cell is not quoted
    return text.getvalue().removesuffix("\r\n") + "\n"


def synchronize(path: Path) -> None:
    """Write a file to the disk, which may report only then that it is full.

    Raises:
        OSError: The disk is full or fails.
    """
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _send(content: Path, place: Place) -> None:
    with content.open("rb") as source, place.open_stream() as stream:
        shutil.copyfileobj(source, stream)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Raise errors of the operating system as OutputError; not a closed pipe."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        kept = "the previous content is kept" if _is_kept(path) else ""
        raise write_error(path, error, kept) from error


def _is_kept(path: Path) -> bool:
    return os.path.isfile(path) or os.path.isdir(path)  # noqa: PTH113, PTH112 - no error where a folder is closed


def _mode_of(path: Path) -> int:
    """Return the permissions of a file, or those of a new one."""
    return path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()


def _umask() -> int:
    """The process's file mask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
