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
        source: A CSV, a .tar.gz or .zip, a folder of pictures a class, or synthetic:COUNT.
        out: Folder for the figures and index.html.
        seed: Decides which example faces are shown.
        examples: Number of example faces of one emotion.
        emotion: Whose examples to show; without it, those of the most frequent class.
        ferplus: fer2013new.csv, whose votes are joined by row order.
        skip_bad: Leave out rows that can't be read instead of stopping at the first.
    """
    from mien.cli.source import read_and_remark, remarks
    from mien.exploration import write_exploration

    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    reading = read_and_remark(source, ferplus, skip_bad=skip_bad, console=console)
    with console.status("reading the faces") as status:
        page = write_exploration(
            reading.faces, out, seed=seed, examples=examples, emotion=emotion, notes=remarks(reading),
            progress=lambda title: status.update(f"drawing: {title}"),
        )  # fmt: skip
    print(page)  # noqa: T201 - the result
