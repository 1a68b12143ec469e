"""Heat maps: cells whose opacity is a share, so that they fit a light and a dark background."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from mien.figures.style import BLUE, INK

Shares = NDArray[np.float64]
SIDE = 0.95
"""Of a cell; the rest is the gap between cells."""
FAINTEST = 0.05
"""Opacity of an empty cell."""
DARK = 0.55
"""Opacity above which text is white."""


def draw_cells(ax: Axes, opacity: Shares, colors: NDArray[np.str_] | str = BLUE) -> None:
    """Draw a grid of cells, the first row on top.

    Args:
        ax: Where to draw.
        opacity: (rows, columns), 0 to 1; NaN counts as 0.
        colors: Of each cell, (rows, columns), or of all of them.
    """
    opacity = np.clip(np.nan_to_num(opacity), FAINTEST, 1)
    names = np.broadcast_to(np.asarray(colors), opacity.shape)
    rgba = [(*to_rgb(str(name)), alpha) for name, alpha in zip(names.ravel(), opacity.ravel(), strict=True)]
    rows, columns = np.indices(opacity.shape)
    ax.bar(
        columns.ravel(), SIDE, width=SIDE, bottom=rows.ravel() - SIDE / 2,
        color=rgba, align="center", linewidth=0,
    )  # fmt: skip
    ax.set_xlim(-0.5, opacity.shape[1] - 0.5)


def write_cell(
    ax: Axes, row: int, column: float, text: str, opacity: float, *, size: float = 9, dy: float = 0.0
) -> None:
    """Write into a cell: white on a dark one, ink on a light one.

    Args:
        ax: Where the cells are.
        row: Of the cell.
        column: Of the cell.
        text: What to write.
        opacity: Of the cell.
        size: Of the font, in points.
        dy: Offset downward, in cells.
    """
    color = "white" if opacity > DARK else INK
    ax.text(column, row + dy, text, ha="center", va="center", fontsize=size, color=color)
