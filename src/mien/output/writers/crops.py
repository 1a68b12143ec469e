"""Cropped faces: a PNG of each face in a folder, and a CSV that lists them."""

from io import BytesIO
from pathlib import Path, PurePath
from typing import Final

from PIL import Image

from mien.errors import MienError
from mien.files.names import fitting_name, folded_name
from mien.files.targets import require_folder
from mien.files.writing import write_bytes
from mien.output.writers.annotated_images import annotated_path
from mien.output.writers.csv_table import CsvWriter, encode_row
from mien.output.writers.rows import rows_of
from mien.recognition.face import Result

INDEX: Final = "crops.csv"
"""Name of the list in the folder."""


class CropsWriter(CsvWriter):
    """Writes each face as a PNG: upright, framed as it was classified, in the size it has in the image.

    Face 2 of `a/1.jpg` becomes `<folder>/a/1-2.png`. `crops.csv` has the columns of the CSV output and
    `file`, the path of the crop relative to the folder.

    Args:
        target: The folder: a new or empty one, or one that crops were written to before.
        classes: Names of the classes.
        resume: Continue after the last complete result of the folder.

    Raises:
        MienError: The folder holds other files, or can't be resumed.
    """

    title = "a list of crops"
    endings = ()
    needs_images = True
    mergeable = False
    more_columns = ("file",)

    def __init__(self, target: Path | None, classes: tuple[str, ...], *, resume: bool = False) -> None:
        if target is None:
            raise MienError("crops need a folder, standard output can't take them")
        _require_own(target)
        self._folder = target
        self._names = set[PurePath]()
        self._folded = set[str]()
        super().__init__(target / INDEX, classes, resume=resume)

    def encode(self, result: Result, *, first: bool) -> bytes:  # noqa: ARG002 - all rows are alike
        """Write the crops of a result, and return its rows."""
        names = [self._free_name(result, number) for number in range(1, len(result.faces) + 1)]
        for name, crop in zip(names, result.crops() if names else (), strict=True):
            buffer = BytesIO()
            Image.fromarray(crop).save(buffer, "PNG")
            write_bytes(self._folder / name, buffer.getvalue())
        files: list[str | None] = [name.as_posix() for name in names]
        rows = rows_of(result, self.classes)
        return b"".join(encode_row((*row, file)) for row, file in zip(rows, files or [None], strict=True))

    def _free_name(self, result: Result, number: int) -> PurePath:
        """Return the file of a face, which no other face of this run has."""
        path = annotated_path(result, self.names)
        name, copy = path.with_name(fitting_name(path.stem, f"-{number}.png")), 1
        while self._is_taken(name):
            copy += 1
            name = path.with_name(fitting_name(path.stem, f"_{copy}-{number}.png"))
        self._names.add(name)
        self._folded.add(folded_name(str(name)))
        return name

    def _is_taken(self, name: PurePath) -> bool:
        """Whether a file of this run has a name; where case is ignored, a name that differs only in case."""
        may_exist = self.start or folded_name(str(name)) in self._folded
        return name in self._names or bool(may_exist and (self._folder / name).exists())


def _require_own(folder: Path) -> None:
    """Raise MienError unless a folder is new, empty, or holds a list of crops."""
    require_folder(folder)
    if folder.exists() and not (folder / INDEX).exists() and any(folder.iterdir()):
        raise MienError(
            f"{folder}: holds files that are not crops of mien; expected a new or an empty folder",
            path=folder,
        )
