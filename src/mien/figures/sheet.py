"""Sheets: figures of many images, on one pair of axes that counts in inches from the top left corner.

Axes for each image would take matplotlib seconds.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mien.figures.style import INK


def new_sheet(width: float, height: float) -> tuple[Figure, Axes]:
    """Return an empty figure and the axes that fill it, in inches with y downward."""
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    axes.autoscale(enable=False)
    return figure, axes


def show_image(axes: Axes, image: NDArray[np.generic], left: float, top: float, side: float) -> None:
    """Show an image, gray or RGB, in a square."""
    extent = (left, left + side, top + side, top)
    axes.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="bicubic", extent=extent, aspect="auto")


def write_line(
    axes: Axes, x: float, y: float, text: str, *, ha: str = "left", size: float = 8, weight: str = "normal",
    color: str = INK,
) -> None:  # fmt: skip
    """Write a line of text, whose middle is at the height `y`."""
    axes.text(x, y, text, ha=ha, va="center", fontsize=size, weight=weight, color=color, parse_math=False)
