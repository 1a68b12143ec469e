"""Figures that show faces: examples, one per class, mean faces, duplicates."""

from collections import Counter

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mien.exploration import statistics
from mien.faceset import FaceSet
from mien.figures import style
from mien.figures.heatmap import draw_cells
from mien.figures.many_classes import largest_classes, omission
from mien.labels import SPLITS, name_of_label

FACES_PER_ROW = 8
SHOWN_DUPLICATES = 6
CAPTION = 13
"""Characters of a class name under a face."""


def examples_of_class(faces: FaceSet, name: str, *, number: int = 5, seed: int = 0) -> Figure:
    """Draw random faces of one class.

    Args:
        faces: Any face set.
        name: Name of the class.
        number: Number of faces, 1 or more; fewer if the class has fewer.
        seed: Of the random choice.

    Raises:
        DataError: There is no such class, it has no faces, or a number is out of range.
    """
    chosen = statistics.choose(faces, statistics.label_of_class(faces, name), number, seed)
    return _gallery(faces.images[chosen], [str(id_) for id_ in faces.ids[chosen]], style.shorten(name))


def random_examples(faces: FaceSet, *, number: int = 5, seed: int = 0) -> Figure:
    """Draw random faces of any class, labeled or not.

    Raises:
        DataError: `number` is below 1 or `seed` below 0.
    """
    chosen = statistics.choose(faces, None, number, seed)
    return _gallery(faces.images[chosen], [_label(faces, at) for at in chosen], "Examples")


def one_per_class(faces: FaceSet, *, seed: int = 0) -> Figure:
    """Draw one random face of each class that has faces."""
    counts = faces.counts()
    shown = [label for label in largest_classes(counts) if counts[label]]
    chosen = np.array([statistics.choose(faces, int(label), 1, seed)[0] for label in shown], np.int64)
    return _gallery(
        faces.images[chosen],
        [style.shorten(faces.classes[label], CAPTION) for label in shown],
        f"One face per class{omission(len(counts))}",
    )


def mean_faces(faces: FaceSet) -> Figure:
    """Draw the mean image of each class that has faces, with the number of faces."""
    counts = faces.counts()
    shown = [label for label in largest_classes(counts) if counts[label]]
    words = [f"{style.shorten(faces.classes[label], CAPTION)}\nmean of {counts[label]:,}" for label in shown]
    return _gallery(statistics.mean_faces(faces)[shown], words, f"Mean faces{omission(len(counts))}")


def duplicates(faces: FaceSet) -> Figure:
    """Draw how many faces are in several splits, and the most frequent duplicates.

    Duplicates with different labels are marked.
    """
    found = statistics.find_duplicates(faces)
    figure = style.new_figure(9.6, 3.1)
    table, strip = figure.subfigures(1, 2, squeeze=False, width_ratios=(4, 6), wspace=0.04)[0]
    _shared_table(table.add_subplot(), found)
    panels = strip.subplots(2, SHOWN_DUPLICATES // 2, squeeze=False).reshape(-1)
    for ax in panels:
        style.hide_axes(ax)
    for ax, members, conflicting in zip(panels, found.groups, found.conflicting, strict=False):
        style.show_face(
            ax,
            faces.images[members[0]],
            _copies(faces, members),
            style.VERMILION if conflicting else style.INK,
        )
    if not found.groups:
        strip.text(0.5, 0.5, "no duplicates", ha="center", va="center", color=style.SOFT, fontsize=11)
    return figure


def _gallery(images: statistics.Images, captions: list[str], title: str) -> Figure:
    """Faces in rows of at most eight, each with a caption."""
    columns = min(FACES_PER_ROW, max(5, len(images)))
    rows = max(1, -(-len(images) // columns))
    lines = max((text.count("\n") + 1 for text in captions), default=1)
    figure = style.new_figure(9.6, 0.35 + rows * (9.6 / columns - 0.06 + 0.17 * lines))
    panels = figure.subplots(rows, columns, squeeze=False).reshape(-1)
    for ax in panels[len(images) :]:
        ax.set_axis_off()
    for ax, image, text in zip(panels, images, captions, strict=False):
        style.show_face(ax, image, text)
    heading = figure.suptitle(title, x=0.012, ha="left", fontsize=12, fontweight="bold", color=style.INK)
    heading.set_parse_math(False)
    return figure


def _shared_table(ax: Axes, found: statistics.Duplicates) -> None:
    """A small table of numbers; the diagonal has a background, as it counts within a split."""
    size = len(found.splits)
    draw_cells(ax, 0.2 * np.eye(size), style.SOFT)
    for (row, column), count in np.ndenumerate(found.shared):
        color = style.VERMILION if count and row != column else style.INK
        ax.text(column, row, f"{count:,}", ha="center", va="center", fontsize=11, color=color)
    style.label_rows(ax, found.splits)
    ax.set_ylim(size - 0.5, -0.5)
    ax.set_xticks(range(size), [f"in {name}" for name in found.splits], color=style.INK, fontsize=9.5)
    style.set_title(ax, "Identical faces", "faces of the row that are (again) in the column")


def _copies(faces: FaceSet, members: statistics.Labels) -> str:
    """How often a face occurs, in which splits, and with which labels."""
    places = Counter(SPLITS[split] for split in faces.splits[members])
    labels = sorted({_label(faces, at) for at in members})
    named = " or ".join(style.shorten(label, 12) for label in labels[:3])
    return f"{len(members)} x {named}\n{', '.join(f'{count} {split}' for split, count in places.items())}"


def _label(faces: FaceSet, at: int | np.integer) -> str:
    return name_of_label(int(faces.labels[at]), faces.classes) or "unlabeled"
