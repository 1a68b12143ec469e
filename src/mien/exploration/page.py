"""From a FaceSet to a folder of figures and one HTML page that contains them all.

The page needs no other file and no network.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from mien import __version__
from mien.data.summary import Info, describe
from mien.errors import DataError
from mien.exploration.sections import sections
from mien.faceset import FaceSet
from mien.figures.encode import inline_svg, png
from mien.figures.many_classes import largest_classes
from mien.files.writing import write_bytes, write_csv, write_text
from mien.labels import colors_of
from mien.templates import template

PAGE: Final = "index.html"
CLASSES: Final = "classes.csv"


def write_exploration(
    faces: FaceSet,
    folder: Path,
    *,
    seed: int = 0,
    examples: int = 5,
    class_name: str | None = None,
    notes: Sequence[str] = (),
    progress: Callable[[str], object] | None = None,
) -> Path:
    """Write the figures of `faces` as PNG files, `classes.csv` and the page; return the path of the page.

    Args:
        faces: One face or more, with or without labels.
        folder: Created if needed.
        seed: Of the choice of example faces.
        examples: Number of example faces of one class.
        class_name: Class of these examples; the one with the most faces if None.
        notes: To show at the top, such as skipped rows.
        progress: Called with the title of each figure before it is drawn.

    Raises:
        DataError: There are no faces, no such class, or `examples` is below 1.
        MienError: `folder` can't be written.
    """
    if not len(faces):
        raise DataError(f"{faces.source}: no faces to explore")
    found = describe(faces)
    shown: list[dict[str, str]] = []
    for section in sections(faces, found, seed=seed, examples=examples, class_name=class_name):
        if progress is not None:
            progress(section.title)
        figure = section.draw()
        write_bytes(folder / f"{section.name}.png", png(figure))
        drawing = inline_svg(figure, section.name, section.title)
        shown.append({"name": section.name, "title": section.title, "text": section.text, "drawing": drawing})
    _write_classes(found, folder / CLASSES)
    write_text(folder / PAGE, _page(found, shown, notes))
    return folder / PAGE


def _page(found: Info, shown: list[dict[str, str]], notes: Sequence[str]) -> str:
    return template("mien.exploration", "page.html.j2").render(
        found=found, rows=_rows(found), sections=shown, notes=notes, version=__version__
    )


def _write_classes(found: Info, path: Path) -> None:
    """Write a CSV with a row for each class: its faces, and those of each split."""
    columns = [split.counts for split in found.splits]
    header = ("class", "faces", *(split.name for split in found.splits))
    write_csv(path, header, zip(found.classes, found.totals, *columns, strict=True))


def _rows(found: Info) -> list[dict[str, Any]]:
    """A row of the table for each class that is shown: name, color, count per split, and total."""
    colors = colors_of(found.classes)
    return [
        {
            "name": found.classes[label],
            "color": colors[label],
            "counts": [split.counts[label] for split in found.splits],
            "total": found.totals[label],
        }
        for label in largest_classes(found.totals)
    ]
