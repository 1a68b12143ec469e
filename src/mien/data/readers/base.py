"""What a reader is: an object that recognizes a source of faces and reads it.

A reader for another format is one file and one line in `mien.data.readers.READERS`, or an entry point of the
group "mien.readers" in an installed package.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mien.data.reading import FaceShape, Faults, Reading
from mien.errors import DataError
from mien.media.archives.members import Member, is_hidden
from mien.text import counted

_HEAD = 4096


@dataclass(frozen=True)
class SourceFiles:
    """An opened source: a file, or the files of a folder or an archive.

    Attributes:
        path: The path that the user gave.
        members: Its files.
        single: It is one file, perhaps compressed, and no folder or archive.
    """

    path: Path
    members: Sequence[Member]
    single: bool
    _heads: dict[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    def head(self, member: Member) -> bytes:
        """Return the first 4096 bytes of a file."""
        if member.path not in self._heads:
            with member.open() as stream:
                self._heads[member.path] = stream.read(_HEAD)
        return self._heads[member.path]

    def size_of(self, member: Member) -> int:
        """Return the bytes on disk that a file is read from, those of its archive if it is in one."""
        return member.size if self.path.is_dir() else self.path.stat().st_size

    def name_of(self, member: Member) -> str:
        """Return what messages call a file."""
        return str(self.path) if self.single else f"{self.path}: {member.path}"

    def files(self, *suffixes: str) -> list[Member]:
        """Return the file itself if it is a single one, else the files whose names end with a suffix.

        Raises:
            DataError: One of them must not be read, such as a path that leads out of the archive.
        """
        if self.single:
            return list(self.members)
        found = [item for item in self.members if item.path.lower().endswith(suffixes)]
        found = [item for item in found if not is_hidden(item.path)]
        for member in found:
            if member.problem:
                raise DataError(f"{self.path}: {member.path}: {member.problem}")
        return found

    def only(self, found: Sequence[Member], kind: str) -> Member:
        """Return the one file among `found`, of which all are of the same kind.

        Raises:
            DataError: There are several.
        """
        if len(found) > 1:
            names = ", ".join(member.path for member in found)
            raise DataError(
                f"{self.path}: {counted(len(found), 'file')} like {kind} in it ({names}); give one of them"
            )
        return found[0]


class Reader:
    """Reads one format. A reader has no state."""

    def recognizes(self, source: SourceFiles) -> bool:
        """Return whether `source` is of this format, from names and first bytes alone."""
        raise NotImplementedError

    def read(self, source: SourceFiles, faults: Faults, shape: FaceShape) -> Reading:
        """Read all faces of a source that this reader recognizes.

        Args:
            source: The opened source.
            faults: Takes each bad row or image; raises where they are not to be skipped.
            shape: Size and channels of the faces to return.

        Raises:
            DataError: It can't be read as faces.
        """
        raise NotImplementedError

    def outside(self, source: SourceFiles) -> Sequence[Member]:
        """Return the files outside of `source` that `read` opens; the cache covers their bytes too."""
        del source
        return ()
