"""Style of all figures: colors, sizes, titles, and axes without clutter.

Figures are made without pyplot, so that a call changes no global state and needs no display. Class names
come from users and are drawn as plain text, never as math.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from numpy.typing import NDArray

from mien.arguments import of_type, optional, require
from mien.text import elided

INK: Final = "#22262b"
SOFT: Final = "#69727d"
FAINT: Final = "#dfe3e8"
BLUE: Final = "#0072b2"
VERMILION: Final = "#d55e00"
PAD: Final = 0.08
"""Inches around the axes of a figure."""


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of this size in inches."""
    return Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(h_pad=PAD, w_pad=PAD))


_AXES: Final = optional(of_type(Axes, "axes of matplotlib"))


def axes_or_new(ax: Axes | None, width: float, height: float) -> Axes:
    """Return `ax`, or the axes of a new figure of this size in inches.

    Raises:
        MienError: `ax` is something else.
    """
    require("ax", ax, _AXES)
    return new_figure(width, height).add_subplot() if ax is None else ax


def figure_of(ax: Axes) -> Figure:
    """Return the figure of `ax`.

    Raises:
        TypeError: The axes are in a subfigure.
    """
    figure = ax.figure
    if not isinstance(figure, Figure):
        raise TypeError(f"axes of a {type(figure).__name__}, expected those of a Figure")
    return figure


def bar_chart_height(rows: int) -> float:
    """Return the height in inches of a title and a number of horizontal bars."""
    return 0.75 + 0.36 * max(1, rows)


def set_title(ax: Axes, title: str, subtitle: str = "") -> None:
    """Write a title, left-aligned, and a lighter subtitle under it."""
    pad = 24 if subtitle else 8
    text = ax.set_title(title, loc="left", fontsize=12, fontweight="bold", color=INK, pad=pad)
    text.set_parse_math(False)
    if subtitle:
        ax.annotate(
            subtitle, (0, 1), (0, 7), xycoords="axes fraction", textcoords="offset points",
            color=SOFT, fontsize=9.5, parse_math=False,
        )  # fmt: skip


def label_rows(ax: Axes, names: Sequence[str]) -> None:
    """Put one name at each row of a horizontal plot, the first on top."""
    ax.set_yticks(
        range(len(names)), [shorten(name) for name in names], fontsize=10, color=INK, parse_math=False
    )
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def label_columns(ax: Axes, names: Sequence[str]) -> None:
    """Put one name at each column of a heat map, slanted."""
    ax.set_xticks(
        range(len(names)), [shorten(name) for name in names],
        rotation=35, ha="right", rotation_mode="anchor", fontsize=10, color=INK, parse_math=False,
    )  # fmt: skip


def style_scale(ax: Axes, axis: str) -> None:
    """Draw a light grid along the numeric axis ("x" or "y"), and no frame."""
    ax.grid(axis=axis, color=FAINT, lw=0.7)  # type: ignore[arg-type]
    ax.set_axisbelow(True)
    ax.spines[:].set_visible(False)
    ax.tick_params(axis=axis, length=0, labelcolor=SOFT, labelsize=9)  # type: ignore[arg-type]


def hide_axes(ax: Axes) -> None:
    """Leave nothing of the axes but their content."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)


def show_face(ax: Axes, face: NDArray[np.generic], caption: str = "", color: str = INK) -> None:
    """Show one face, gray (size, size) or RGB (size, size, 3), 0..255, with a caption under it."""
    hide_axes(ax)
    ax.imshow(pixels_of(face), cmap="gray", vmin=0, vmax=255, interpolation="bicubic")
    ax.set_xlabel(caption, fontsize=9.5, color=color, labelpad=4, parse_math=False)


def pixels_of(face: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return a face as matplotlib shows it: an RGB image of floats 0..255 becomes uint8."""
    return face.astype(np.uint8) if face.ndim == 3 else face


def shorten(name: str, most: int = 24) -> str:
    """Return `name`; the middle of one that is too long for a figure is replaced by "…"."""
    return elided(name, most)
