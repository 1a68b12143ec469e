"""Zip, tar, gzip, bzip2 and XZ files as containers: read as streams, never unpacked to disk."""

import bz2
import gzip
import io
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, cast

from mien.errors import DataError
from mien.limits import streamed_limit
from mien.media.archives.limited import LimitedStream
from mien.media.archives.members import (
    UNREADABLE,
    Container,
    Member,
    malformed_as,
    one_spelling,
    problem_of_name,
    without_repeats,
)
from mien.media.archives.tar import BoundedTar
from mien.media.archives.xz import open_xz
from mien.media.archives.zip_directory import check_directory, require_apart
from mien.media.archives.zip_entries import entries_of, require_small_dictionary


def _begins_with(path: Path, *magics: bytes) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(8).startswith(magics)


def _is_zip(path: Path) -> bool:
    return _begins_with(path, b"PK\x03\x04", b"PK\x05\x06")


@contextmanager
def _zip_members(path: Path) -> Iterator[list[Member]]:
    check_directory(path)
    with _opened_zip(path) as archive:
        with malformed_as(zipfile.BadZipFile):
            files = [info for info in entries_of(archive) if not info.is_dir()]
        require_apart(files)
        if any(info.flag_bits & 1 for info in files):
            raise DataError(f"{path}: the zip is encrypted; unpack it with its password and give the folder")
        yield sorted(
            without_repeats([_zip_member(archive, info) for info in files]), key=lambda item: item.path
        )


def _opened_zip(path: Path) -> zipfile.ZipFile:
    with malformed_as(zipfile.BadZipFile):
        return zipfile.ZipFile(path)


def _zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    name = info.filename.replace("\\", "/")
    problem = "a link, expected a file" if stat.S_ISLNK(info.external_attr >> 16) else problem_of_name(name)
    if info.file_size > streamed_limit(info.compress_size):
        problem = problem or f"{info.compress_size} bytes that unpack to {info.file_size}"
    return Member(one_spelling(name), info.file_size, partial(_open_in_zip, archive, info), problem)


def _open_in_zip(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    require_small_dictionary(archive, info)
    with malformed_as(zipfile.BadZipFile):
        return archive.open(info)


@contextmanager
def _opened_tar(path: Path) -> Iterator[BoundedTar]:
    """Open a tar, compressed or not."""
    openers = ((_is_gzip, gzip.open), (_is_bzip2, bz2.open), (_is_xz, open_xz))
    opener = next((found for recognizes, found in openers if recognizes(path)), None)
    limit = path.stat().st_size if opener is None else streamed_limit(path.stat().st_size)
    with (
        path.open("rb") if opener is None else cast(IO[bytes], opener(path)) as stream,
        BoundedTar(stream, limit + tarfile.BLOCKSIZE) as archive,
    ):
        yield archive


def _is_tar(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with _opened_tar(path):
            return True
    except UNREADABLE:
        return False


@contextmanager
def _tar_members(path: Path) -> Iterator[list[Member]]:
    """List the files of a tar, compressed or not, in the order in which they lie in it."""
    with _opened_tar(path) as archive:
        files = [info for info in archive.getmembers() if not info.isdir()]
        archive.require_end()
        yield without_repeats([_tar_member(archive, info) for info in files])


def _tar_member(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Member:
    problem = problem_of_name(info.name) if info.isreg() else "a link or device, expected a file"
    return Member(
        one_spelling(info.name), info.size, lambda: cast(IO[bytes], archive.extractfile(info)), problem
    )


def _streamed(path: Path, opener: Callable[[Path], Any]) -> IO[bytes]:
    """Open a compressed file; what is read is its content, within the limit."""
    limited = LimitedStream(opener(path), streamed_limit(path.stat().st_size))
    return cast(IO[bytes], io.BufferedReader(limited))


def _is_gzip(path: Path) -> bool:
    return _begins_with(path, b"\x1f\x8b")


@contextmanager
def _gzip_member(path: Path) -> Iterator[list[Member]]:
    """One compressed file, such as `fer2013.csv.gz`; its size is not known before it is read."""
    yield [Member(path.name.removesuffix(".gz"), 0, partial(_streamed, path, gzip.open))]


def _is_bzip2(path: Path) -> bool:
    return _begins_with(path, b"BZh")


@contextmanager
def _bzip2_member(path: Path) -> Iterator[list[Member]]:
    yield [Member(path.name.removesuffix(".bz2"), 0, partial(_streamed, path, bz2.open))]


def _is_xz(path: Path) -> bool:
    return _begins_with(path, b"\xfd7zXZ\0")


@contextmanager
def _xz_member(path: Path) -> Iterator[list[Member]]:
    yield [Member(path.name.removesuffix(".xz"), 0, partial(_streamed, path, open_xz))]


@contextmanager
def _plain_member(path: Path) -> Iterator[list[Member]]:
    yield [Member(path.name, path.stat().st_size, lambda: path.open("rb"))]


ZIP = Container("zip", _is_zip, _zip_members)
TAR = Container("tar", _is_tar, _tar_members)
GZIP = Container("gzip", _is_gzip, _gzip_member)
BZIP2 = Container("bzip2", _is_bzip2, _bzip2_member)
XZ = Container("xz", _is_xz, _xz_member)
PLAIN = Container("file", Path.is_file, _plain_member)
