"""A folder as a container. Links are followed only to files that lie in the folder itself."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mien.media.archives.members import Container, Member, one_spelling, problem_of_text


@contextmanager
def _folder_members(root: Path) -> Iterator[list[Member]]:
    """List all files below `root`, sorted by path."""
    root = root.resolve()
    yield sorted(_walk(root, root), key=lambda member: member.path)


def _walk(root: Path, folder: Path) -> Iterator[Member]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(root, Path(entry.path))
            else:
                yield _member(root, Path(entry.path))


def _member(root: Path, path: Path) -> Member:
    name = path.relative_to(root).as_posix()
    problem = _problem_of_link(root, path) if path.is_symlink() else problem_of_text(name)
    if not problem and not path.is_file():
        problem = "neither a file nor a folder"
    size = 0 if problem else path.stat().st_size
    target = _target(root, path) if path.is_symlink() and not problem else ""
    return Member(one_spelling(name), size, lambda: path.open("rb"), problem, target)


def _target(root: Path, link: Path) -> str:
    return one_spelling(Path(os.path.realpath(link)).relative_to(root).as_posix())


def _problem_of_link(root: Path, link: Path) -> str:
    target = Path(os.path.realpath(link))
    if not target.is_relative_to(root):
        return f"a link out of the folder, to {target}"
    if target.is_dir():
        return f"a link to a folder, {target}: its files would be read twice"
    return "" if target.exists() else f"a link to {target}, which does not exist"


FOLDER = Container("folder", Path.is_dir, _folder_members)
