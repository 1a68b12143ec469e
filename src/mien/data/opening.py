"""From a path to the files of a source and the reader that recognizes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from mien.data.readers import READERS
from mien.data.readers.base import Reader, SourceFiles
from mien.data.readers.csv_header import repeated_column
from mien.data.readers.pixels import shown
from mien.errors import DataError
from mien.files.identify import ARRAYS, FACES, MANIFEST, kind_of, refusal, require_kind
from mien.files.writing import nearest_path
from mien.media.archives.compressed import BZIP2, GZIP, PLAIN, TAR, XZ, ZIP
from mien.media.archives.folder import FOLDER
from mien.media.archives.members import Container

CONTAINERS: Final[tuple[Container, ...]] = (FOLDER, ZIP, TAR, GZIP, BZIP2, XZ, PLAIN)
"""What contains files; the first that recognizes a path opens it."""

SINGLE_FILES: Final = (GZIP, BZIP2, XZ, PLAIN)
"""Containers of one file."""

EXPECTED: Final = "a data set of faces"

ACCEPTED: Final = (FACES, MANIFEST, ARRAYS)
"""The kinds of files that are data sets; those of unknown kind are recognized by the readers."""


def existing_source(path: Path) -> Path:
    """Return the path of a source.

    Raises:
        DataError: There is neither a file nor a folder.
    """
    if path.is_file() or path.is_dir():
        return path
    if path.exists():
        raise DataError(f"{path}: neither a file nor a folder, expected a source of faces")
    near = nearest_path(path)
    hint = f"did you mean {near}?" if near else "give a file, a folder, synthetic:COUNT, or kaggle"
    raise DataError(f"{path}: no such file or folder; {hint}")


@contextmanager
def opened_source(path: Path) -> Iterator[SourceFiles]:
    """Yield the files of a folder, an archive or a single file, which are closed at the end."""
    container = container_of(path)
    with container.members(path) as members:
        yield SourceFiles(path, members, single=container in SINGLE_FILES)


def container_of(path: Path) -> Container:
    """Return the kind of container that a path is."""
    return next(kind for kind in CONTAINERS if kind.recognizes(path))


def reader_of(source: SourceFiles) -> Reader:
    """The first reader that recognizes a source.

    Raises:
        DataError: There is none.
    """
    plugins = READERS.plugins()
    readers = sorted(READERS.loadable(), key=lambda item: item[0] not in plugins)
    for name, reader in readers:
        if name not in plugins:
            _refuse_other_kinds(source)
        if reader.recognizes(source):
            return reader
    raise DataError(_unknown(source))


def _refuse_other_kinds(source: SourceFiles) -> None:
    """Refuse a file or folder that is no data set, such as a result of mien, compressed or not."""
    require_kind(source.path, EXPECTED, ACCEPTED, DataError)
    kind = kind_of(source.head(source.members[0])) if source.single else None
    if kind is not None and kind not in ACCEPTED:
        raise DataError(refusal(source.path, kind, EXPECTED), path=source.path, expected=EXPECTED)


def _unknown(source: SourceFiles) -> str:
    head = source.head(source.members[0])
    if not head.strip():
        return f"{source.path}: an empty file, expected faces"
    repeated = repeated_column(head)
    if repeated:
        return f"{source.path}: the column {repeated!r} is there twice; remove one"
    first = shown(head.splitlines()[0])
    return (
        f"{source.path}: not a source of faces: it begins with {first}, expected a CSV with the columns "
        "emotion, pixels, Usage, a manifest with the columns path, label, an archive (.zip, .tar.gz) of "
        "either, or images in folders by class"
    )
