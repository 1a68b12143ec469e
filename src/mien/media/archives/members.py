"""Members: what folders and archives have in common, so that what reads faces sees only these.

A container (folder, zip, tar, plain file) lists its members once; nothing is unpacked to disk.
"""

import gzip
import lzma
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO

from mien.errors import DataError

DAMAGED = (
    zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, struct.error, EOFError
)  # fmt: skip
"""What the standard library raises for a broken or cut-off archive."""

MALFORMED = (ValueError, ArithmeticError, LookupError, TypeError, RuntimeError, MemoryError)
"""What it raises for values in a damaged archive that it does not check: names, numbers, lengths."""

UNREADABLE = (*DAMAGED, *MALFORMED, OSError)
"""What opening or reading a member can raise through no fault of ours."""

_BREAKING = {"Cc", "Zl", "Zp"}
"""Unicode categories of control characters and line separators."""

_LEFT_OUT = {"thumbs.db", "desktop.ini"}
_NOT_FACES = {
    ".csv", ".tsv", ".txt", ".md", ".json", ".xml", ".html", ".pdf", ".bib", ".yaml", ".yml", ".py", ".ipynb"
}  # fmt: skip


@dataclass(frozen=True)
class Member:
    """One file of a container.

    Attributes:
        path: Its path below the root, with "/" between the parts.
        size: Its size in bytes, as the container declares it.
        open: Opens it for reading.
        problem: Why it must not be read; empty if it may.
        target: Path below the root of the file that it is a link to; empty if it is no link.
    """

    path: str
    size: int
    open: Callable[[], IO[bytes]]
    problem: str = ""
    target: str = ""


@dataclass(frozen=True)
class Container:
    """A kind of thing that holds files.

    Attributes:
        name: What messages call it.
        recognizes: Whether the content of a path is of this kind.
        members: Opens it, and lists its members as long as it is open.
    """

    name: str
    recognizes: Callable[[Path], bool]
    members: Callable[[Path], AbstractContextManager[list[Member]]]


def is_hidden(path: str) -> bool:
    """Whether a file is hidden, as systems leave them in folders and archives."""
    return any(
        (part.startswith(".") and part != "..") or part == "__MACOSX" for part in PurePosixPath(path).parts
    )


def is_noise(path: str) -> bool:
    """Whether a file is one that systems and people leave beside their images."""
    name = PurePosixPath(path).name.lower()
    return is_hidden(path) or name in _LEFT_OUT or PurePosixPath(name).suffix in _NOT_FACES


def problem_of_name(path: str) -> str:
    """Why the name of an archive's member is not to be trusted, or an empty string."""
    if path.startswith("/") or path[1:2] == ":":
        return "an absolute path, expected one below the archive's root"
    if ".." in path.split("/"):
        return "its path leads out of the archive"
    return problem_of_text(path)


def problem_of_text(path: str) -> str:
    """Why a path can't be written into reports, or an empty string.

    Folders are classes, which must be printable. Names of files are shown with escape sequences; only control
    characters and line breaks are refused. Phones and screenshots put special spaces and marks into names.
    """
    folder, _, name = path.rpartition("/")
    if folder.isprintable() and not any(unicodedata.category(sign) in _BREAKING for sign in name):
        return ""
    return "a name with unprintable characters, or not in UTF-8"


def one_spelling(path: str) -> str:
    """Return a member's path without "./" and "//", and with what can't be encoded escaped."""
    return PurePosixPath(path).as_posix().encode("utf-8", "backslashreplace").decode()


def without_repeats(members: Sequence[Member]) -> list[Member]:
    """Return the members, each that has the path of an earlier one marked with a problem."""
    seen: set[str] = set()
    result = []
    for member in members:
        repeated = member.path in seen and not member.problem
        result.append(replace(member, problem="a second file of the same name") if repeated else member)
        seen.add(member.path)
    return result


@contextmanager
def named_damage(path: Path) -> Iterator[None]:
    """Turn the errors of reading `path` into ones that say what to do.

    Raises:
        DataError: The file is damaged, cut off, or can't be read.
    """
    try:
        yield
    except DAMAGED as error:
        raise DataError(f"{path}: damaged or cut off ({error}); download or copy it again") from error
    except NotImplementedError as error:
        raise DataError(f"{path}: packed in a way that can't be read ({error}); pack it again") from error
    except OSError as error:
        raise DataError(f"{path}: can't be read ({_plainly(error)})") from error


@contextmanager
def malformed_as(kind: type[Exception]) -> Iterator[None]:
    """Raise `kind`, one of `DAMAGED`, for what malformed values make the standard library raise.

    Only around its calls: elsewhere such an exception is a defect.
    """
    try:
        yield
    except NotImplementedError:  # a way of packing that it doesn't know
        raise
    except MALFORMED as error:
        raise kind(f"a malformed header: {error}") from error


def _plainly(error: OSError) -> str:
    """What an error of the operating system says, with the file if it was another one."""
    return f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)
