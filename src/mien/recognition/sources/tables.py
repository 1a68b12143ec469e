"""Sets of faces as what there is to look at: each row one whole face."""

from collections.abc import Callable, Iterator

from mien.data import read_source
from mien.errors import MienError
from mien.labels import EMOTIONS
from mien.recognition.sources.items import FaceTable, Failure, Rows


def read_table(table: FaceTable, size: int, notice: Callable[[str], None]) -> Iterator[Rows | Failure]:
    """Yield the rows of a set of faces, called "<source>#<id>", after those that can't be read.

    Args:
        table: What to read.
        size: Side of the faces; those of another side are resized.
        notice: Is told of what there is to remark.
    """
    source = table.source
    try:
        reading = read_source(source, size=size, skip_bad=True)
    except MienError as error:
        yield Failure(source, str(error))
        return
    for note in reading.notes:
        notice(note)
    for bad in reading.skipped:
        yield Failure(f"{source}#{bad.where}", f"{source}: {bad.where}: {bad.problem}")
    faces = reading.faces
    if reading.rows is None and faces.classes != EMOTIONS:
        # Folders of another name may hold whole photographs, which must not be taken for faces.
        yield Failure(source, f"{source}: pictures that are not sorted by emotion; unpack them first")
        return
    yield Rows([f"{source}#{one}" for one in faces.ids], faces.images)
