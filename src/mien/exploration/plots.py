"""Figures of counts and numbers: distribution of classes, light, FER+ votes.

A function takes the faces first. Where it draws into one axes it takes `ax` and returns it;
otherwise it returns a Figure. `galleries.py` draws the figures that show faces.
"""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mien.errors import DataError
from mien.exploration import statistics, style
from mien.faceset import FaceSet
from mien.labels import FERPLUS_COLUMNS, SPLITS, UNLABELED, colors_of


def class_distribution(faces: FaceSet, split: str | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw the number of faces a class as bars, with their share of the labeled faces.

    Args:
        faces: Any face set.
        split: "train", "validation" or "test"; all faces without it.
        ax: Where to draw; a new figure without it.

    Raises:
        DataError: There is no split of that name.
    """
    counts = _counts(faces, split)
    shown = style.shown_classes(counts)
    ax = style.axes_or_new(ax, 7.2, style.height_of(len(shown)) + 0.3)
    _bars(ax, faces, shown, counts, counts)
    style.head(
        ax, f"Classes of {split or 'all faces'}", f"{counts.sum():,} labeled faces{style.cut(len(counts))}"
    )
    return ax


def two_splits(faces: FaceSet, left: str = "train", right: str = "validation") -> Figure:
    """Draw the classes of two splits side by side: bars are shares, labels give counts too.

    Raises:
        DataError: There is no split of one of these names.
    """
    tables = [_counts(faces, split) for split in (left, right)]
    shown = style.shown_classes(tables[0] + tables[1])
    figure = style.new_figure(9.6, style.height_of(len(shown)) + 0.3)
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    for ax, split, counts in zip(panels, (left, right), tables, strict=True):
        _bars(ax, faces, shown, counts / max(1, counts.sum()), counts)
        style.head(ax, split, f"{counts.sum():,} labeled faces{style.cut(len(counts))}")
    return figure


def brightness_and_contrast(faces: FaceSet) -> Figure:
    """Draw brightness and contrast of each class: median, middle half and middle 90 % of its faces."""
    found = statistics.light(faces)
    rows = _rows(faces)
    figure = style.new_figure(9.6, style.height_of(len(rows)) + 0.5)
    left, right = figure.subplots(1, 2, sharey=True)
    style.head(left, "Brightness", "mean gray value of a face; dashed: median of all")
    style.head(right, "Contrast", "standard deviation of its gray values")
    for ax, values in ((left, found.brightness), (right, found.contrast)):
        _ranges(ax, values, rows)
        style.name_rows(ax, [row.name for row in rows])
        ax.axvline(float(np.median(values)), color=style.SOFT, lw=0.9, ls=(0, (4, 3)), zorder=0)
        ax.grid(axis="x", color=style.FAINT, lw=0.7)
        ax.set_axisbelow(True)
        ax.tick_params(axis="x", labelcolor=style.SOFT, labelsize=9)
    return figure


def ferplus_votes(faces: FaceSet, *, ax: Axes | None = None) -> Axes:
    """Draw how the ten FER+ voters saw the faces of each class: percent of the class's votes.

    Raises:
        DataError: The faces have no votes.
    """
    shares = statistics.ferplus_shares(faces)
    shown = style.shown_classes(faces.counts())
    ax = style.axes_or_new(ax, 8.4, style.height_of(len(shown)) + 1.0)
    ax.imshow(shares[shown], cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), share in np.ndenumerate(shares[shown]):
        if share >= 0.005:
            color = "white" if share > 0.55 else style.INK
            ax.text(column, row, f"{100 * share:.0f}", ha="center", va="center", fontsize=9, color=color)
    style.name_rows(ax, [faces.classes[label] for label in shown])
    ax.set_ylim(len(shown) - 0.5, -0.5)
    ax.set_xticks(range(len(FERPLUS_COLUMNS)), FERPLUS_COLUMNS, rotation=35, ha="right", color=style.INK)
    style.head(ax, "What the voters of FER+ saw", "percent of the votes for the faces of each class")
    return ax


def pairs_of_splits(faces: FaceSet) -> tuple[tuple[str, str], ...]:
    """Return the pairs that are worth a look side by side: the first split with each other one."""
    held = [name for name in SPLITS if faces.of_split(name).counts().any()]
    return tuple((held[0], other) for other in held[1:])


def _bars(
    ax: Axes, faces: FaceSet, shown: statistics.Labels, lengths: statistics.Numbers, counts: statistics.Labels
) -> None:
    """Horizontal bars in the classes' colors, each with its count and share at its end."""
    colors = colors_of(faces.classes)
    ax.barh(range(len(shown)), lengths[shown], color=[colors[label] for label in shown], height=0.7)
    total = max(1, counts.sum())
    for row, label in enumerate(shown):
        words = f" {counts[label]:,} · {100 * counts[label] / total:.1f} %"
        ax.text(lengths[label], row, words, va="center", fontsize=9.5, color=style.INK)
    style.name_rows(ax, [faces.classes[label] for label in shown])
    ax.set_xticks([])
    ax.set_xlim(0, max(ax.get_xlim()[1], 1.32 * lengths.max(), 1e-9))


class _Row(NamedTuple):
    """One row of a figure: a class that has faces, or the faces without a label."""

    name: str
    color: str
    mask: NDArray[np.bool_]


def _rows(faces: FaceSet) -> list[_Row]:
    counts, colors = faces.counts(), colors_of(faces.classes)
    shown = [label for label in style.shown_classes(counts) if counts[label]]
    rows = [_Row(faces.classes[label], colors[label], faces.labels == label) for label in shown]
    unknown = faces.labels == UNLABELED
    return [*rows, _Row("no label", style.SOFT, unknown)] if unknown.any() else rows


def _ranges(ax: Axes, values: statistics.Floats, rows: list[_Row]) -> None:
    """A thin line over the middle 90 % of each row, a thick one over the middle half, the median."""
    for at, row in enumerate(rows):
        low, first, median, third, high = np.quantile(values[row.mask], statistics.QUANTILES)
        ax.plot([low, high], [at, at], color=row.color, lw=1.4, alpha=0.6, solid_capstyle="round")
        ax.plot([first, third], [at, at], color=row.color, lw=7, solid_capstyle="butt")
        ax.plot([median], [at], "o", color="white", mec=style.INK, mew=0.8, ms=5)


def _counts(faces: FaceSet, split: str | None) -> statistics.Labels:
    if split is not None and split not in SPLITS:
        raise DataError(f"no split {split!r}; the splits are {', '.join(SPLITS)}")
    return (faces if split is None else faces.of_split(split)).counts()
