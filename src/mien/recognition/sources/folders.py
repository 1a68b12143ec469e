"""The images below a folder, in a stable order."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from mien.media.images.reading import IMAGE_SUFFIXES
from mien.media.origin import is_annotated
from mien.recognition.sources.items import Failure, ImageItem, Wanted, every_source

_Identity = tuple[int, int]
"""Device and inode: the identity of a folder, by whatever path it is reached."""


def images_in_folder(
    folder: str, exclude: Collection[Path] = (), wanted: Wanted = every_source
) -> Iterator[ImageItem | Failure]:
    """Yield the images below a folder by name, each folder's own first; a failure if there are none.

    Links are followed and each folder is entered once, so that circular links do no harm. Hidden files
    and folders, files without the suffix of an image, and images that mien annotated are skipped.

    Args:
        folder: Its path; the names of its images begin with it.
        exclude: Folders below it that are not entered, such as that of the annotated images.
        wanted: Which images are requested; the others are not opened.
    """
    root = Path(folder).resolve()
    # A folder that contains this one is entered: the annotated images are beside the images.
    out = {path.resolve() for path in exclude} - {root, *root.parents}
    found = False

    def chosen(source: str) -> bool:
        nonlocal found
        is_chosen = wanted(source)
        found = found or not is_chosen
        return is_chosen

    for item in _below(Path(folder), set(), out, chosen):
        found = True
        yield item
    if not found and wanted(folder):
        yield Failure(folder, f"{folder}: a folder without images")


def _below(
    folder: Path, seen: set[_Identity], exclude: Collection[Path], wanted: Wanted
) -> Iterator[ImageItem | Failure]:
    if exclude and folder.resolve() in exclude:
        return
    try:
        status = folder.stat()
        entries = sorted(_listed(folder), key=lambda entry: entry.name)
    except OSError as error:
        if wanted(str(folder)):
            yield Failure(str(folder), f"{folder}: can't read this folder ({error.strerror})")
        return
    if (status.st_dev, status.st_ino) in seen:
        return
    seen.add((status.st_dev, status.st_ino))
    for entry in entries:
        if _is_image(entry) and wanted(entry.path) and not is_annotated(Path(entry.path)):
            yield ImageItem(entry.path, entry.path)
    for entry in entries:
        if _is_folder(entry):
            yield from _below(Path(entry.path), seen, exclude, wanted)


def _listed(folder: Path) -> list["os.DirEntry[str]"]:
    with os.scandir(folder) as listing:
        return [entry for entry in listing if not entry.name.startswith(".")]


def _is_image(entry: "os.DirEntry[str]") -> bool:
    """Whether to yield an entry: pipes and devices are skipped, since reading them may never end."""
    if Path(entry.name).suffix.lower() not in IMAGE_SUFFIXES:
        return False
    path = Path(entry.path)
    return entry.is_file(follow_symlinks=False) or (
        entry.is_symlink() and (path.is_file() or not path.exists())
    )


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    return Path(entry.path).is_dir() if entry.is_symlink() else entry.is_dir()
