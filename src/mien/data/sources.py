"""From a source, whatever its format, to a FaceSet: the entrance of the house.

The format is told by content: the first bytes of a file, the header of a CSV. A new container or
edition is one new file and one line in a table here.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from mien.data.cache import Key, cache_folder, digest_of_file, digest_of_members, read_cached, write_cached
from mien.data.readers.competition_csv import COMPETITION_TEST, COMPETITION_TRAIN
from mien.data.readers.csv_rows import Dialect, read_csv
from mien.data.readers.fer2013_csv import FER2013
from mien.data.readers.ferplus import with_votes
from mien.data.readers.icml_csv import ICML
from mien.data.readers.pixels import SIDE, shown
from mien.data.reading import Faults, Reading
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.media.archives.compressed import GZIP, PLAIN, TAR, ZIP
from mien.media.archives.folder import FOLDER
from mien.media.archives.members import Container, Member, is_noise, named_damage

CONTAINERS: tuple[Container, ...] = (FOLDER, ZIP, TAR, GZIP, PLAIN)
"""What holds files; the first that recognizes a path opens it."""

DIALECTS: tuple[Dialect, ...] = (FER2013, ICML, COMPETITION_TRAIN, COMPETITION_TEST)
"""CSV editions; where a container holds several, the first in this order is read."""

SYNTHETIC_FACES = 3500
"""Faces of the source "synthetic" when it says no number."""

SIDES = range(8, 513)
"""Sides of a face that can be asked for, in pixels."""

_SYNTHETIC = re.compile(r"synthetic(?::(\d{1,7})(?::(\d{1,9}))?)?")
_HEAD = 4096


def read_faces(
    source: str | Path,
    *,
    ferplus: Path | None = None,
    size: int = SIDE,
    skip_bad: bool = False,
    cache: bool = True,
) -> FaceSet:
    """Read the faces of `source`; as `read_source`, which also tells what was left out."""
    return read_source(source, ferplus=ferplus, size=size, skip_bad=skip_bad, cache=cache).faces


def read_source(
    source: str | Path,
    *,
    ferplus: Path | None = None,
    size: int = SIDE,
    skip_bad: bool = False,
    cache: bool = True,
) -> Reading:
    """Read a source of faces.

    Args:
        source: A CSV edition of FER2013, a folder of images by class, an archive of either, or
            "synthetic", "synthetic:N", "synthetic:N:SEED" for N synthetic faces.
        ferplus: A `fer2013new.csv` whose votes are joined to the rows of a CSV.
        size: Side of the faces in pixels; whatever has another size is resized.
        skip_bad: Leave bad rows and images out, and list them in `Reading.skipped`.
        cache: Keep what was read, and read it from there when the source's bytes are the same.

    Raises:
        DataError: The source is missing, of no known format, damaged, or has bad rows that are not
            to be skipped; or the votes don't go with it.
    """
    if size not in SIDES:
        raise DataError(f"faces of side {size}, expected {SIDES.start} to {SIDES.stop - 1} pixels")
    if str(source).partition(":")[0] == "synthetic":
        reading = Reading(_synthetic(str(source), size))
    else:
        path = Path(source)
        with named_damage(path):
            reading = _read_path(_existing(path), size, skip_bad, cache_folder() if cache else None)
    reading = replace(reading, faces=replace(reading.faces, source=str(source)))
    return with_votes(reading, ferplus) if ferplus is not None else reading


def _synthetic(source: str, size: int) -> FaceSet:
    match = _SYNTHETIC.fullmatch(source)
    if match is None or (match[1] is not None and not int(match[1])):
        raise DataError(
            f"source {source!r}: expected synthetic, synthetic:N or synthetic:N:SEED, for example "
            "synthetic:2000:7"
        )
    from mien.data.synthetic import generate_faces

    return generate_faces(int(match[1] or SYNTHETIC_FACES), seed=int(match[2] or 0), size=size)


def _existing(path: Path) -> Path:
    if path.is_file() or path.is_dir():
        return path
    if path.exists():
        raise DataError(f"{path}: neither a file nor a folder, expected a source of faces")
    names: list[str] = []
    with suppress(OSError):
        names = [neighbor.name for neighbor in path.parent.iterdir()]
    near = get_close_matches(path.name, names, n=1)
    hint = f"did you mean {path.parent / near[0]}?" if near else "give a file, a folder, or synthetic"
    raise DataError(f"{path}: no such file or folder; {hint}")


def _read_path(path: Path, size: int, skip_bad: bool, folder: Path | None) -> Reading:
    if folder is None:
        return _read_container(path, size, skip_bad)
    key = Key(_digest(path), size, skip_bad)
    cached = read_cached(folder, key)
    if cached is not None:
        return cached
    before = path.stat()
    reading = _read_container(path, size, skip_bad)
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return replace(reading, notes=(f"{path} changed while it was read; not cached",))
    problem = write_cached(folder, key, reading)
    return replace(reading, notes=(problem,)) if problem else reading


def _digest(path: Path) -> str:
    if not path.is_dir():
        return digest_of_file(path)
    with FOLDER.members(path) as members:
        return digest_of_members(members)


def _read_container(path: Path, size: int, skip_bad: bool) -> Reading:
    container = next(kind for kind in CONTAINERS if kind.recognizes(path))
    single = container in (PLAIN, GZIP)
    with container.members(path) as members:
        table = _table_among(members if single else _named_csv(members, path), path)
        if table is not None:
            member, dialect = table
            name = str(path) if single else f"{path}: {member.path}"
            with member.open() as stream:
                return read_csv(stream, dialect, Faults(name, skip_bad), size=size)
        if single:
            raise DataError(_unknown(path, members[0]))
        from mien.data.readers.image_tree import read_image_tree

        return read_image_tree(members, Faults(str(path), skip_bad), size=size)


def _named_csv(members: Sequence[Member], path: Path) -> list[Member]:
    tables = [item for item in members if item.path.lower().endswith(".csv") and not is_noise(item.path)]
    for member in tables:
        if member.problem:
            raise DataError(f"{path}: {member.path}: {member.problem}")
    return tables


def _table_among(members: Sequence[Member], path: Path) -> tuple[Member, Dialect] | None:
    """The member that is the best of the known CSV editions, with its dialect."""
    heads = [(member, _head(member)) for member in members]
    found = {
        dialect: [member for member, head in heads if dialect.recognizes(head)]
        or [member for member, head in heads if dialect.admits(head)]
        for dialect in DIALECTS
    }
    best = next((dialect for dialect in DIALECTS if found[dialect]), None)
    if best is None:
        return None
    if len(found[best]) > 1:
        names = ", ".join(member.path for member in found[best])
        raise DataError(
            f"{path}: {len(found[best])} files like {best.name} in it ({names}); give one of them"
        )
    return found[best][0], best


def _head(member: Member) -> bytes:
    with member.open() as stream:
        return stream.read(_HEAD)


def _unknown(path: Path, member: Member) -> str:
    head = _head(member)
    if not head.strip():
        return f"{path}: an empty file, expected faces"
    first = shown(head.splitlines()[0])
    return (
        f"{path}: not a source of faces: it begins with {first}, expected a CSV with the columns "
        f"{', '.join(FER2013.columns)}, a .tar.gz or .zip of one, or images in folders by class"
    )
