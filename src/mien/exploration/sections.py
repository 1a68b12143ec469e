"""Sections of the page: each figure with a text that states its main numbers.

A section is drawn when it is reached, so that one figure at a time is in memory.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from mien.data.summary import Info
from mien.exploration import galleries, plots, statistics
from mien.faceset import FaceSet
from mien.figures import style
from mien.text import counted

MOST_NAMES = 10
"""Names of classes that a text lists."""


@dataclass(frozen=True)
class Section:
    """One figure of the page.

    Attributes:
        name: Stem of the file; also the anchor in the page.
        title: Heading.
        text: What the figure shows, in a sentence or two.
        draw: Returns the figure.
    """

    name: str
    title: str
    text: str
    draw: Callable[[], Figure]


def sections(
    faces: FaceSet, found: Info, *, seed: int, examples: int, class_name: str | None
) -> Iterator[Section]:
    """Yield the sections for `faces`; without labels there are fewer.

    Args:
        faces: One face or more.
        found: Their summary, see `mien.data.summary.describe`.
        seed: Of the choice of example faces.
        examples: Number of example faces of one class, 1 or more.
        class_name: Class of these examples; the one with the most faces if None.

    Raises:
        DataError: There is no such class, it has no faces, or `examples` is below 1.
    """
    counts = faces.counts()
    if counts.any() or class_name is not None:
        name = class_name or faces.classes[int(counts.argmax())]
        yield _examples(faces, name, seed, examples)
        yield _one_per_class(faces, seed)
        yield from _distributions(faces, found)
        yield _means(faces)
    else:
        yield _unlabeled_examples(faces, seed, examples)
    yield _brightness(faces)
    yield _duplicates(faces, found)
    if found.ferplus is not None:
        yield _ferplus(faces, found)


def _examples(faces: FaceSet, name: str, seed: int, number: int) -> Section:
    count = int(faces.counts()[statistics.label_of_class(faces, name)])
    text = f"{number} of the {counted(count, 'face')} labeled {name}, chosen with seed {seed}."
    if number >= count:
        text = f"All {count:,} faces labeled {name}." if count > 1 else f"The only face labeled {name}."
    return Section(
        "examples", f"Examples of {name}", text,
        lambda: galleries.examples_of_class(faces, name, number=number, seed=seed),
    )  # fmt: skip


def _unlabeled_examples(faces: FaceSet, seed: int, number: int) -> Section:
    text = f"These faces have no labels. {min(number, len(faces))} of {len(faces):,} are shown."
    return Section(
        "examples", "Examples", text, lambda: galleries.random_examples(faces, number=number, seed=seed)
    )


def _one_per_class(faces: FaceSet, seed: int) -> Section:
    empty = [name for name, count in zip(faces.classes, faces.counts(), strict=True) if not count]
    text = f"One face of each class, chosen with seed {seed}."
    if empty:
        text += f" No face is labeled {listed(empty)}."
    return Section(
        "one_per_class", "One face per class", text, lambda: galleries.one_per_class(faces, seed=seed)
    )


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
        text = f"All labeled faces of {split} are {faces.classes[most]}."
    elif ratio < 1.1:
        text = f"The {len(present)} classes of {split} are balanced."
    else:
        text = (
            f"In {split}, {faces.classes[most]} is the most frequent class "
            f"({counted(counts[most], 'face')}) and "
            f"{faces.classes[least]} the rarest ({counts[least]:,}): {ratio:.1f} to 1. The majority-class "
            f"baseline has an accuracy of {100 * counts[most] / counts.sum():.1f} %."
        )
    return Section(
        f"classes_{split}", f"Class distribution of {split}", text,
        lambda: style.figure_of(plots.class_distribution(faces, split)),
    )  # fmt: skip


def _pair(faces: FaceSet, left: str, right: str) -> Section:
    first, second = (faces.of_split(split).counts() for split in (left, right))
    gaps = second / second.sum() - first / first.sum()
    widest = int(np.abs(gaps).argmax())
    if abs(gaps[widest]) < 0.0005:
        text = f"{left.capitalize()} and {right} have the same class distribution."
    else:
        text = (
            f"The share of {faces.classes[widest]} differs most: {100 * gaps[widest]:+.1f} points in {right}."
        )
    text += f" {right.capitalize()} has {second.sum() / first.sum():.2f} times as many faces as {left}."
    return Section(
        f"classes_{left}_{right}", f"Class distributions of {left} and {right}", text,
        lambda: plots.compare_splits(faces, left, right),
    )  # fmt: skip


def _means(faces: FaceSet) -> Section:
    text = "Mean of all faces of a class, pixel by pixel: the sharper, the more similar the faces are."
    return Section("mean_faces", "Mean faces", text, lambda: galleries.mean_faces(faces))


def _brightness(faces: FaceSet) -> Section:
    found = statistics.pixel_statistics(faces)
    text = (
        f"Half of all faces have a brightness between {np.quantile(found.brightness, 0.25):.0f} and "
        f"{np.quantile(found.brightness, 0.75):.0f} of 255, and a contrast between "
        f"{np.quantile(found.contrast, 0.25):.0f} and {np.quantile(found.contrast, 0.75):.0f}."
    )
    flat = int((found.contrast < 1).sum())
    if flat:
        uniform = counted(flat, "image is uniform and shows", "images are uniform and show")
        text += f" {uniform} no face."
    return Section(
        "brightness_and_contrast", "Brightness and contrast", text,
        lambda: plots.brightness_and_contrast(faces),
    )  # fmt: skip


def _duplicates(faces: FaceSet, found: Info) -> Section:
    extra = found.faces - found.distinct
    leaks = [
        f"{counted(leak.faces, 'face')} of {leak.split} also in {leak.other}"
        for leak in found.overlaps
        if leak.faces
    ]
    if not extra:
        text = "No two faces are pixel-identical."
    else:
        share = 100 * extra / found.faces
        text = (
            f"{counted(extra, 'face is', 'faces are')} pixel-identical to an earlier one ({share:.1f} % of "
            f"{found.faces:,})."
        )
        text += f" Across splits: {listed(leaks)}." if leaks else " None are in different splits."
    if found.conflicting:
        text += f" Images with more than one label: {found.conflicting:,}."
    return Section("duplicates", "Duplicates", text, lambda: galleries.duplicates(faces))


def _ferplus(faces: FaceSet, found: Info) -> Section:
    votes = found.ferplus
    share = 100 * votes.agreeing / max(1, votes.comparable) if votes else 0.0
    text = f"The majority of the FER+ votes agrees with the label for {share:.1f} % of the comparable faces."
    if votes and votes.majorities["NF"]:
        text += f' For {counted(votes.majorities["NF"], "image")} the majority is "not a face".'
    return Section("ferplus_votes", "FER+ votes", text, lambda: style.figure_of(plots.ferplus_votes(faces)))


def listed(text: list[str]) -> str:
    """Return "a, b and c"; of many the first, and the number of the others."""
    if len(text) > MOST_NAMES:
        text = [*text[: MOST_NAMES - 1], counted(len(text) - MOST_NAMES + 1, "other")]
    return " and ".join([", ".join(text[:-1]), text[-1]]) if len(text) > 1 else "".join(text)
