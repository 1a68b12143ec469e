"""Plots of numbers: class distribution, brightness and contrast, FER+ votes.

A function that draws into one pair of axes takes `ax` and returns it; the others return a Figure.
Each takes the faces first. `galleries.py` draws the figures that show faces.
"""

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mien.errors import DataError
from mien.exploration import statistics
from mien.faceset import FaceSet
from mien.figures import heatmap, style
from mien.figures.many_classes import largest_classes, omission
from mien.labels import FERPLUS_COLUMNS, SPLITS, UNLABELED, colors_of
from mien.text import counted


def class_distribution(faces: FaceSet, split: str | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw the number of faces per class as bars, with their share of the labeled faces.

    Args:
        faces: Any face set.
        split: "train", "validation" or "test"; all faces if None.
        ax: Where to draw; a new figure if None.

    Raises:
        DataError: There is no split of that name.
    """
    counts = _counts(faces, split)
    shown = largest_classes(counts)
    ax = style.axes_or_new(ax, 7.2, style.bar_chart_height(len(shown)) + 0.3)
    _bars(ax, faces, shown, counts, counts)
    style.set_title(
        ax,
        f"Class distribution of {split or 'all faces'}",
        f"{counted(counts.sum(), 'labeled face')}{omission(len(counts))}",
    )
    return ax


def compare_splits(faces: FaceSet, left: str = "train", right: str = "validation") -> Figure:
    """Draw the class distributions of two splits side by side: bars are shares, captions also give counts.

    Raises:
        DataError: There is no split of one of these names.
    """
    tables = [_counts(faces, split) for split in (left, right)]
    shown = largest_classes(tables[0] + tables[1])
    figure = style.new_figure(9.6, style.bar_chart_height(len(shown)) + 0.3)
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    for ax, split, counts in zip(panels, (left, right), tables, strict=True):
        _bars(ax, faces, shown, counts / max(1, counts.sum()), counts)
        style.set_title(ax, split, f"{counted(counts.sum(), 'labeled face')}{omission(len(counts))}")
    return figure


def brightness_and_contrast(faces: FaceSet) -> Figure:
    """Draw brightness and contrast per class: median, middle half and middle 90 % of the faces."""
    found = statistics.pixel_statistics(faces)
    rows = _rows(faces)
    figure = style.new_figure(9.6, style.bar_chart_height(len(rows)) + 0.5)
    left, right = figure.subplots(1, 2, sharey=True)
    style.set_title(left, "Brightness", "mean gray value of a face; dashed: median of all faces")
    style.set_title(right, "Contrast", "standard deviation of the gray values of a face")
    for ax, values in ((left, found.brightness), (right, found.contrast)):
        _ranges(ax, values, rows)
        style.label_rows(ax, [row.name for row in rows])
        ax.axvline(float(np.median(values)), color=style.SOFT, lw=0.9, ls=(0, (4, 3)), zorder=0)
        style.style_scale(ax, "x")
    return figure


def ferplus_votes(faces: FaceSet, *, ax: Axes | None = None) -> Axes:
    """Draw the FER+ votes for the faces of each class, in percent of its votes.

    Raises:
        DataError: The faces have no votes.
    """
    shares = statistics.ferplus_shares(faces)
    shown = largest_classes(faces.counts())
    ax = style.axes_or_new(ax, 8.4, style.bar_chart_height(len(shown)) + 1.0)
    heatmap.draw_cells(ax, shares[shown])
    for (row, column), share in np.ndenumerate(shares[shown]):
        if share >= 0.005:
            heatmap.write_cell(ax, row, column, f"{100 * share:.0f}", share)
    style.label_rows(ax, [faces.classes[label] for label in shown])
    ax.set_ylim(len(shown) - 0.5, -0.5)
    style.label_columns(ax, FERPLUS_COLUMNS)
    style.set_title(ax, "FER+ votes", "percent of the votes for the faces of each class")
    return ax


def pairs_of_splits(faces: FaceSet) -> tuple[tuple[str, str], ...]:
    """Return the pairs of splits to compare: the first split with faces, and each other one."""
    held = [name for name in SPLITS if faces.of_split(name).counts().any()]
    return tuple((held[0], other) for other in held[1:])


def _bars(
    ax: Axes, faces: FaceSet, shown: statistics.Labels, lengths: statistics.Numbers, counts: statistics.Labels
) -> None:
    """Horizontal bars in the classes' colors, each with its count and share."""
    colors = colors_of(faces.classes)
    ax.barh(range(len(shown)), lengths[shown], color=[colors[label] for label in shown], height=0.7)
    total = max(1, counts.sum())
    for row, label in enumerate(shown):
        ax.annotate(
            f"{counts[label]:,} · {100 * counts[label] / total:.1f} %", (lengths[label], row), (4, 0),
            textcoords="offset points", va="center", fontsize=9.5, color=style.INK,
        )  # fmt: skip
    style.label_rows(ax, [faces.classes[label] for label in shown])
    ax.set_xticks([])
    ax.set_xlim(0, max(ax.get_xlim()[1], 1.32 * lengths.max(), 1e-9))


class _Row(NamedTuple):
    """One row of a figure: a class that has faces, or the faces without a label."""

    name: str
    color: str
    mask: NDArray[np.bool_]


def _rows(faces: FaceSet) -> list[_Row]:
    counts, colors = faces.counts(), colors_of(faces.classes)
    shown = [label for label in largest_classes(counts) if counts[label]]
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
        raise DataError(f"unknown split {split!r}; the splits are {', '.join(SPLITS)}")
    return (faces if split is None else faces.of_split(split)).counts()
