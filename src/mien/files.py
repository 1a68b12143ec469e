"""Atomic writing: a reader sees the old file or the whole new one, never a half.

Every file mien makes goes through here: temporary file beside the target, fsync, rename.
"""

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from mien.errors import MienError
from mien.temporaries import temporary_file, temporary_folder
from mien.text import is_utf8, utf8

MAX_NAME_BYTES: Final = 255
"""Bytes of the name of a file; Linux, macOS and Windows take no more."""

MAX_PATH_BYTES: Final = 4095
"""Bytes of a path, on Linux."""


@contextmanager
def replacing(path: Path, *, parents: bool = True) -> Iterator[Path]:
    """Yield a temporary path in the folder of `path`, and move it onto `path` on success.

    Args:
        path: The file.
        parents: Make the folder if it doesn't exist; otherwise it is an error.

    Raises:
        MienError: The folder can't be written to.
    """
    with ExitStack() as stack:
        try:
            if parents:
                path.parent.mkdir(parents=True, exist_ok=True)
            temporary = stack.enter_context(temporary_file(path))
        except OSError as error:
            raise MienError(f"{path}: can't write there ({error.strerror}); choose another place") from error
        try:
            yield temporary
            _sync(temporary)
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(path)
        except OSError as error:
            raise MienError(f"{path}: can't write it ({error.strerror or error})") from error


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Yield a new temporary folder beside `path`, and move it onto `path` on success.

    Whatever was at `path` is gone then; before that, and after a failure, it is untouched.

    Raises:
        MienError: The folder can't be written to.
    """
    path = path.absolute()
    with ExitStack() as stack:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = stack.enter_context(temporary_folder(path))
        except OSError as error:
            raise MienError(f"{path}: can't write there ({error.strerror}); choose another place") from error
        new = temporary / "new"
        try:
            new.mkdir()
            yield new
            if path.exists():
                path.rename(temporary / "old")
            new.rename(path)
        except OSError as error:
            raise MienError(f"{path}: can't write it ({error.strerror or error})") from error


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
    write_text(path, "".join(_csv_line(row) for row in (header, *rows)))


def as_path(value: object, what: str, error: type[MienError] = MienError) -> Path:
    """Return a path that the operating system can take; whether there is a file is another question.

    Args:
        value: A path or its text.
        what: What it is the path of, for the error.
        error: What to raise.

    Raises:
        MienError: Of the type `error`: it is of another type, or no file can have that name.
    """
    if not isinstance(value, str | os.PathLike):
        raise error(f"{what} of type {type(value).__name__}, expected a path")
    path = Path(os.fsdecode(value))
    try:
        name = os.fsencode(path)
    except UnicodeEncodeError as problem:
        raise error(
            f"{path}: {what}, a path with characters that no file name can have", path=path
        ) from problem
    if b"\0" in name:
        raise error(f"{path}: {what}, a path with a null byte, which no file name can have", path=path)
    longest = max(map(len, name.split(os.fsencode(os.sep))))
    if longest > MAX_NAME_BYTES or len(name) > MAX_PATH_BYTES:
        raise error(
            f"{path}: {what}, a path of {len(name)} bytes with a name of {longest}; systems take names of "
            f"{MAX_NAME_BYTES}",
            path=path,
        )
    return path


@contextmanager
def openable(path: Path) -> Iterator[str]:
    """Yield a name of an existing file for libraries that take only names in UTF-8, such as safetensors.

    Where the path is not UTF-8, the name is relative to an open descriptor: of its folder, so that libraries
    can replace the file, or if its own name is not UTF-8, of the file.
    """
    if is_utf8(os.fspath(path)):
        yield os.fspath(path)
        return
    name = f"/{path.name}" if is_utf8(path.name) else ""
    descriptor = os.open(path.parent if name else path, os.O_RDONLY)
    try:
        yield f"/dev/fd/{descriptor}{name}"
    finally:
        os.close(descriptor)


def require_folder(path: Path) -> None:
    """Check that `path` is a folder or can become one.

    Raises:
        MienError: `path`, or a folder above it, is a file.
    """
    existing = next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())
    if not existing.is_dir():
        name = path if existing == path.absolute() else existing
        raise MienError(f"{name} is a file; expected a folder")


def _csv_line(cells: Sequence[object]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)  # ends with CR LF: otherwise a CR in a cell is not quoted
    return text.getvalue().removesuffix("\r\n") + "\n"


def _sync(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _umask() -> int:
    """The process's file mask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
