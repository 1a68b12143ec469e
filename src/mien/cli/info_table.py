"""The tables of `mien data info`: faces per split and class, duplicates, and rows that were skipped."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mien.text import counted

if TYPE_CHECKING:
    from rich.table import Table

    from mien.data import BadRow
    from mien.data.summary import Info


SHOWN_ROWS = 20
"""Skipped rows that are listed on the terminal; with --json, all of them are."""

_COLORS = {1: "gray", 3: "RGB"}


def print_info(found: "Info", skipped: "tuple[BadRow, ...]") -> None:
    """Print the summary of a data set.

    Args:
        found: The summary.
        skipped: Rows that could not be read.
    """
    from mien.console import Console
    from mien.figures.many_classes import omission

    console = Console(highlight=False, markup=False, soft_wrap=True)
    shape = f"{found.size}x{found.size}, {_COLORS[found.channels]}"
    console.print(f"{found.source}: {counted(found.faces, 'face')} of {shape}")
    console.print(f"fingerprint {found.fingerprint}\n")
    console.print(_table(found, plain=not console.is_terminal))
    if omitted := omission(len(found.classes)):
        console.print(f"{omitted.removeprefix(', ')}; --json lists all")
    for line in (*_remarks(found), *_skipped_lines(skipped)):
        console.print(line)


def _table(found: "Info", *, plain: bool) -> "Table":
    """One row per class and one column per split, with each class's fraction of all labeled faces.

    Of many classes it shows the largest.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from mien.figures.many_classes import largest_classes

    table = Table(box=None if plain else SIMPLE_HEAD, pad_edge=False)
    table.add_column("class", overflow="fold")
    for heading in (*(split.name for split in found.splits), "total", "share"):
        table.add_column(heading, justify="right")
    labeled = max(sum(found.totals), 1)
    for label in largest_classes(found.totals):
        counts, total = (split.counts[label] for split in found.splits), found.totals[label]
        table.add_row(
            Text(found.classes[label]), *map(str, counts), str(total), f"{100 * total / labeled:.1f} %"
        )
    sums = (str(sum(split.counts)) for split in found.splits)
    table.add_row("total", *sums, str(sum(found.totals)), "")
    return table


def _remarks(found: "Info") -> Iterator[str]:
    """Duplicates, conflicting labels, unlabeled faces and FER+ agreement, one line each."""
    yield f"\ndistinct images: {found.distinct} of {found.faces}"
    for split in found.splits:
        yield f"  {_faces_are(split.faces - split.distinct, split.name)} repeated within {split.name}"
    for overlap in found.overlaps:
        yield f"  {_faces_are(overlap.faces, overlap.split)} also in {overlap.other}"
    yield f"images with more than one label: {found.conflicting}"
    yield f"faces without a label: {found.unlabeled}"
    if (ferplus := found.ferplus) is not None:
        yield (
            f"FER+: the majority agrees with the label of {ferplus.agreeing:,} of "
            f"{counted(ferplus.comparable, 'face')}; "
            f"{counted(ferplus.undecided, 'face')} without a majority, {ferplus.majorities['NF']:,} voted "
            "no face"
        )


def _faces_are(count: int, split: str) -> str:
    return f"{counted(count, 'face')} of {split} {'is' if count == 1 else 'are'}"


def _skipped_lines(skipped: "tuple[BadRow, ...]") -> Iterator[str]:
    if skipped:
        yield f"skipped: {len(skipped)}"
    for row in skipped[:SHOWN_ROWS]:
        yield f"  {row.where}: {row.problem}"
    if len(skipped) > SHOWN_ROWS:
        yield f"  and {len(skipped) - SHOWN_ROWS} more; --json lists all of them"
