"""What the page of an exploration shows: each figure with a sentence that its numbers say.

A section is drawn when it is reached, so that one figure at a time is in memory.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mien.data.summary import Info
from mien.exploration import galleries, plots, statistics
from mien.faceset import FaceSet


@dataclass(frozen=True)
class Section:
    """One figure of the page.

    Attributes:
        name: Of its file, without the ending; also its anchor.
        title: Heading.
        words: What the figure says, in a sentence or two.
        draw: Draws it.
    """

    name: str
    title: str
    words: str
    draw: Callable[[], Figure]


def sections(
    faces: FaceSet, found: Info, *, seed: int, examples: int, emotion: str | None
) -> Iterator[Section]:
    """Yield what there is to show of `faces`; without labels that is less.

    Args:
        faces: One face or more.
        found: What `describe` says about them.
        seed: Decides which examples.
        examples: Number of example faces of one class, 1 or more.
        emotion: Class of the examples; the one with the most faces if None.

    Raises:
        DataError: There is no such class, it has no faces, or `examples` is below 1.
    """
    counts = faces.counts()
    if counts.any() or emotion is not None:
        name = emotion or faces.classes[int(counts.argmax())]
        yield _examples(faces, name, seed, examples)
        yield _one_of_each(faces, seed)
        yield from _distributions(faces, found)
        yield _means(faces)
    else:
        yield _unlabeled_examples(faces, seed, examples)
    yield _light(faces)
    yield _duplicates(faces, found)
    if found.ferplus is not None:
        yield _ferplus(faces, found)


def _examples(faces: FaceSet, emotion: str, seed: int, number: int) -> Section:
    count = int(faces.counts()[statistics.class_position(faces, emotion)])
    words = f"{number} of the {count:,} faces labeled {emotion}, picked with seed {seed}."
    if number >= count:
        words = (
            f"All {count:,} faces labeled {emotion}." if count > 1 else f"The only face labeled {emotion}."
        )
    return Section(
        "examples", f"Examples of {emotion}", words,
        lambda: galleries.examples_of_one_emotion(faces, emotion, number=number, seed=seed),
    )  # fmt: skip


def _unlabeled_examples(faces: FaceSet, seed: int, number: int) -> Section:
    words = f"These faces carry no labels. Here are {min(number, len(faces))} of {len(faces):,}."
    return Section(
        "examples", "Examples", words, lambda: galleries.some_faces(faces, number=number, seed=seed)
    )


def _one_of_each(faces: FaceSet, seed: int) -> Section:
    empty = [name for name, count in zip(faces.classes, faces.counts(), strict=True) if not count]
    words = f"One face of each class, picked with seed {seed}."
    if empty:
        words += f" No face is labeled {listed(empty)}."
    return Section("one_of_each", "One of each", words, lambda: galleries.one_of_each(faces, seed=seed))


def _distributions(faces: FaceSet, found: Info) -> Iterator[Section]:
    for split in found.splits:
        if sum(split.counts):
            yield _distribution(faces, split.name, np.array(split.counts))
    for left, right in plots.pairs_of_splits(faces):
        yield _pair(faces, left, right)


def _distribution(faces: FaceSet, split: str, counts: statistics.Labels) -> Section:
    present = np.flatnonzero(counts)
    most, least = present[counts[present].argmax()], present[counts[present].argmin()]
    ratio = counts[most] / counts[least]
    if len(present) == 1:
        words = f"All labeled faces of {split} are {faces.classes[most]}."
    elif ratio < 1.1:
        words = f"The {len(present)} classes of {split} are balanced."
    else:
        words = (
            f"In {split}, {faces.classes[most]} is the most frequent class ({counts[most]:,} faces) and "
            f"{faces.classes[least]} the rarest ({counts[least]:,}): {ratio:.1f} to 1. Always answering "
            f"{faces.classes[most]} would be right for {100 * counts[most] / counts.sum():.1f} %."
        )
    return Section(
        f"classes_{split}", f"Classes of {split}", words,
        lambda: _figure_of(plots.class_distribution(faces, split)),
    )  # fmt: skip


def _pair(faces: FaceSet, left: str, right: str) -> Section:
    first, second = (faces.of_split(split).counts() for split in (left, right))
    gaps = second / second.sum() - first / first.sum()
    widest = int(np.abs(gaps).argmax())
    if abs(gaps[widest]) < 0.0005:
        words = f"{left.capitalize()} and {right} mix the classes alike."
    else:
        words = (
            f"The share of {faces.classes[widest]} differs most: {100 * gaps[widest]:+.1f} points in {right}."
        )
    words += f" {right.capitalize()} has {second.sum() / first.sum():.2f} faces for each of {left}."
    return Section(
        f"classes_{left}_{right}", f"{left.capitalize()} beside {right}", words,
        lambda: plots.two_splits(faces, left, right),
    )  # fmt: skip


def _means(faces: FaceSet) -> Section:
    words = (
        "What stays when all faces of a class are laid over each other: the sharper, the more alike they are."
    )
    return Section("mean_faces", "Mean faces", words, lambda: galleries.mean_faces(faces))


def _light(faces: FaceSet) -> Section:
    found = statistics.light(faces)
    words = (
        f"Half of all faces have a brightness between {np.quantile(found.brightness, 0.25):.0f} and "
        f"{np.quantile(found.brightness, 0.75):.0f} of 255, and a contrast between "
        f"{np.quantile(found.contrast, 0.25):.0f} and {np.quantile(found.contrast, 0.75):.0f}."
    )
    flat = int((found.contrast < 1).sum())
    if flat:
        words += (
            f" {flat:,} {'picture is' if flat == 1 else 'pictures are'} of one gray all over: no face to see."
        )
    return Section(
        "brightness_and_contrast", "Brightness and contrast", words,
        lambda: plots.brightness_and_contrast(faces),
    )  # fmt: skip


def _duplicates(faces: FaceSet, found: Info) -> Section:
    extra = found.faces - found.distinct
    leaks = [
        f"{leak.faces:,} of {leak.split} are also in {leak.other}" for leak in found.overlaps if leak.faces
    ]
    if not extra:
        words = "No face occurs twice, pixel for pixel."
    else:
        share = 100 * extra / found.faces
        words = f"{extra:,} of {found.faces:,} faces ({share:.1f} %) repeat an earlier one, pixel for pixel."
        words += f" Across splits: {listed(leaks)}." if leaks else " No pair of them crosses splits."
    if found.conflicting:
        words += f" Pictures with more than one label: {found.conflicting:,}."
    return Section("duplicates", "Duplicates", words, lambda: galleries.duplicates(faces))


def _ferplus(faces: FaceSet, found: Info) -> Section:
    votes = found.ferplus
    share = 100 * votes.agreeing / max(1, votes.comparable) if votes else 0.0
    words = f"The majority of ten voters agrees with the label of {share:.1f} % of the faces that both name."
    if votes and votes.majorities["NF"]:
        words += f" They take {votes.majorities['NF']:,} pictures for no face at all."
    return Section("ferplus_votes", "FER+ votes", words, lambda: _figure_of(plots.ferplus_votes(faces)))


def listed(words: list[str]) -> str:
    """Return "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _figure_of(ax: Axes) -> Figure:
    figure = ax.figure
    if not isinstance(figure, Figure):
        raise TypeError(f"axes of a {type(figure).__name__}, expected those of a Figure")
    return figure
