"""The audit of a data set as one value."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mien.auditing.agreement import Agreement, agreement
from mien.auditing.confusions import ConfusedPair, confused_pairs
from mien.auditing.copies import copies
from mien.auditing.finding import COLUMNS, NOT_A_FACE, TURNED, Finding, counts_of, reconciled
from mien.auditing.images import bad_images
from mien.auditing.labels import LabelAudit, audit_labels, label_findings, label_notes, matched_faces
from mien.auditing.quality import BLANK
from mien.data.corrections import KEEP
from mien.data_frame import data_frame
from mien.errors import DataError
from mien.faceset import FaceSet
from mien.files.writing import write_csv, write_text
from mien.optional import import_optional
from mien.predictions import Predictions
from mien.text import counted

if TYPE_CHECKING:
    import pandas

CSV: Final = "audit.csv"
PAGE: Final = "index.html"

FACELESS: Final = frozenset((NOT_A_FACE, BLANK))
"""Reasons of images that show no face: they are no near duplicates of each other."""

UNJUDGED: Final = FACELESS | {TURNED}
"""Reasons for which the label of an image is not judged: its prediction means nothing."""


@dataclass(frozen=True, eq=False)
class Audit:
    """What an audit found.

    Attributes:
        faces: The data set.
        findings: One for each face and reason: duplicates, bad images, then label errors by score.
        labels: The labels, compared with predictions; None without predictions.
        confusions: Pairs of classes that annotators confuse.
        agreement: Agreement of doubtful labels with the votes of FER+; None without votes.
        notes: What a user should know, one sentence each.
    """

    faces: FaceSet
    findings: tuple[Finding, ...]
    labels: LabelAudit | None = None
    confusions: tuple[ConfusedPair, ...] = ()
    agreement: Agreement | None = None
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Number of faces by reason."""
        return counts_of(self.findings)

    @property
    def doubtful(self) -> frozenset[str]:
        """Rows that are to be excluded or to get another label."""
        return frozenset(one.row for one in self.findings if one.suggestion != KEEP)

    def to_frame(self) -> "pandas.DataFrame":
        """Return the findings as a pandas DataFrame, with the columns of the CSV.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        rows = [
            (one.row, one.label, one.suggestion, one.reason, one.score, *one.cells()[5:])
            for one in self.findings
        ]
        return data_frame(rows, COLUMNS)

    def write(self, folder: str | Path) -> Path:
        """Write the page and `audit.csv` into a folder, and return the path of the page.

        Raises:
            MienError: The folder can't be written.
            MissingExtraError: Jinja2 is not installed.
        """
        target = Path(folder)
        text: str = import_optional("mien.auditing.page", "report").audit_page(self)
        self.write_csv(target / CSV)
        write_text(target / PAGE, text)
        return target / PAGE

    def write_csv(self, path: str | Path) -> None:
        """Write the findings as a CSV that `data.exclude` and `data.relabel` of a recipe take.

        Raises:
            MienError: It can't be written.
        """
        write_csv(Path(path), COLUMNS, (one.cells() for one in self.findings))

    def __repr__(self) -> str:
        words = ", ".join(f"{count:,} {reason}" for reason, count in self.counts.items()) or "nothing found"
        return f"<Audit of {self.faces.source!r}: {counted(len(self.faces), 'face')}, {words}>"


def audit_faces(
    faces: FaceSet, predictions: Predictions | None = None, step: Callable[[str], object] = str
) -> Audit:
    """Audit a data set.

    Args:
        faces: Faces of all splits.
        predictions: Out-of-fold predictions for its faces; without them, labels are not audited.
        step: Called with what is done next.

    Raises:
        DataError: There are no faces.
        PredictionsError: The predictions don't fit.
    """
    if not len(faces):
        raise DataError(f"{faces.source}: no faces to audit")
    if predictions is not None:
        matched_faces(faces, predictions)  # before the costly steps
    step("images")
    images, notes = bad_images(faces)
    step("duplicates")
    duplicates = list(copies(faces, {one.position for one in images if one.reason in FACELESS}))
    found = [*duplicates, *images]
    if predictions is None:
        return Audit(faces, reconciled(found), notes=tuple(notes))
    step("labels")
    unjudged = {one.position for one in images if one.reason in UNJUDGED}
    labels = audit_labels(faces, predictions, unjudged)
    found += label_findings(faces, labels)
    return Audit(
        faces,
        reconciled(found),
        labels,
        confused_pairs(labels, faces.classes),
        agreement(faces, labels),
        (*notes, *label_notes(labels, predictions, faces)),
    )
