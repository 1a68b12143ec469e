"""From the words of a command line to what there is to look at, in a stable order.

What costs little is checked before work begins: a word that stands for nothing is an error. What
lies inside folders and archives is listed as the work goes on.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, partial
from glob import glob, has_magic
from itertools import chain, takewhile
from pathlib import Path
from typing import IO, Final, Literal

from mien.errors import DataError, ImageError
from mien.limits import MAX_STREAM_BYTES
from mien.media.images.reading import IMAGE_SUFFIXES
from mien.media.images.sizes import declared_size
from mien.media.origin import is_annotated
from mien.media.video.capture import is_stream
from mien.recognition.sources.archives import holds_pictures, pictures_in_zip
from mien.recognition.sources.folders import pictures_in_folder
from mien.recognition.sources.items import FaceTable, Failure, Item, Picture, Video

STDIN: Final = "-"

STDIN_NAME: Final = "stdin"
"""What results call a picture from standard input."""

VIDEO_SUFFIXES: Final = frozenset(
    {".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".ts", ".mts"}
    | {".m2ts", ".ogv", ".vob", ".mjpeg", ".mjpg"}
)
"""What videos end with."""

TABLE_SUFFIXES: Final = frozenset({".csv", ".zip", ".tar", ".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz"})
"""What sets of faces end with."""

_TABLE: Final = re.compile(rb"PK\x03\x04|\x1f\x8b")
_HEAD: Final = 1 << 16
_VIDEO: Final = re.compile(
    rb".{4}ftyp(?!avi[fs]|hei|mif1)|RIFF.{4}AVI |\x1aE\xdf\xa3|FLV|OggS|\x00\x00\x01[\xb3\xba]", re.DOTALL
)
"""How archives and videos begin whose names don't tell."""

_CONTROL: Final = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Part:
    """What one word stands for.

    Attributes:
        kind: What it consists of.
        items: Lists it; may be called again.
        path: The file that is read, if it is one.
        listed: Whether listing it costs little.
    """

    kind: Literal["pictures", "faces", "video"]
    items: Callable[[], Iterable[Item]]
    path: Path | None = None
    listed: bool = True


