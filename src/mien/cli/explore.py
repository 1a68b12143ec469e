"""`mien explore`: draw figures and a page about a set of faces."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console


def explore(
    source: str,
    /,
    *,
    out: Path = Path("explore"),
    seed: int = 0,
    examples: int = 5,
    emotion: str | None = None,
    ferplus: Path | None = None,
    skip_bad: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Draw figures of a set of faces, and a page that holds them; print where the page is.

    Args:
        source: A CSV, a .tar.gz or .zip, a folder of pictures a class, or drawn:COUNT.
        out: Folder for the figures and index.html.
        seed: Decides which example faces are shown.
        examples: Number of example faces of one emotion.
        emotion: Whose examples to show; without it, those of the most frequent class.
        ferplus: fer2013new.csv, whose votes are joined by row order.
        skip_bad: Leave out rows that can't be read instead of stopping at the first.
    """
    from mien.data import read_source
    from mien.explore import write_exploration

    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    reading = read_source(source, ferplus=ferplus, skip_bad=skip_bad)
    notes = list(reading.notes)
    if reading.skipped:
        count, first = len(reading.skipped), reading.skipped[0]
        rows = "1 bad row" if count == 1 else f"{count:,} bad rows"
        notes.append(f"{rows} left out; the first: {first.where}: {first.problem}")
    for note in notes:
        console.print(note)
    with console.status("reading the faces") as status:
        page = write_exploration(
            reading.faces, out, seed=seed, examples=examples, emotion=emotion, notes=notes,
            progress=lambda title: status.update(f"drawing: {title}"),
        )  # fmt: skip
    print(page)  # noqa: T201 - the result
