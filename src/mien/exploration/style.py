"""What all figures of `explore` have in common: ink, sizes, and axes without clutter.

Figures are made without pyplot, so that a library call changes no global state and needs no
screen. Names of classes come from users: they are drawn as they are, never as formulas.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

INK: Final = "#22262b"
SOFT: Final = "#69727d"
FAINT: Final = "#dfe3e8"
ALARM: Final = "#c8500a"
MOST_CLASSES: Final = 40
"""Of more classes than this, figures show those with the most faces."""


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of this size in inches."""
    return Figure(figsize=(width, height), layout="constrained")


def axes_or_new(ax: Axes | None, width: float, height: float) -> Axes:
    """Return `ax`, or the axes of a new figure of this size in inches."""
    return new_figure(width, height).add_subplot() if ax is None else ax


def height_of(rows: int) -> float:
    """Inches for a title and so many rows of bars."""
    return 0.75 + 0.36 * max(1, rows)


def head(ax: Axes, title: str, remark: str = "") -> None:
    """Write a title, left-aligned, and a softer remark under it."""
    text = ax.set_title(title, loc="left", fontsize=12, fontweight="bold", color=INK, pad=24 if remark else 8)
    text.set_parse_math(False)
    if remark:
        ax.annotate(
            remark, (0, 1), (0, 7), xycoords="axes fraction", textcoords="offset points",
            color=SOFT, fontsize=9.5, parse_math=False,
        )  # fmt: skip


def name_rows(ax: Axes, names: Sequence[str]) -> None:
    """Put one name at each row of a horizontal plot, the first on top."""
    ax.set_yticks(
        range(len(names)), [short(name) for name in names], fontsize=10, color=INK, parse_math=False
    )
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def bare(ax: Axes) -> None:
    """Leave nothing of the axes but their content."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)


def show_face(ax: Axes, face: NDArray[np.generic], words: str = "", color: str = INK) -> None:
    """Show one gray face, 0..255, with words under it."""
    bare(ax)
    ax.imshow(face, cmap="gray", vmin=0, vmax=255, interpolation="bicubic")
    ax.set_xlabel(words, fontsize=9.5, color=color, labelpad=4, parse_math=False)


def short(name: str, most: int = 24) -> str:
    """Return `name`, cut where it is too long for a figure."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


def shown_classes(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the labels that a figure shows, (classes,) ascending: all, or those with the most faces."""
    largest = np.argsort(-counts, kind="stable")[:MOST_CLASSES]
    return np.sort(largest)


def cut(classes: int) -> str:
    """Say how many of so many classes a figure shows, where that isn't all of them."""
    return f", {MOST_CLASSES} of {classes} classes" if classes > MOST_CLASSES else ""
