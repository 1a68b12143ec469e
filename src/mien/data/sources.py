"""From a source of any format to a FaceSet.

The format is recognized by content: the first bytes of a file, the header of a CSV, the files of a folder.
A container (folder, zip, tar, gzip, plain file) lists its files; the first reader that recognizes them
reads them. The readers are listed in `mien.data.readers`.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import Final

from mien.arguments import FLAG, INTEGER, NAMES, PATH, TEXT, checked, optional
from mien.data.cache import (
    Key,
    cache_folder,
    digest_of_file,
    digest_of_members,
    digest_of_text,
    read_cached,
    write_cached,
)
from mien.data.classes import Classes, merged_spellings, with_classes
from mien.data.face_detector import WHOLE, choose_detector, digest_of
from mien.data.readers import READERS
from mien.data.readers.base import Reader, SourceFiles
from mien.data.readers.csv_header import repeated_column
from mien.data.readers.ferplus import with_votes
from mien.data.readers.pixels import shown
from mien.data.reading import FaceShape, Faults, Reading
from mien.detection.base import Detector
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.files import as_path
from mien.identify import ARRAYS, FACES, MANIFEST, kind_of, refusal, require_kind
from mien.limits import CHANNELS, FACE_SIZES
from mien.mapped import MAPPED_BYTES
from mien.media.archives.compressed import BZIP2, GZIP, PLAIN, TAR, XZ, ZIP
from mien.media.archives.folder import FOLDER
from mien.media.archives.members import Container, named_damage
from mien.runtime.threads import thread_count

CONTAINERS: Final[tuple[Container, ...]] = (FOLDER, ZIP, TAR, GZIP, BZIP2, XZ, PLAIN)
"""What contains files; the first that recognizes a path opens it."""

SINGLE_FILES: Final = (GZIP, BZIP2, XZ, PLAIN)

EXPECTED: Final = "a data set of faces"
ACCEPTED: Final = (FACES, MANIFEST, ARRAYS)
"""The kinds of files that are data sets; those of unknown kind are recognized by the readers."""

KAGGLE: Final = "kaggle"
"""The source that is FER2013 from Kaggle."""

SYNTHETIC_FACES: Final = 3500
"""Faces of the source "synthetic" without a number."""

_KINDS: Final = {
    "ferplus": optional(PATH), "size": INTEGER, "channels": INTEGER, "faces": TEXT,
    "classes": optional(NAMES), "skip_bad": FLAG, "cache": FLAG, "threads": optional(INTEGER),
}  # fmt: skip
"""Kinds of the arguments of `read_source`."""

_SYNTHETIC: Final = re.compile(r"synthetic(?::(\d{1,7})(?::(\d{1,9}))?)?")


@checked(DataError, **_KINDS)
def read_faces(
    source: str | Path,
    *,
    ferplus: str | Path | None = None,
    size: int = 48,
    channels: int = 1,
    faces: str = WHOLE,
    detector: str | Detector = "auto",
    classes: Classes | None = None,
    skip_bad: bool = False,
    cache: bool = True,
    threads: int | None = None,
) -> FaceSet:
    """Read the faces of `source`; as `read_source`, which also returns what was skipped."""
    return read_source(
        source, ferplus=ferplus, size=size, channels=channels, faces=faces, detector=detector,
        classes=classes, skip_bad=skip_bad, cache=cache, threads=threads,
    ).faces  # fmt: skip


@checked(DataError, **_KINDS)
def read_source(
    source: str | Path,
    *,
    ferplus: str | Path | None = None,
    size: int = 48,
    channels: int = 1,
    faces: str = WHOLE,
    detector: str | Detector = "auto",
    classes: Classes | None = None,
    skip_bad: bool = False,
    cache: bool = True,
    threads: int | None = None,
) -> Reading:
    """Read a source of faces.

    Args:
        source: A CSV of pixels, such as an edition of FER2013; a manifest (CSV or TSV with the columns
            path and label) or a label list of RAF-DB; images and labels as `.npz` or `.npy`; a folder of
            images by class; any of these compressed or in an archive; or "synthetic", "synthetic:COUNT",
            "synthetic:COUNT:SEED" for synthetic faces; or "kaggle" for FER2013 (see `downloaded`).
        ferplus: A `fer2013new.csv` whose votes are joined to the rows of a FER2013 CSV.
        size: Side of the faces in pixels, 8 to 512; faces of other sizes are resized. Networks take 24 to
            224.
        channels: 1 for gray, 3 for RGB. A gray source gives RGB faces with equal channels.
        faces: "whole": each image is one face. "detect": the largest face in each image is detected and
            cropped as in recognition, and images without a face are left out. Rows of pixels and synthetic
            faces are cropped faces in any case.
        detector: For "detect": a detector, or its name as in `mien.load`.
        classes: Names of the classes in the order of their numbers (the first is 0 or 1) or of other names,
            such as "angry,disgust,fear"; or new names by old ones, such as "1=surprise,2=fear" or a mapping.
        skip_bad: Skip bad rows and images, and list them in `Reading.skipped`.
        cache: Store the faces, and read them from there when the source's bytes are the same.
        threads: Threads that decode images and detect faces; one per usable core by default, eight at most.

    Raises:
        DataError: The source is missing, of no known format, damaged, or has bad rows that are not
            to be skipped; `classes` or the votes don't match it; or no face was detected.
        DetectorError: The detector is not available.
    """
    if not isinstance(source, str | PathLike):
        raise DataError(
            f"source of type {type(source).__name__}, expected the path of a data set or synthetic:N"
        )
    if size not in FACE_SIZES:
        raise DataError(f"size={size}, expected {FACE_SIZES.start} to {FACE_SIZES.stop - 1} pixels")
    if channels not in CHANNELS:
        raise DataError(f"channels={channels}, expected 1 (gray) or 3 (RGB)")
    if threads is not None:
        thread_count(threads)
    shape = FaceShape(size, channels, choose_detector(faces, detector), threads)
    source = downloaded(source)
    if _is_synthetic(source):
        reading = Reading(_synthetic(str(source), shape))
    else:
        path = as_path(source, "source", DataError)
        with named_damage(path):
            reading = _read_path(existing_source(path), shape, skip_bad, cache_folder() if cache else None)
    reading = _named(replace(reading, faces=replace(reading.faces, source=str(source))), classes)
    reading = replace(reading, notes=(*reading.notes, *reading.images.notes(str(source))))
    return with_votes(reading, as_path(ferplus, "ferplus", DataError)) if ferplus is not None else reading


def _named(reading: Reading, classes: Classes | None) -> Reading:
    """The reading with the given names of classes, or with one spelling of each."""
    if classes is not None:
        return replace(reading, faces=with_classes(reading.faces, classes, reading.numbers), numbers=())
    faces, remarks = merged_spellings(reading.faces)
    return replace(reading, faces=faces, notes=(*reading.notes, *remarks))


def downloaded(source: str | Path) -> str | Path:
    """Return a source, where "kaggle" is the path of FER2013, which is downloaded on first use.

    Args:
        source: "kaggle" or "kaggle:competition" for the rows of the competition, "kaggle:folder" for its
            images by class; any other source is returned as it is, as is a file or folder of that name.

    Raises:
        MissingExtraError: kagglehub is not installed.
        DataError: There is no such edition, no account, no network, or no disk space.
    """
    if not isinstance(source, str | PathLike):
        return source  # an error of the reader
    kind, _, edition = str(source).partition(":")
    if kind != KAGGLE or os.path.lexists(source):
        return source
    from mien.data.download import OFFERS, download_faces

    if (edition or next(iter(OFFERS))) not in OFFERS:
        choices = ", ".join(f"{KAGGLE}:{name}" for name in OFFERS)
        raise DataError(f"source {str(source)!r}: expected {KAGGLE}, {choices}")
    return download_faces(edition or next(iter(OFFERS)))  # type: ignore[arg-type]


def _is_synthetic(source: str | PathLike[str]) -> bool:
    """Return whether synthetic faces are meant, rather than a file such as `synthetic:5.csv`."""
    name = str(source)
    is_valid = _SYNTHETIC.fullmatch(name) is not None
    return is_valid or (name.partition(":")[0] == "synthetic" and not os.path.lexists(name))


def _synthetic(source: str, shape: FaceShape) -> FaceSet:
    match = _SYNTHETIC.fullmatch(source)
    if match is None or (match[1] is not None and not int(match[1])):
        raise DataError(
            f"source {source!r}: expected synthetic, synthetic:COUNT or synthetic:COUNT:SEED, for example "
            "synthetic:2000:7"
        )
    from mien.data.synthetic import generate_faces

    count, seed = int(match[1] or SYNTHETIC_FACES), int(match[2] or 0)
    return generate_faces(count, seed=seed, size=shape.size, channels=shape.channels)


def existing_source(path: Path) -> Path:
    """Return the path of a source.

    Raises:
        DataError: There is neither a file nor a folder.
    """
    if path.is_file() or path.is_dir():
        return path
    if path.exists():
        raise DataError(f"{path}: neither a file nor a folder, expected a source of faces")
    names: list[str] = []
    with suppress(OSError):
        names = [neighbor.name for neighbor in path.parent.iterdir()]
    near = get_close_matches(path.name, names, n=1)
    other = "give a file, a folder, synthetic:COUNT, or kaggle"
    hint = f"did you mean {path.parent / near[0]}?" if near else other
    raise DataError(f"{path}: no such file or folder; {hint}")


def _read_path(path: Path, shape: FaceShape, skip_bad: bool, folder: Path | None) -> Reading:
    if folder is None:
        return _read_container(path, shape, skip_bad)
    key = Key(_digest(path), shape.size, shape.channels, skip_bad, digest_of(shape.detector))
    cached = read_cached(folder, key)
    if isinstance(cached, Reading):
        return cached
    before = path.stat()
    reading = _read_container(path, shape, skip_bad)
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return replace(reading, notes=(*reading.notes, f"{path} changed while it was read; not cached"))
    remark = write_cached(folder, key, reading) or cached
    if not remark and reading.faces.images.nbytes > MAPPED_BYTES:
        again = read_cached(folder, key)  # so that they leave the memory
        return again if isinstance(again, Reading) else reading
    return replace(reading, notes=(*reading.notes, remark)) if remark else reading


def _digest(path: Path) -> str:
    """A digest over all bytes that decide what is read, and over the installed readers."""
    if path.is_dir():
        with FOLDER.members(path) as members:
            content = digest_of_members(members)
    else:
        content = digest_of_file(path)
        if container_of(path) in SINGLE_FILES:
            with _opened(path) as source:
                outside = _reader_of(source).outside(source)
            content = digest_of_text(content, digest_of_members(outside)) if outside else content
    plugins = READERS.plugins()
    return digest_of_text(content, str(plugins)) if plugins else content


def _read_container(path: Path, shape: FaceShape, skip_bad: bool) -> Reading:
    with _opened(path) as source:
        faults = Faults(str(path), skip_bad)
        return replace(_reader_of(source).read(source, faults, shape), images=faults.images)


@contextmanager
def _opened(path: Path) -> Iterator[SourceFiles]:
    container = container_of(path)
    with container.members(path) as members:
        yield SourceFiles(path, members, single=container in SINGLE_FILES)


def container_of(path: Path) -> Container:
    """Return the kind of container that a path is."""
    return next(kind for kind in CONTAINERS if kind.recognizes(path))


def _reader_of(source: SourceFiles) -> Reader:
    """The first reader that recognizes a source.

    Raises:
        DataError: There is none.
    """
    plugins = READERS.plugins()
    readers = sorted(READERS.loadable(), key=lambda item: item[0] not in plugins)
    for name, reader in readers:
        if name not in plugins:
            _refuse_other_kinds(source)
        if reader.recognizes(source):
            return reader
    raise DataError(_unknown(source))


def _refuse_other_kinds(source: SourceFiles) -> None:
    """Refuse a file or folder that is no data set, such as a result of mien, compressed or not."""
    require_kind(source.path, EXPECTED, ACCEPTED, DataError)
    kind = kind_of(source.head(source.members[0])) if source.single else None
    if kind is not None and kind not in ACCEPTED:
        raise DataError(refusal(source.path, kind, EXPECTED), path=source.path, expected=EXPECTED)


def _unknown(source: SourceFiles) -> str:
    head = source.head(source.members[0])
    if not head.strip():
        return f"{source.path}: an empty file, expected faces"
    repeated = repeated_column(head)
    if repeated:
        return f"{source.path}: the column {repeated!r} is there twice; remove one"
    first = shown(head.splitlines()[0])
    return (
        f"{source.path}: not a source of faces: it begins with {first}, expected a CSV with the columns "
        "emotion, pixels, Usage, a manifest with the columns path, label, an archive (.zip, .tar.gz) of "
        "either, or images in folders by class"
    )
