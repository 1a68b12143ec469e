"""Names of files that are written for the sources of results: annotated images and videos, crops."""

import os
from collections.abc import Collection, Sequence
from itertools import count
from pathlib import PurePath
from types import ModuleType

from mien.files.names import fitting_name, portable_name

_Parts = tuple[str, ...]


class SourceNames:
    """The shortest distinct names of sources, relative to the folder that files are written to.

    The images of one folder are named relative to it. The files and folders among several arguments keep
    as many folders of their paths as make all names distinct: `x/a/1.jpg` and `x/b/1.jpg` become `a/1.jpg`
    and `b/1.jpg`, `x/a/1.jpg` and `x/b/2.jpg` become `1.jpg` and `2.jpg`. A source that is below none of
    the arguments keeps its path below the working directory, or else its file name.

    Args:
        folders: Arguments that contain sources.
        files: Arguments that are a source or, as archives and tables, contain sources.
        system: The paths of the operating system: `posixpath` or `ntpath`.
    """

    def __init__(
        self,
        folders: Collection[PurePath] = (),
        files: Collection[PurePath] = (),
        system: ModuleType = os.path,
    ) -> None:
        self._system = system
        inside = self._unique(folders)
        beside = [path for path in self._unique(files) if path not in inside]
        if len(inside) == 1 and not beside:
            self._names: dict[str, _Parts] = {inside[0]: ()}
        else:
            self._names = self._shortest([*inside, *beside])

    def name(self, source: str) -> PurePath:
        """Return the relative path of a source, of names that all systems take."""
        parts = [PurePath(portable_name(part)) for part in self._parts(source)]
        return PurePath(*(fitting_name(part.stem, part.suffix) for part in parts) if parts else ["image"])

    def _parts(self, source: str) -> Sequence[str]:
        if "://" in source:
            return [part for part in source.split("/") if part]
        path = self._system.abspath(source)
        for end in self._ends(path):
            # The path of a root, such as "/", ends with its separator.
            known = self._names.get(path[:end], self._names.get(path[: end + 1]))
            if known is not None:
                return [*known[:-1], *self._split("".join(known[-1:]) + path[end:])]
        try:
            below = self._split(self._system.relpath(path))
        except ValueError:  # on another drive than the working directory
            below = [".."]
        return self._split(path)[-1:] if below[:1] == [".."] else below

    def _unique(self, paths: Collection[PurePath]) -> list[str]:
        return list(dict.fromkeys(self._system.abspath(path) for path in paths))

    def _shortest(self, paths: Sequence[str]) -> dict[str, _Parts]:
        """Return the last components of paths: as many as make them distinct, but none that all share."""
        try:
            shared = self._system.commonpath([self._system.dirname(path) for path in paths]) if paths else ""
        except ValueError:  # different drives
            shared = ""
        parts = [tuple(self._split(path[len(shared) :])) for path in paths]
        for length in count(1):
            names = [some[-length:] for some in parts]
            if len(set(names)) == len(names):
                return dict(zip(paths, names, strict=True))
        raise AssertionError  # the paths differ

    def _ends(self, path: str) -> list[int]:
        """Return where the path of an argument may end in that of its source: its end, a folder, a member."""
        ends = (self._system.sep, "#")
        return [len(path), *(at for at in range(len(path) - 1, -1, -1) if path[at] in ends)]

    def _split(self, path: str) -> list[str]:
        return [part for part in path.split(self._system.sep) if part not in ("", ".")]
