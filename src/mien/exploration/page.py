"""From a FaceSet to a folder of figures and one page that shows them all, offline.

The page carries its figures inside, so that it can be moved, mailed and opened anywhere.
"""

import base64
import io
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from matplotlib.figure import Figure

from mien import __version__
from mien.data.summary import Info, describe
from mien.errors import DataError
from mien.exploration.sections import Section, sections
from mien.faceset import FaceSet
from mien.files import write_bytes, write_text
from mien.labels import colors_of
from mien.templates import template

PAGE: Final = "index.html"
DOTS_PER_INCH: Final = 144


def write_exploration(
    faces: FaceSet,
    folder: Path,
    *,
    seed: int = 0,
    examples: int = 5,
    emotion: str | None = None,
    notes: Sequence[str] = (),
    progress: Callable[[str], object] | None = None,
) -> Path:
    """Write the figures of `faces` as PNG files and `index.html` that holds them; return its path.

    Args:
        faces: One face or more, with or without labels.
        folder: Where to; made if it isn't there.
        seed: Decides which examples are shown.
        examples: Number of example faces of one class.
        emotion: Class of the examples; the one with the most faces if None.
        notes: Remarks to show on top, such as rows that were left out.
        progress: Called with the title of each figure before it is drawn.

    Raises:
        DataError: There are no faces, no such class, or `examples` is below 1.
        MienError: `folder` can't be written to.
    """
    if not len(faces):
        raise DataError(f"{faces.source}: no faces, so there is nothing to explore")
    found = describe(faces)
    shown: list[dict[str, str]] = []
    for section in sections(faces, found, seed=seed, examples=examples, emotion=emotion):
        if progress is not None:
            progress(section.title)
        figure = section.draw()
        picture = png(figure)
        write_bytes(folder / f"{section.name}.png", picture)
        shown.append(_entry(section, picture, figure.get_figwidth()))
    write_text(folder / PAGE, _page(found, shown, notes))
    return folder / PAGE


def png(figure: Figure) -> bytes:
    """Return `figure` as a PNG file."""
    stream = io.BytesIO()
    with warnings.catch_warnings():
        # Names of classes may use letters that the font lacks: the figure has boxes, the page has letters.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(
            stream, format="png", dpi=DOTS_PER_INCH, facecolor="white", metadata={"Software": None}
        )
    return stream.getvalue()


def _entry(section: Section, picture: bytes, inches: float) -> dict[str, str]:
    return {
        "name": section.name,
        "title": section.title,
        "words": section.words,
        "source": "data:image/png;base64," + base64.b64encode(picture).decode("ascii"),
        "width": f"{96 * inches:.0f}",
    }


def _page(found: Info, shown: list[dict[str, str]], notes: Sequence[str]) -> str:
    return template("mien.exploration", "page.html.j2").render(
        found=found, rows=_rows(found), sections=shown, notes=notes, version=__version__
    )


def _rows(found: Info) -> list[dict[str, Any]]:
    """A row of the table for each class: name, color, count a split, and all of them."""
    columns = [split.counts for split in found.splits]
    return [
        {"name": name, "color": color, "counts": counts, "total": sum(counts)}
        for name, color, *counts in zip(found.classes, colors_of(found.classes), *columns, strict=True)
    ]
