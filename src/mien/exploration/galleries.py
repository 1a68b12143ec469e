"""Figures that show faces: examples, one of each class, mean faces, duplicates."""

from collections import Counter

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mien.exploration import statistics, style
from mien.faceset import FaceSet
from mien.labels import SPLITS, UNLABELED

MOST_IN_A_ROW = 8
SHOWN_REPEATS = 6


def examples_of_one_emotion(faces: FaceSet, emotion: str, *, number: int = 5, seed: int = 0) -> Figure:
    """Draw some faces of one class.

    Args:
        faces: Any face set.
        emotion: Name of the class.
        number: Of faces, 1 or more; fewer are shown where the class has fewer.
        seed: Decides which.

    Raises:
        DataError: There is no such class, it has no faces, or a number is out of range.
    """
    chosen = statistics.choose(faces, statistics.class_position(faces, emotion), number, seed)
    return _gallery(faces.images[chosen], [str(name) for name in faces.ids[chosen]], style.short(emotion))


def some_faces(faces: FaceSet, *, number: int = 5, seed: int = 0) -> Figure:
    """Draw some faces of any class, or of none.

    Raises:
        DataError: `number` is below 1 or `seed` below 0.
    """
    chosen = statistics.choose(faces, None, number, seed)
    return _gallery(faces.images[chosen], [_label(faces, at) for at in chosen], "Some of the faces")


def one_of_each(faces: FaceSet, *, seed: int = 0) -> Figure:
    """Draw one face of each class that has faces."""
    counts = faces.counts()
    shown = [label for label in style.shown_classes(counts) if counts[label]]
    chosen = np.array([statistics.choose(faces, int(label), 1, seed)[0] for label in shown], np.int64)
    return _gallery(
        faces.images[chosen],
        [style.short(faces.classes[label], 16) for label in shown],
        f"One of each{style.cut(len(counts))}",
    )


def mean_faces(faces: FaceSet) -> Figure:
    """Draw the mean face of each class that has faces, with the number of faces in it."""
    counts = faces.counts()
    shown = [label for label in style.shown_classes(counts) if counts[label]]
    words = [f"{style.short(faces.classes[label], 16)}\nmean of {counts[label]:,}" for label in shown]
    return _gallery(statistics.mean_faces(faces)[shown], words, f"Mean faces{style.cut(len(counts))}")


def duplicates(faces: FaceSet) -> Figure:
    """Draw how many faces splits share, and the faces that are repeated most.

    A repeated face whose copies carry different labels is marked.
    """
    found = statistics.repeats(faces)
    figure = style.new_figure(9.6, 3.1)
    table, strip = figure.subfigures(1, 2, squeeze=False, width_ratios=(4, 6), wspace=0.04)[0]
    _shared_table(table.add_subplot(), found)
    panels = strip.subplots(2, SHOWN_REPEATS // 2, squeeze=False).reshape(-1)
    for ax in panels:
        style.bare(ax)
    for ax, members, doubtful in zip(panels, found.groups, found.conflicting, strict=False):
        style.show_face(
            ax, faces.images[members[0]], _copies(faces, members), style.ALARM if doubtful else style.INK
        )
    if not found.groups:
        strip.text(0.5, 0.5, "no face occurs twice", ha="center", va="center", color=style.SOFT, fontsize=11)
    return figure


def _gallery(pictures: statistics.Pictures, words: list[str], title: str) -> Figure:
    """Faces in rows of at most eight, each with words under it."""
    columns = min(MOST_IN_A_ROW, max(5, len(pictures)))
    rows = max(1, -(-len(pictures) // columns))
    lines = max((text.count("\n") + 1 for text in words), default=1)
    figure = style.new_figure(9.6, 0.35 + rows * (9.6 / columns - 0.06 + 0.17 * lines))
    panels = figure.subplots(rows, columns, squeeze=False).reshape(-1)
    for ax in panels[len(pictures) :]:
        ax.set_axis_off()
    for ax, picture, text in zip(panels, pictures, words, strict=False):
        style.show_face(ax, picture, text)
    heading = figure.suptitle(title, x=0.012, ha="left", fontsize=12, fontweight="bold", color=style.INK)
    heading.set_parse_math(False)
    return figure


def _shared_table(ax: Axes, found: statistics.Repeats) -> None:
    """A small table of numbers; the diagonal is set apart, as it means something else."""
    size = len(found.splits)
    ax.imshow(np.eye(size), cmap="Grays", vmin=0, vmax=8)
    for (row, column), count in np.ndenumerate(found.shared):
        color = style.ALARM if count and row != column else style.INK
        ax.text(column, row, f"{count:,}", ha="center", va="center", fontsize=11, color=color)
    style.name_rows(ax, found.splits)
    ax.set_ylim(size - 0.5, -0.5)
    ax.set_xticks(range(size), [f"in {name}" for name in found.splits], color=style.INK, fontsize=9.5)
    style.head(ax, "Identical faces", "faces of a row that occur (again) in a column")


def _copies(faces: FaceSet, members: statistics.Labels) -> str:
    """How often a face occurs, where, and under which labels."""
    places = Counter(SPLITS[split] for split in faces.splits[members])
    labels = sorted({_label(faces, at) for at in members})
    named = " or ".join(style.short(label, 12) for label in labels[:3])
    return f"{len(members)} x {named}\n{', '.join(f'{count} {split}' for split, count in places.items())}"


def _label(faces: FaceSet, at: int | np.integer) -> str:
    label = int(faces.labels[at])
    return "unlabeled" if label == UNLABELED else faces.classes[label]
