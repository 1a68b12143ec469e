"""File names of annotated images and videos that neither collide nor replace other files."""

from collections.abc import Collection
from itertools import count
from pathlib import Path, PurePath

from mien.files.names import fitting_name
from mien.media.origin import read_origin, source_key
from mien.output.writers.source_names import SourceNames


class OutputPaths:
    """Chooses the file of each annotated image or video below a folder.

    An annotated file names its source (`mien.media.origin`), so a later run, also a resumed one, chooses
    the same file for the same source, and no state is kept.

    Args:
        folder: Of the annotated files.
        protected: Resolved paths that are never replaced, even if mien wrote them: the inputs.
        names: Chooses the names of sources.

    Attributes:
        last: The file that was chosen last; None before the first.
        count: Number of files that were chosen.
    """

    def __init__(
        self, folder: Path, protected: Collection[Path] = (), names: SourceNames | None = None
    ) -> None:
        self.folder, self.names = folder, names or SourceNames()
        self.last: Path | None = None
        self.count = 0
        self._protected = protected

    def path_for(self, source: str, name: PurePath) -> Path:
        """Return the file for the annotated image or video of a source.

        `1.jpg` if it does not exist or is the annotated image of that source; `1.annotated.jpg` if it is
        a file that mien did not write; `1-2.jpg` and so on if it is the annotated image of another source.

        Args:
            source: As in its result.
            name: The preferred path, relative to the folder.
        """
        key, preferred = (
            source_key(source),
            self.folder / name.with_name(fitting_name(name.stem, name.suffix)),
        )
        is_foreign = preferred.exists() and (
            preferred.resolve() in self._protected or read_origin(preferred) is None
        )
        end = ".annotated" if is_foreign else ""
        names = (
            fitting_name(name.stem, f"{end}{'' if number == 1 else f'-{number}'}{name.suffix}")
            for number in count(1)
        )
        self.last = next(path for path in map(preferred.with_name, names) if self._is_free(path, key))
        self.count += 1
        return self.last

    def _is_free(self, path: Path, key: str) -> bool:
        return not path.exists() or (path.resolve() not in self._protected and read_origin(path) == key)
