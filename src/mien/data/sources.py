"""From a source of any format to a FaceSet.

The format is recognized by content: the first bytes of a file, the header of a CSV, the files of a folder.
A container (folder, zip, tar, gzip, plain file) lists its files; the first reader that recognizes them
reads them. The readers are listed in `mien.data.readers`.
"""

from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Final

from mien.arguments import FLAG, INTEGER, NAMES, PATH, TEXT, checked, optional
from mien.data.cache import (
    Key,
    digest_of_file,
    digest_of_members,
    digest_of_text,
    read_cached,
    write_cached,
)
from mien.data.classes import Classes, merged_spellings, with_classes
from mien.data.face_detector import WHOLE, choose_detector, digest_of
from mien.data.named_sources import downloaded, is_synthetic, synthetic_faces
from mien.data.opening import SINGLE_FILES, container_of, existing_source, opened_source, reader_of
from mien.data.readers import READERS
from mien.data.readers.ferplus import with_votes
from mien.data.reading import FaceShape, Faults, Reading
from mien.detection.base import Detector
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.files.caches import cache_folder
from mien.files.mapped import MAPPED_BYTES
from mien.files.writing import as_path
from mien.limits import CHANNELS, FACE_SIZES
from mien.media.archives.folder import FOLDER
from mien.media.archives.members import named_damage
from mien.runtime.threads import thread_count

_KINDS: Final = {
    "ferplus": optional(PATH), "size": INTEGER, "channels": INTEGER, "faces": TEXT,
    "classes": optional(NAMES), "skip_bad": FLAG, "cache": FLAG, "threads": optional(INTEGER),
}  # fmt: skip
"""Kinds of the arguments of `read_source`."""


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
    if is_synthetic(source):
        reading = Reading(synthetic_faces(str(source), shape))
    else:
        path = as_path(source, "source", DataError)
        folder = cache_folder("faces") if cache else None
        with named_damage(path):
            reading = _read_path(existing_source(path), shape, skip_bad, folder)
    reading = _named(replace(reading, faces=replace(reading.faces, source=str(source))), classes)
    reading = replace(reading, notes=(*reading.notes, *reading.images.notes(str(source))))
    return with_votes(reading, as_path(ferplus, "ferplus", DataError)) if ferplus is not None else reading


def _named(reading: Reading, classes: Classes | None) -> Reading:
    """The reading with the given names of classes, or with one spelling of each."""
    if classes is not None:
        return replace(reading, faces=with_classes(reading.faces, classes, reading.numbers), numbers=())
    faces, remarks = merged_spellings(reading.faces)
    return replace(reading, faces=faces, notes=(*reading.notes, *remarks))


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
            with opened_source(path) as source:
                outside = reader_of(source).outside(source)
            content = digest_of_text(content, digest_of_members(outside)) if outside else content
    plugins = READERS.plugins()
    return digest_of_text(content, str(plugins)) if plugins else content


def _read_container(path: Path, shape: FaceShape, skip_bad: bool) -> Reading:
    with opened_source(path) as source:
        faults = Faults(str(path), skip_bad)
        return replace(reader_of(source).read(source, faults, shape), images=faults.images)
