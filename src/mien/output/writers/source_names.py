"""Names of files that are written for the sources of results: annotated images and videos, crops."""

import os
import re
from collections.abc import Collection, Sequence
from itertools import count
from pathlib import Path, PurePath
from typing import Final

from mien.targets import fitting_name

_INVALID: Final = re.compile(r'[\x00-\x1f<>:"|?*\\\udc80-\udcff]')
"""Characters that some file systems do not allow in a name."""

_SEPARATOR: Final = re.escape(os.sep)

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
    """

    def __init__(self, folders: Collection[Path] = (), files: Collection[Path] = ()) -> None:
        inside = _unique(folders)
        beside = [path for path in _unique(files) if path not in inside]
        if len(inside) == 1 and not beside:
            self._names: dict[str, _Parts] = {inside[0]: ()}
        else:
            self._names = _shortest([*inside, *beside])

    def name(self, source: str) -> PurePath:
        """Return the relative path of a source, with valid characters and names of valid length only."""
        parts = [PurePath(_INVALID.sub("_", part)) for part in self._parts(source)]
        return PurePath(*(fitting_name(part.stem, part.suffix) for part in parts) if parts else ["image"])

    def _parts(self, source: str) -> Sequence[str]:
        if "://" in source:
            return PurePath(source).parts
        path = os.path.abspath(source)  # noqa: PTH100 - follows no links
        for end in _ends(path):
            known = self._names.get(path[:end] or os.sep)
            if known is not None:
                return [*known[:-1], *_split("".join(known[-1:]) + path[end:])]
        is_below = Path(path).is_relative_to(Path.cwd())
        return _split(os.path.relpath(path)) if is_below else _split(path)[-1:]


def _unique(paths: Collection[Path]) -> list[str]:
    return list(dict.fromkeys(os.path.abspath(path) for path in paths))  # noqa: PTH100 - follows no links


def _shortest(paths: Sequence[str]) -> dict[str, _Parts]:
    """Return the last components of paths: as many as make them distinct, but none that all share."""
    try:
        shared = os.path.commonpath([os.path.dirname(path) for path in paths]) if paths else ""  # noqa: PTH120
    except ValueError:  # different drives
        shared = ""
    parts = [tuple(_split(path[len(shared) :])) for path in paths]
    for length in count(1):
        names = [some[-length:] for some in parts]
        if len(set(names)) == len(names):
            return dict(zip(paths, names, strict=True))
    raise AssertionError  # the paths differ


def _ends(path: str) -> list[int]:
    """Return where the path of an argument may end in that of its source: at its end, a folder, a member."""
    return [len(path), *(at for at in range(len(path) - 1, -1, -1) if path[at] in (os.sep, "#"))]


def _split(path: str) -> list[str]:
    return [part for part in re.split(_SEPARATOR, path) if part not in ("", ".")]
