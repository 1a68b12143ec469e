"""Figures of maps: a row for each face, and a row of faces with a map each."""

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mien.explanation.colors import gray, overlaid
from mien.figures.sheet import new_sheet, show_image, write_line
from mien.figures.style import FAINT, SOFT, shorten
from mien.labels import colors_of
from mien.text import counted

if TYPE_CHECKING:
    from mien.explanation.explanation import Explanation

MOST_FACES: Final = 50
"""Rows of a figure; the page and the arrays have all faces."""

MOST_BARS: Final = 8
"""Classes whose probabilities are shown, the most probable ones."""

FACE, GAP, BAR, NAMES = 1.5, 0.15, 0.19, 1.0
"""Inches: side of a face, space between things, height of a bar, width of the names of classes."""

PIXELS: Final = 192
"""Side of an image in the figure."""


def plot_explanation(explanation: "Explanation") -> Figure:
    """Draw a row for each face: the face, its map for each explained class, and the probabilities."""
    count = min(len(explanation), MOST_FACES)
    columns = 1 + explanation.targets.shape[1]
    down = FACE + 0.55
    bars = GAP + columns * (FACE + GAP) + NAMES
    figure, axes = new_sheet(bars + FACE + 3 * GAP, GAP + 0.4 + max(1, count) * down)
    _write_title(axes, explanation, count)
    for face in range(count):
        top = GAP + 0.4 + face * down
        view = explanation.views[face]
        show_image(axes, view, GAP, top, FACE)
        write_line(axes, GAP, top + FACE + 0.12, shorten(explanation.sources[face], 26), color=SOFT)
        for column, (name, probability, saliency) in enumerate(explanation.explained(face), 1):
            left = GAP + column * (FACE + GAP)
            show_image(axes, overlaid(view, saliency, PIXELS), left, top, FACE)
            caption = f"{shorten(name, 14)} {100 * probability:.0f} %"
            write_line(axes, left, top + FACE + 0.12, caption, weight="bold")
            write_line(
                axes, left, top + FACE + 0.28, explanation.describe(face, column - 1), color=SOFT, size=7
            )
        _show_probabilities(axes, explanation, face, bars, top)
    return figure


def show_map(
    axes: Axes,
    face: NDArray[np.uint8],
    saliency: NDArray[np.floating],
    left: float,
    top: float,
    side: float,
    pixels: int = PIXELS,
) -> None:
    """Show a face under its map, of so many pixels, in a square of inches."""
    show_image(axes, overlaid(gray(face, pixels), saliency, pixels), left, top, side)


def _write_title(axes: Axes, explanation: "Explanation", count: int) -> None:
    of_all = f", {count} of {counted(len(explanation), 'face')}" if count < len(explanation) else ""
    title = f"{shorten(explanation.model)}, {explanation.method}{of_all}"
    write_line(axes, GAP, 0.2, title, weight="bold", size=10)
    write_line(
        axes, GAP, 0.38, f"orange: for the class, blue: against it ({explanation.unit})", color=SOFT, size=7
    )


def _show_probabilities(axes: Axes, explanation: "Explanation", face: int, left: float, top: float) -> None:
    probabilities = explanation.probabilities[face]
    shown = np.sort(np.argsort(-probabilities, kind="stable")[:MOST_BARS])
    colors = colors_of(explanation.classes)
    middles = top + BAR * (np.arange(len(shown)) + 0.5)
    values = probabilities[shown]
    axes.barh(middles, FACE, left=left, height=0.6 * BAR, color=FAINT, alpha=0.6)
    axes.barh(middles, FACE * values, left=left, height=0.6 * BAR, color=[colors[at] for at in shown])
    explained = set(explanation.targets[face].tolist())
    for at, value, middle in zip(shown.tolist(), values.tolist(), middles.tolist(), strict=True):
        weight = "bold" if at in explained else "normal"
        write_line(
            axes, left - 0.05, middle, shorten(explanation.classes[at], 12), ha="right", size=7, weight=weight
        )
        write_line(axes, left + FACE + 0.05, middle, f"{100 * value:.0f}", size=7, color=SOFT)
