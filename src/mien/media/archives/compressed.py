"""Zip, tar, gzip, bzip2 and XZ files as containers: read as streams, never unpacked to disk."""

import bz2
import gzip
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, cast

from mien.errors import DataError
from mien.media.archives.members import (
    Container,
    Member,
    malformed_as,
    one_spelling,
    problem_of_name,
    without_repeats,
)
from mien.media.archives.xz import open_xz
from mien.media.archives.zip_entries import entries_of


def _begins_with(path: Path, *magics: bytes) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(8).startswith(magics)


def _is_zip(path: Path) -> bool:
    return _begins_with(path, b"PK\x03\x04", b"PK\x05\x06")


@contextmanager
def _zip_members(path: Path) -> Iterator[list[Member]]:
    with _opened_zip(path) as archive:
        with malformed_as(zipfile.BadZipFile):
            files = [info for info in entries_of(archive) if not info.is_dir()]
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
    return Member(one_spelling(name), info.file_size, partial(_open_in_zip, archive, info), problem)


def _open_in_zip(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    with malformed_as(zipfile.BadZipFile):
        return archive.open(info)


def _is_tar(path: Path) -> bool:
    return path.is_file() and tarfile.is_tarfile(path)


@contextmanager
def _tar_members(path: Path) -> Iterator[list[Member]]:
    """List the files of a tar, compressed or not, in the order in which they lie in it."""
    with tarfile.open(path) as archive:
        files = [info for info in archive.getmembers() if not info.isdir()]
        _require_end(archive)
        yield without_repeats([_tar_member(archive, info) for info in files])


def _require_end(archive: tarfile.TarFile) -> None:
    """Check that a block of zeros ended the tar: tarfile takes a cut or damaged header for the end too.

    Reading to the very end also makes gzip compare its checksum.
    """
    stream = cast(IO[bytes], archive.fileobj)
    if stream.tell() < archive.offset + tarfile.BLOCKSIZE:
        raise tarfile.ReadError("its end is missing")
    while rest := stream.read(1 << 20):
        if rest.strip(b"\0"):
            raise tarfile.ReadError("a damaged header amid its files")


def _tar_member(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Member:
    problem = problem_of_name(info.name) if info.isreg() else "a link or device, expected a file"
    return Member(
        one_spelling(info.name), info.size, lambda: cast(IO[bytes], archive.extractfile(info)), problem
    )


def _is_gzip(path: Path) -> bool:
    return _begins_with(path, b"\x1f\x8b")


@contextmanager
def _gzip_member(path: Path) -> Iterator[list[Member]]:
    """One compressed file, such as `fer2013.csv.gz`; its size is not known before it is read."""
    yield [Member(path.name.removesuffix(".gz"), 0, cast(Callable[[], IO[bytes]], partial(gzip.open, path)))]


def _is_bzip2(path: Path) -> bool:
    return _begins_with(path, b"BZh")


@contextmanager
def _bzip2_member(path: Path) -> Iterator[list[Member]]:
    yield [Member(path.name.removesuffix(".bz2"), 0, cast(Callable[[], IO[bytes]], partial(bz2.open, path)))]


def _is_xz(path: Path) -> bool:
    return _begins_with(path, b"\xfd7zXZ\0")


@contextmanager
def _xz_member(path: Path) -> Iterator[list[Member]]:
    yield [Member(path.name.removesuffix(".xz"), 0, partial(open_xz, path))]


@contextmanager
def _plain_member(path: Path) -> Iterator[list[Member]]:
    yield [Member(path.name, path.stat().st_size, lambda: path.open("rb"))]


ZIP = Container("zip", _is_zip, _zip_members)
TAR = Container("tar", _is_tar, _tar_members)
GZIP = Container("gzip", _is_gzip, _gzip_member)
BZIP2 = Container("bzip2", _is_bzip2, _bzip2_member)
XZ = Container("xz", _is_xz, _xz_member)
PLAIN = Container("file", Path.is_file, _plain_member)
