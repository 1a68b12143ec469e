"""Data sets of faces as items: each row is one cropped face."""

from collections.abc import Callable, Iterator
from pathlib import Path

from mien.data import read_source
from mien.errors import MienError
from mien.files.identify import ARRAYS, identify
from mien.labels import EMOTIONS
from mien.media.archives.compressed import TAR, ZIP
from mien.recognition.sources.items import FaceRows, FaceTable, Failure


def read_table(
    table: FaceTable, size: int, channels: int, notice: Callable[[str], None], threads: int | None = None
) -> Iterator[FaceRows | Failure]:
    """Yield a failure for each row that can't be read, then the rows, named "<source>#<id>".

    Args:
        table: What to read.
        size: Side of the faces; others are resized.
        channels: 1 for gray faces, 3 for RGB.
        notice: Called with each remark of the reader.
        threads: Threads that decode images; None is one per core.
    """
    source, wanted = table.source, table.wanted
    try:
        reading = read_source(source, size=size, channels=channels, skip_bad=True, threads=threads)
    except MienError as error:
        if wanted(source):
            yield Failure(source, str(error))
        return
    for note in reading.notes:
        notice(note)
    for bad in reading.skipped:
        if wanted(name := f"{source}#{bad.where}"):
            yield Failure(name, f"{source}: {bad.where}: {bad.problem}")
    faces = reading.faces
    if faces.classes != EMOTIONS and _is_archive(source):
        # Other folders may contain photographs, which must not be classified as cropped faces.
        if wanted(source):
            yield Failure(source, f"{source}: an archive of images not sorted by emotion; unpack it first")
        return
    rows = FaceRows([f"{source}#{one}" for one in faces.ids], faces.images)
    yield rows.where([wanted(name) for name in rows.sources])


def names_in_table(table: FaceTable, size: int, channels: int, threads: int | None = None) -> Iterator[str]:
    """Yield the names of the rows that `read_table` yields, in the same order."""
    for part in read_table(table, size, channels, lambda _: None, threads):
        yield from part.sources if isinstance(part, FaceRows) else [part.source]


def _is_archive(source: str) -> bool:
    """Return whether a source is an archive, and no CSV or list, which names the faces explicitly."""
    path = Path(source)
    return identify(path) is not ARRAYS and any(kind.recognizes(path) for kind in (ZIP, TAR))
