"""Findings about duplicates: equal and nearly equal images, across splits, and with different labels."""

from collections import Counter
from collections.abc import Collection, Iterator

import numpy as np
from numpy.typing import NDArray

from mien.auditing.finding import ACROSS, CONFLICT, DUPLICATE, NEAR_DUPLICATE, Finding, finding, label_name
from mien.data.corrections import EXCLUDE, KEEP
from mien.data.duplicates import duplicate_groups
from mien.data.near_duplicates import Pairs, merged_groups, near_duplicates
from mien.faceset import FaceSet
from mien.labels import SPLITS, TEST, TRAIN, VALIDATION

_KEPT_FIRST = (SPLITS.index(TEST), SPLITS.index(VALIDATION), SPLITS.index(TRAIN))
"""Splits whose copy of a face is kept: evaluation faces stay, and training loses its copies of them."""

Ints = NDArray[np.int64]


def copies(faces: FaceSet, faceless: Collection[int] = frozenset()) -> Iterator[Finding]:
    """Yield the findings about each face of each group of duplicates.

    Args:
        faces: The data set.
        faceless: Positions of images that show no face. Two of them are no near duplicates: a gradient or a
            checkerboard is like any other one after a registration.
    """
    exact = duplicate_groups(faces.images)
    pairs = _of_faces(near_duplicates(faces.images), faceless)
    groups = merged_groups(exact, pairs.first, pairs.second)
    similarity = _similarities(pairs)
    order = np.argsort(groups, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(groups[order])) + 1):
        if len(members) > 1:
            yield from _of_group(faces, members, exact, similarity)


def _of_faces(pairs: Pairs, faceless: Collection[int]) -> Pairs:
    """Return the pairs of which at least one image shows a face."""
    without = list(faceless)
    kept = ~(np.isin(pairs.first, without) & np.isin(pairs.second, without))
    return Pairs(pairs.first[kept], pairs.second[kept], pairs.mirrored[kept], pairs.similarity[kept])


def _similarities(pairs: Pairs) -> dict[int, tuple[float, bool]]:
    """Return the highest similarity of each image to another one, and whether mirrored, by position."""
    found: dict[int, tuple[float, bool]] = {}
    columns = (pairs.first, pairs.second, pairs.mirrored, pairs.similarity)
    for first, second, mirrored, value in zip(*(column.tolist() for column in columns), strict=True):
        for position in (first, second):
            found[position] = max(found.get(position, (0.0, False)), (value, mirrored))
    return found


def _of_group(
    faces: FaceSet, members: Ints, exact: Ints, similarity: dict[int, tuple[float, bool]]
) -> Iterator[Finding]:
    ranked = _kept_first(faces, members)
    kept = int(ranked[0])
    across = ACROSS if len(set(faces.splits[members].tolist())) > 1 else ""
    equal = Counter(exact[members].tolist())
    for position in ranked.tolist():
        match = int(ranked[1]) if position == kept else kept
        is_exact = equal[int(exact[position])] > 1 and exact[position] == exact[match]
        value, mirrored = (1.0, False) if is_exact else similarity.get(int(exact[position]), (1.0, False))
        drops = position != kept and int(faces.splits[position]) == SPLITS.index(TRAIN)
        yield finding(
            faces, position, (DUPLICATE if is_exact else NEAR_DUPLICATE) + across, value,
            EXCLUDE if drops else KEEP, match=match, details=_described(faces, members, mirrored=mirrored),
        )  # fmt: skip
    yield from _conflicts(faces, ranked)


def _kept_first(faces: FaceSet, members: Ints) -> Ints:
    """Return the copies in the order in which they are kept: by split, then the most frequent label first."""
    ranks = np.array([_KEPT_FIRST.index(int(split)) for split in faces.splits[members]])
    labels = [label_name(faces, at) for at in members.tolist()]
    counts = Counter(name for name in labels if name)
    support = np.array([counts[name] for name in labels])
    return np.asarray(members[np.lexsort((members, -support, ranks))], np.int64)


def _conflicts(faces: FaceSet, members: Ints) -> Iterator[Finding]:
    """Yield the faces of a group with different labels; a majority is suggested, else to exclude all."""
    labels = Counter(name for name in (label_name(faces, at) for at in members.tolist()) if name)
    if len(labels) < 2:
        return
    (first, most), (_, second) = labels.most_common(2)
    words = ", ".join(f"{count} {name}" for name, count in labels.most_common())
    for position in members.tolist():
        name = label_name(faces, position)
        agrees = name == first and most > second
        suggestion = KEEP if agrees else first if most > second else EXCLUDE
        match = next(int(at) for at in members if at != position and label_name(faces, int(at)) != name)
        yield finding(
            faces, position, CONFLICT, 1 - labels[name] / sum(labels.values()), suggestion,
            match=match, details=f"labels of its copies: {words}",
        )  # fmt: skip


def _described(faces: FaceSet, members: Ints, *, mirrored: bool) -> str:
    places = Counter(SPLITS[int(split)] for split in faces.splits[members])
    words = ", ".join(f"{count} in {name}" for name, count in places.items())
    return f"{len(members)} copies: {words}{'; mirrored' if mirrored else ''}"
