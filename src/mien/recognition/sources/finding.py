"""From the arguments of a command to the items to recognize, in a stable order.

Cheap checks run first: an argument that refers to nothing is an error. Folders and archives are listed
while the items are consumed.
"""

import os
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from glob import glob, has_magic
from itertools import takewhile
from pathlib import Path
from typing import IO, Final

from mien.errors import DataError, ImageError
from mien.files.bounded import read_up_to
from mien.files.identify import ANNOTATED, ARRAYS, FACES, IMAGE, MANIFEST, VIDEO, Kind, identify, refusal
from mien.files.names import MAX_PATH, name_of_bytes
from mien.files.writing import as_path, nearest_path
from mien.limits import MAX_RECORD_BYTES, MAX_STREAM_BYTES
from mien.media.images.reading import IMAGE_SUFFIXES
from mien.media.images.sizes import declared_size
from mien.media.origin import is_annotated
from mien.media.video.source import VIDEO_SUFFIXES, is_stream, name_of
from mien.recognition.sources.archives import holds_images, images_in_zip, names_in_zip
from mien.recognition.sources.folders import images_in_folder
from mien.recognition.sources.inputs import Inputs, Part
from mien.recognition.sources.items import FaceTable, Failure, ImageItem, VideoItem

STDIN: Final = "-"

STDIN_NAME: Final = "stdin"
"""Source of an image from standard input, in results."""

TABLE_SUFFIXES: Final = frozenset(
    {".csv", ".tsv", ".npz", ".npy", ".zip", ".tar", ".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz"}
)
"""Suffixes of data sets of faces."""

EXPECTED: Final = "an image, a folder of images, a data set of faces or a video"
ACCEPTED: Final = (FACES, MANIFEST, ARRAYS, IMAGE, ANNOTATED, VIDEO)
"""Kinds of files that are inputs, beside those of unknown kind; annotated images only if they are named."""

_HEAD: Final = 1 << 16
"""Bytes that are read of a file of unknown suffix."""

_TABLE: Final = re.compile(
    rb"PK\x03\x04|\x1f\x8b|BZh|\xfd7zXZ\0|\x93NUMPY|(?:train|val|valid|validation|test)_\S+\.\w+[ \t]+\d",
    re.I,
)
"""First bytes of archives, arrays and label lists of RAF-DB."""

_VIDEO: Final = re.compile(
    rb".{4}ftyp(?!avi[fs]|hei|mif1)|RIFF.{4}AVI |\x1aE\xdf\xa3|FLV|OggS|\x00\x00\x01[\xb3\xba]", re.DOTALL
)
"""First bytes of videos."""

