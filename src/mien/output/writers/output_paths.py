"""Where drawings go: names below a folder that are no other source's, and no file's that mien didn't draw."""

from collections.abc import Collection
from itertools import count
from pathlib import Path, PurePath

from mien.media.origin import read_origin, source_key


class OutputPaths:
    """Finds the place of each drawing below a folder.

    A drawing says what it was drawn from, so that the same source gets the same place in a later
    run, also one that resumes, and nothing has to be kept in memory.

    Args:
        folder: Of the drawings.
        kept: Resolved paths of files that are never replaced, even if mien drew them: what is to be read.
    """

    def __init__(self, folder: Path, kept: Collection[Path] = ()) -> None:
        self.folder = folder
        self._kept = kept

    def path_for(self, source: str, path: PurePath) -> Path:
        """Return where the drawing of a source belongs.

        `1.jpg` if nothing is there but an earlier drawing of that source; `1.annotated.jpg` if that is a file
        that mien didn't draw; `1-2.jpg` and so on if it is the drawing of another source.

        Args:
            source: As its result has it.
            path: Wished for, below the folder.
        """
        key, wish = source_key(source), self.folder / path
        is_foreign = wish.exists() and (wish.resolve() in self._kept or read_origin(wish) is None)
        stem = f"{path.stem}.annotated" if is_foreign else path.stem
        names = (f"{stem}{'' if number == 1 else f'-{number}'}{path.suffix}" for number in count(1))
        return next(place for place in map(wish.with_name, names) if self._is_free(place, key))

    def _is_free(self, place: Path, key: str) -> bool:
        return not place.exists() or (place.resolve() not in self._kept and read_origin(place) == key)