class Inputs:
    """All that there is to look at, in order.

    Args:
        parts: What the words stand for.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[Item]:
        return chain.from_iterable(part.items() for part in self._parts)

    @property
    def searched(self) -> bool:
        """Whether there is anything that must be searched for faces."""
        return any(part.kind != "faces" for part in self._parts)

    @cached_property
    def files(self) -> frozenset[Path]:
        """The files that were named, resolved; those in folders are not among them."""
        return frozenset(part.path.resolve() for part in self._parts if part.path is not None)

    def read(self, path: Path) -> bool:
        """Whether a file is among what is read, by whatever name."""
        place = path.resolve()
        if place in self.files:
            return True
        if not path.exists() or path.suffix.lower() not in IMAGE_SUFFIXES:
            return False
        folders = (part for part in self._parts if part.path is None and part.kind == "pictures")
        return any(Path(str(item.source)).resolve() == place for part in folders for item in part.items())

    @property
    def videos(self) -> int:
        """How many videos there are."""
        return sum(part.kind == "video" for part in self._parts)

    def count(self) -> int:
        """Return how many pictures there are, as far as this can be had for little."""
        listed = (part for part in self._parts if part.kind == "pictures" and part.listed)
        return sum(1 for part in listed for _ in part.items())


def find_inputs(words: Sequence[str], stdin: IO[bytes], *, apart: Path | None = None) -> Inputs:
    """Return what the words of a command line stand for, in their order.

    A word is a picture, a folder (all pictures below it), a video, a set of faces (.csv, .zip,
    .tar.gz, or synthetic:N), a zip of pictures, a pattern such as "photos/**/*.jpg", the address of a
    stream, the number of a webcam, or "-": one picture, or the paths of inputs one a line (or
    separated by null bytes), from standard input. What lies at a path comes before all other
    meanings, and a file of unknown suffix is told by how it begins.

    Args:
        words: As the shell hands them over.
        stdin: Is read where a word is "-".
        apart: What lies below this folder is left out of folders and patterns, if the folder is below
            theirs; for what is being drawn is not to be looked at next. Drawings always are left out.

    Raises:
        ImageError: A word stands for nothing.
    """
    parts = (_piped(stdin, apart) if word == STDIN else _parts(word, apart) for word in words)
    return Inputs([part for some in parts for part in some])


def _parts(word: str, apart: Path | None) -> list[Part]:
    path = Path(word)
    if not word:  # as of a shell's variable without a value; a path would take it for this folder
        raise ImageError("an empty name among the inputs; expected a picture, a folder or a video")
    if path.is_dir():
        return [Part("pictures", partial(pictures_in_folder, word, apart))]
    if path.exists():
        return [_file(word)]
    if word.isascii() and word.isdecimal():
        return [_video(int(word))]
    if is_stream(word):
        return [_video(word)]
    if word.partition(":")[0] == "synthetic":
        return [_table(word)]
    if has_magic(word):
        return _matches(word, apart)
    raise ImageError(f"{word}: no such file or folder{_near(path)}")


def _picture(item: Picture | Failure, path: Path | None) -> Part:
    return Part("pictures", lambda: (item,), path)


def _video(source: str | int, path: Path | None = None) -> Part:
    return Part("video", lambda: (Video(source),), path)


def _table(source: str, path: Path | None = None) -> Part:
    return Part("faces", lambda: (FaceTable(source),), path)


def _file(name: str) -> Part:
    suffix = Path(name).suffix.lower()
    if suffix in IMAGE_SUFFIXES:
        return _picture(Picture(name, name), Path(name))
    if suffix in VIDEO_SUFFIXES:
        return _video(name, Path(name))
    if suffix in TABLE_SUFFIXES:
        return _archive(name)
    return _told_by_content(name)


def _archive(name: str) -> Part:
    path = Path(name)
    try:
        if not holds_pictures(path):
            return _table(name, path)
    except DataError as error:
        return _picture(Failure(name, str(error)), path)
    return Part("pictures", partial(pictures_in_zip, path), path, listed=False)


def _told_by_content(name: str) -> Part:
    """Whatever is unknown counts as a picture: reading it will say what is wrong with it."""
    path = Path(name)
    head = b""
    if path.is_file() and os.access(path, os.R_OK):
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    if _TABLE.match(head):
        return _archive(name)
    return _video(name, path) if _VIDEO.match(head) else _picture(Picture(name, name), path)


def _matches(pattern: str, apart: Path | None) -> list[Part]:
    """Folders among the matches are not entered: `**` lists what is in them, too."""
    known = IMAGE_SUFFIXES | VIDEO_SUFFIXES | TABLE_SUFFIXES
    paths = map(Path, sorted(glob(pattern, recursive=True)))  # noqa: PTH207 - Path's needs a folder apart
    files = (path for path in paths if path.suffix.lower() in known and path.is_file())
    if apart is not None and not _is_below(apart, _root(pattern)):
        apart = None  # the drawings lie beside the pictures
    own = (path for path in files if apart is None or not _is_below(path, apart))
    found = [_file(str(path)) for path in own if not is_annotated(path)]
    if not found:
        raise ImageError(f"{pattern}: matches no picture, video or set of faces")
    return found


def _root(pattern: str) -> Path:
    """The folder below which all matches are."""
    return Path(*takewhile(lambda part: not has_magic(part), Path(pattern).parts))


def _is_below(path: Path, folder: Path) -> bool:
    return folder.resolve() in path.resolve().parents


def _piped(stdin: IO[bytes], apart: Path | None) -> list[Part]:
    content = stdin.read(MAX_STREAM_BYTES + 1)
    if not content.strip():
        raise ImageError("standard input is empty; expected a picture, or paths one a line")
    if declared_size(content) is not None or _CONTROL.search(content):
        return [_picture(Picture(STDIN_NAME, content), None)]
    names = re.split("\0" if b"\0" in content else "\r?\n", os.fsdecode(content))
    return [part for name in names if name for part in _parts(name, apart)]


def _near(path: Path) -> str:
    try:
        names = [neighbor.name for neighbor in path.parent.iterdir()]
    except OSError:
        return "" if path.parent.exists() else f"; there is no folder {path.parent}"
    near = get_close_matches(path.name, names, n=1)
    return f" (did you mean {path.with_name(near[0])}?)" if near else ""