_CONTROL: Final = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Control characters: a list of paths has none of them."""


def find_inputs(words: Sequence[str], stdin: IO[bytes], *, exclude: Collection[Path] = ()) -> Inputs:
    """Return what the arguments of a command refer to, in their order.

    An argument is an image, a folder (all images below it), a video, a data set of faces (.csv, .tsv, .zip,
    .tar.gz, a label list of RAF-DB, or synthetic:COUNT), a zip of images, a pattern such as
    "photos/**/*.jpg", the address of a stream, the number of a webcam, or "-": one image, or the paths of
    inputs one per line (or separated by null bytes), from standard input. An existing path has precedence
    over all other meanings; a file of unknown suffix is recognized by its first bytes.

    Args:
        words: The arguments.
        stdin: Read if an argument is "-".
        exclude: Skip images below this folder in folders and patterns that contain it: the annotated
            images of this run. Images that mien annotated are always skipped.

    Raises:
        ImageError: An argument refers to nothing.
    """
    parts = (_piped(stdin, exclude) if word == STDIN else _parts(word, exclude) for word in words)
    return Inputs([part for some in parts for part in some])


def _parts(word: str, exclude: Collection[Path]) -> list[Part]:
    if not word:  # an unset shell variable; as a path it would be this folder
        raise ImageError("an empty name among the inputs; expected an image, a folder or a video")
    if is_stream(word) and not os.path.lexists(word):
        return [_video(word)]
    path = as_path(word, "input", ImageError)
    if path.is_char_device() or path.is_block_device():
        raise ImageError(
            f"{word}: a device, expected an image, a folder or a video; outputs follow -o", path=path
        )
    if path.exists():
        return [_existing(word, path, exclude)]
    if word.isascii() and word.isdecimal():
        return [_video(int(word))]
    if word.partition(":")[0] == "synthetic":
        return [_table(word)]
    if has_magic(word):
        return _matches(word, exclude)
    raise ImageError(f"{word}: no such file or folder{_near(path)}", path=path)


def _existing(word: str, path: Path, exclude: Collection[Path]) -> Part:
    kind = _kind_of(path)
    if kind is not None and kind not in ACCEPTED:
        return _image(Failure(word, refusal(word, kind, EXPECTED)), path)
    if path.is_dir():
        return Part("images", partial(images_in_folder, word, exclude), folder=path)
    return _file(word)


def _kind_of(path: Path) -> Kind | None:
    """Return what a file or folder is; files named as images are not opened twice."""
    return IMAGE if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file() else identify(path)


def _image(item: ImageItem | Failure, path: Path | None) -> Part:
    return Part("images", lambda wanted: (item,) if wanted(item.source) else (), path)


def _video(source: str | int, path: Path | None = None) -> Part:
    return Part("video", lambda wanted: (VideoItem(source),) if wanted(name_of(source)) else (), path)


def _table(source: str, path: Path | None = None) -> Part:
    return Part("faces", lambda wanted: (FaceTable(source, wanted),), path)


def _file(name: str) -> Part:
    suffix = Path(name).suffix.lower()
    if suffix in IMAGE_SUFFIXES:
        return _image(ImageItem(name, name), Path(name))
    if suffix in VIDEO_SUFFIXES:
        return _video(name, Path(name))
    if suffix in TABLE_SUFFIXES:
        return _archive(name)
    return _by_content(name)


def _archive(name: str) -> Part:
    path = Path(name)
    try:
        if not holds_images(path):
            return _table(name, path)
    except DataError as error:
        return _image(Failure(name, str(error)), path)
    names = partial(names_in_zip, path)
    return Part("images", partial(images_in_zip, path), path, listed=False, names=names)


def _by_content(name: str) -> Part:
    """Return a file of unknown suffix by its first bytes; as an image if they are unknown, too."""
    path = Path(name)
    head = b""
    if path.is_file() and os.access(path, os.R_OK):
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    if _TABLE.match(head):
        return _archive(name)
    return _video(name, path) if _VIDEO.match(head) else _image(ImageItem(name, name), path)


def _matches(pattern: str, exclude: Collection[Path]) -> list[Part]:
    """Return the files that match; folders are not entered, since `**` matches what is in them."""
    known = IMAGE_SUFFIXES | VIDEO_SUFFIXES | TABLE_SUFFIXES
    paths = map(Path, sorted(glob(pattern, recursive=True)))  # noqa: PTH207 - that of Path needs a folder
    files = (path for path in paths if path.suffix.lower() in known and path.is_file())
    # A folder that contains the pattern's is entered: the annotated images are beside the images.
    out = [folder for folder in exclude if _is_below(folder, _root(pattern))]
    own = (path for path in files if not any(_is_below(path, folder) for folder in out))
    root = _root(pattern)
    found = [replace(_file(str(path)), folder=root) for path in own if not is_annotated(path)]
    if not found:
        raise ImageError(f"{pattern}: matches no image, video or data set of faces")
    return found


def _root(pattern: str) -> Path:
    """Return the folder below which all matches are."""
    return Path(*takewhile(lambda part: not has_magic(part), Path(pattern).parts))


def _is_below(path: Path, folder: Path) -> bool:
    return folder.resolve() in path.resolve().parents


def _piped(stdin: IO[bytes], exclude: Collection[Path]) -> list[Part]:
    content = read_up_to(stdin, MAX_STREAM_BYTES + 1)
    if not content.strip(b"\0 \t\r\n"):
        raise ImageError("standard input is empty; expected an image, or paths, one per line")
    end = "\0" if b"\0" in content else "\r?\n"
    first = re.split(end, name_of_bytes(content[:MAX_PATH]), maxsplit=1)[0]
    is_list = os.path.lexists(first) or not _CONTROL.search(content)
    if declared_size(content) is not None or not is_list:
        return [_image(ImageItem(STDIN_NAME, content), None)]
    if len(content) > MAX_RECORD_BYTES:
        raise ImageError(f"standard input: over {MAX_RECORD_BYTES >> 20} MB of paths; give a folder instead")
    names = re.split(end, name_of_bytes(content))
    return [part for name in names if name for part in _parts(name, exclude)]


def _near(path: Path) -> str:
    if not path.parent.exists():
        return f"; there is no folder {path.parent}"
    near = nearest_path(path)
    return f" (did you mean {near}?)" if near else ""
