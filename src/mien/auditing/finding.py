"""A finding of an audit: one face, one reason; and how the findings of a face are reconciled."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from mien.data.corrections import EXCLUDE, NO_CLASS
from mien.faceset import FaceSet
from mien.labels import SPLITS, name_of_label

DUPLICATE: Final = "duplicate"
NEAR_DUPLICATE: Final = "near duplicate"
ACROSS: Final = " across splits"
CONFLICT: Final = "conflicting labels"
NOT_A_FACE: Final = "not a face"
TURNED: Final = "not upright"
LABEL_ERROR: Final = "label error"

COLUMNS: Final = ("row", "label", "suggestion", "reason", "score", "split", "match", "details")
"""Of the CSV."""


@dataclass(frozen=True)
class Finding:
    """A face that an audit reports, for one reason.

    Attributes:
        row: The id of the face.
        label: Name of its class; "" if it has none.
        suggestion: Name of a class, "exclude", or "keep".
        reason: The kind of the finding.
        score: 0 to 1; the higher, the more certain.
        split: The split of the face.
        match: The id of its duplicate, or "".
        details: A few words.
        position: Its position in the data set.
    """

    row: str
    label: str
    suggestion: str
    reason: str
    score: float
    split: str
    match: str = ""
    details: str = ""
    position: int = -1

    def cells(self) -> tuple[str, ...]:
        """Return the cells of the CSV, in the order of `COLUMNS`."""
        score = f"{self.score:.4f}"
        return (
            self.row, self.label, self.suggestion, self.reason, score, self.split, self.match, self.details,
        )  # fmt: skip


def finding(
    faces: FaceSet,
    position: int,
    reason: str,
    score: float,
    suggestion: str = EXCLUDE,
    *,
    match: int | None = None,
    details: str = "",
) -> Finding:
    """Return a finding about the face at a position of the data set."""
    return Finding(
        row=str(faces.ids[position]),
        label=label_name(faces, position),
        suggestion=suggestion,
        reason=reason,
        score=min(1.0, max(0.0, float(score))),
        split=SPLITS[int(faces.splits[position])],
        match="" if match is None else str(faces.ids[match]),
        details=details,
        position=int(position),
    )


def label_name(faces: FaceSet, position: int) -> str:
    """Return the name of the class of a face; "" if it has no label."""
    return name_of_label(int(faces.labels[position]), faces.classes)


def reconciled(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings with at most one suggestion to change each face.

    A face that one finding excludes gets no label by another one, and the first suggested class counts.
    """
    all_of = list(findings)
    excluded = {one.position for one in all_of if one.suggestion == EXCLUDE}
    chosen: dict[int, str] = {}
    for one in all_of:
        if one.suggestion not in NO_CLASS:
            chosen.setdefault(one.position, one.suggestion)
    return tuple(_decided(one, excluded, chosen) for one in all_of)


def _decided(one: Finding, excluded: set[int], chosen: dict[int, str]) -> Finding:
    if one.suggestion in NO_CLASS:
        return one
    decided = EXCLUDE if one.position in excluded else chosen[one.position]
    return replace(one, suggestion=decided)


def counts_of(findings: Sequence[Finding]) -> dict[str, int]:
    """Return the number of faces of each reason, in the order of the findings."""
    faces: dict[str, set[int]] = {}
    for one in findings:
        faces.setdefault(one.reason, set()).add(one.position)
    return {reason: len(positions) for reason, positions in faces.items()}
