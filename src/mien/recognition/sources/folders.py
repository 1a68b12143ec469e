"""The pictures below a folder, in a stable order."""

import os
from collections.abc import Iterator
from pathlib import Path

from mien.media.images.reading import IMAGE_SUFFIXES
from mien.media.origin import is_annotated
from mien.recognition.sources.items import Failure, Picture

_Identity = tuple[int, int]
"""Device and inode: what a folder is, however it was come by."""


def pictures_in_folder(folder: str, apart: Path | None = None) -> Iterator[Picture | Failure]:
    """Yield the pictures below a folder by name, each folder's own first; or that there are none.

    Links are followed and each folder is entered once, so that links in a circle do no harm. Hidden
    files and folders, files that are no pictures by their suffix, and what mien drew are left out.

    Args:
        folder: Its path; names of pictures begin as it does.
        apart: A folder below it that is not entered, as that of the drawings that are being made.
    """
    out = apart and apart.resolve()
    if out and out in (root := Path(folder).resolve(), *root.parents):
        out = None  # the drawings lie beside the pictures
    found = False
    for item in _below(Path(folder), set(), out):
        found = True
        yield item
    if not found:
        yield Failure(folder, f"{folder}: a folder without pictures")


def _below(folder: Path, seen: set[_Identity], apart: Path | None) -> Iterator[Picture | Failure]:
    if apart is not None and folder.resolve() == apart:
        return
    try:
        status = folder.stat()
        entries = sorted(_listed(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield Failure(str(folder), f"{folder}: a folder that can't be read ({error.strerror})")
        return
    if (status.st_dev, status.st_ino) in seen:
        return
    seen.add((status.st_dev, status.st_ino))
    for entry in entries:
        if _is_picture(entry) and not is_annotated(Path(entry.path)):
            yield Picture(entry.path, entry.path)
    for entry in entries:
        if _is_folder(entry):
            yield from _below(Path(entry.path), seen, apart)


def _listed(folder: Path) -> list["os.DirEntry[str]"]:
    with os.scandir(folder) as listing:
        return [entry for entry in listing if not entry.name.startswith(".")]


def _is_picture(entry: "os.DirEntry[str]") -> bool:
    """Pipes and devices are left out, since reading them may never end; broken links are not."""
    if Path(entry.name).suffix.lower() not in IMAGE_SUFFIXES:
        return False
    path = Path(entry.path)
    return entry.is_file(follow_symlinks=False) or (
        entry.is_symlink() and (path.is_file() or not path.exists())
    )


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    return Path(entry.path).is_dir() if entry.is_symlink() else entry.is_dir()
