"""Figures of the maps of a split: a mean map for each class, and two maps for each confident error."""

from matplotlib.figure import Figure

from mien.evaluation.saliency import Saliency
from mien.explanation.colors import enlarged
from mien.explanation.plots import show_map
from mien.explanation.regions import describe
from mien.figures.sheet import new_sheet, show_image, write_line
from mien.figures.style import SOFT, VERMILION, shorten

SIDE, GAP, TEXT = 1.35, 0.15, 0.58
"""Inches: side of a face, space between things, height of the lines below a face."""

CLASSES_PER_ROW, ERRORS_PER_ROW = 7, 2
PIXELS = 96
"""Side of an image; browsers enlarge it."""


def class_maps(saliency: Saliency) -> Figure:
    """Draw the mean map of each class over the mean of its faces, with its parts in words."""
    across, down = SIDE + GAP, SIDE + TEXT
    columns = min(CLASSES_PER_ROW, max(1, len(saliency.classes)))
    rows = -(-len(saliency.classes) // columns)
    figure, axes = new_sheet(GAP + columns * across, GAP + rows * down)
    for number, one in enumerate(saliency.classes):
        row, column = divmod(number, columns)
        left, top = GAP + column * across, GAP + row * down
        show_map(axes, one.face, one.saliency, left, top, SIDE, PIXELS)
        write_line(axes, left, top + SIDE + 0.12, shorten(one.name, 18), weight="bold", size=9)
        for line, part in enumerate((describe(one.saliency) or "no part").split(", ")):
            write_line(axes, left, top + SIDE + 0.28 + 0.13 * line, part, color=SOFT, size=7)
    return figure


def error_maps(saliency: Saliency) -> Figure:
    """Draw the most confident errors: the face, the map of the predicted class and that of the true class."""
    across, down = 3 * SIDE + 3.5 * GAP, SIDE + TEXT
    rows = -(-len(saliency.errors) // ERRORS_PER_ROW)
    figure, axes = new_sheet(GAP + min(ERRORS_PER_ROW, len(saliency.errors)) * across, GAP + rows * down)
    for number, one in enumerate(saliency.errors):
        row, column = divmod(number, ERRORS_PER_ROW)
        left, top = GAP + column * across, GAP + row * down
        show_image(axes, enlarged(one.face, PIXELS), left, top, SIDE)
        captions = (
            (f"predicted {shorten(one.predicted, 12)}", VERMILION),
            (f"label {shorten(one.label, 14)}", SOFT),
        )
        for place, (saliency_map, (caption, color)) in enumerate(zip(one.maps, captions, strict=True), 1):
            at = left + place * (SIDE + GAP / 2)
            show_map(axes, one.face, saliency_map, at, top, SIDE, PIXELS)
            write_line(axes, at, top + SIDE + 0.12, caption, color=color)
            write_line(axes, at, top + SIDE + 0.28, describe(saliency_map), color=SOFT, size=7)
    return figure
