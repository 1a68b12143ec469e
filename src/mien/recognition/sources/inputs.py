"""What the arguments of a command refer to: parts that list their items, and all of them as one sequence."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Literal

from mien.media.images.reading import IMAGE_SUFFIXES
from mien.media.video.source import name_of
from mien.recognition.sources.items import (
    FaceTable,
    Failure,
    ImageItem,
    Item,
    VideoItem,
    Wanted,
    every_source,
)


@dataclass(frozen=True)
class Part:
    """What one argument refers to.

    Attributes:
        kind: What it consists of.
        items: Lists what is requested of it; may be called again.
        path: The file that is read, if it is a file.
        folder: The folder that the argument refers to, or that all matches of a pattern are in.
        listed: Whether listing it is cheap.
        names: Lists the names of its items, where that is cheaper than listing the items.
    """

    kind: Literal["images", "faces", "video"]
    items: Callable[[Wanted], Iterable[Item]]
    path: Path | None = None
    folder: Path | None = None
    listed: bool = True
    names: Callable[[Wanted], Iterable[str]] | None = None

    def names_or_tables(self, wanted: Wanted) -> Iterator["str | FaceTable"]:
        """Yield the names of its items; data sets of faces, whose names are those of their rows."""
        if self.names is not None:
            yield from self.names(wanted)
            return
        for item in self.items(wanted):
            yield item if isinstance(item, FaceTable) else _name_of(item)


def _name_of(item: ImageItem | VideoItem | Failure) -> str:
    return name_of(item.source) if isinstance(item, VideoItem) else item.source


class Inputs:
    """All items to recognize, in order.

    Args:
        parts: What the arguments refer to.
        wanted: Which of them are requested; all by default.
    """

    def __init__(self, parts: Sequence[Part], wanted: Wanted = every_source) -> None:
        self._parts = parts
        self._wanted = wanted

    def __iter__(self) -> Iterator[Item]:
        return chain.from_iterable(part.items(self._wanted) for part in self._parts)

    def where(self, wanted: Wanted) -> "Inputs":
        """Return the inputs whose names are wanted; the others are not opened."""
        return Inputs(self._parts, wanted)

    def names(self, wanted: Wanted) -> Iterator[str | FaceTable]:
        """Yield the names of all inputs that are wanted, in their order, without reading images."""
        return chain.from_iterable(part.names_or_tables(wanted) for part in self._parts)

    @property
    def needs_detector(self) -> bool:
        """Whether any item is not a cropped face already."""
        return any(part.kind != "faces" for part in self._parts)

    @cached_property
    def files(self) -> frozenset[Path]:
        """The files among the arguments, resolved; those in folders are not included."""
        return frozenset(part.path.resolve() for part in self._parts if part.path is not None)

    @cached_property
    def roots(self) -> tuple[list[Path], list[Path]]:
        """Folders, and files in none of them, among the arguments: sources are named relative to these."""
        folders = dict.fromkeys(part.folder for part in self._parts if part.folder is not None)
        files = [part.path for part in self._parts if part.path is not None and part.folder is None]
        return list(folders), files

    def contains(self, path: Path) -> bool:
        """Return whether a file is one of the inputs, by whatever name."""
        place = path.resolve()
        if place in self.files:
            return True
        if not path.exists() or path.suffix.lower() not in IMAGE_SUFFIXES:
            return False
        folders = (part for part in self._parts if part.path is None and part.kind == "images")
        return any(
            Path(str(item.source)).resolve() == place for part in folders for item in part.items(every_source)
        )

    @property
    def videos(self) -> int:
        """Number of videos."""
        return sum(part.kind == "video" for part in self._parts)

    def count(self) -> int:
        """Return the number of images, as far as counting them is cheap."""
        listed = (part for part in self._parts if part.kind == "images" and part.listed)
        return sum(1 for part in listed for _ in part.items(self._wanted))
