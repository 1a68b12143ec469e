"""Findings about labels, by confident learning from predicted probabilities."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.auditing.confident import ConfidentJoint, confident_joint, label_errors
from mien.auditing.finding import LABEL_ERROR, Finding, finding
from mien.data.corrections import EXCLUDE
from mien.errors import PredictionsError
from mien.evaluation.calibration.temperature import fit_temperature
from mien.faceset import FaceSet
from mien.labels import UNLABELED
from mien.predictions import Predictions
from mien.text import counted

DOUBTFUL: Final = 0.05
"""Calibrated probability below which a label is doubtful: of faces that look like this one to the networks,
less than one in twenty has this label. Among such labels of FER2013, five in six have at most two of the ten
votes of FER+ (docs/lab-notebook.md, 2026-11-27)."""

LEAST_PROBABILITY: Final = 1e-7
"""Limit of probabilities, whose logarithms are calibrated."""

SUSPICIOUS_ACCURACY: Final = 0.95

WEAK_ACCURACY: Final = 0.5
"""Out-of-fold accuracy below which few label errors are found: with 36 %, 2 of 100 that were planted."""


@dataclass(frozen=True)
class LabelAudit:
    """The labels of a data set, compared with predicted probabilities.

    Attributes:
        positions: int64, (m,); the faces that have a label and a prediction, and whose image can be judged.
        probabilities: float64, (m, classes); calibrated on the labels.
        labels: int64, (m,).
        joint: The estimate of confident learning.
        errors: bool, (m,); label errors by confident learning (both kinds of pruning).
        doubtful: bool, (m,); those of them whose label has a very low probability: the findings.
        system: Name of what made the predictions.
        unjudged: Number of faces with a label and a prediction whose image can't be judged.
    """

    positions: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    labels: NDArray[np.int64]
    joint: ConfidentJoint
    errors: NDArray[np.bool_]
    doubtful: NDArray[np.bool_]
    system: str = ""
    unjudged: int = 0

    @property
    def accuracy(self) -> float:
        """Share of the faces whose most probable class is their label."""
        return float((self.probabilities.argmax(1) == self.labels).mean())

    @property
    def estimated_error_rate(self) -> float:
        """Share of wrong labels, as confident learning estimates it."""
        return float(1 - np.trace(self.joint.joint))


def audit_labels(
    faces: FaceSet, predictions: Predictions, unjudged: Collection[int] = frozenset()
) -> LabelAudit:
    """Compare the labels of a data set with predictions of networks that were not trained on them.

    Args:
        faces: The data set.
        predictions: For all its faces or some, by their ids.
        unjudged: Positions of images that show no upright face, for which a prediction means nothing. They
            are left out of all estimates, unless nothing would remain.

    Raises:
        PredictionsError: They have other classes, or none of these faces, or labels that differ.
    """
    matched, columns = matched_faces(faces, predictions)
    judged = ~np.isin(matched, list(unjudged))
    if not judged.any():
        judged[:] = True
    rows, columns = matched[judged], columns[judged]
    labels = faces.labels[rows]
    probabilities = calibrated(predictions.probabilities[columns], labels)
    joint = confident_joint(probabilities, labels)
    errors = label_errors(probabilities, labels, joint)
    own = probabilities[np.arange(len(rows)), labels]
    return LabelAudit(
        rows, probabilities, labels, joint, errors, errors & (own < DOUBTFUL), predictions.system,
        unjudged=len(matched) - len(rows),
    )  # fmt: skip


def calibrated(probabilities: NDArray[np.floating], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return probabilities after temperature scaling on the labels, float64 (n, classes).

    Networks that were trained briefly or with smoothed labels give each class a few percent. Out of fold, the
    labels that they are calibrated on are not those that they were trained on.
    """
    logits = np.log(np.maximum(probabilities.astype(np.float64), LEAST_PROBABILITY))
    logits /= fit_temperature(logits, labels)
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True), np.float64)


def label_findings(faces: FaceSet, found: LabelAudit) -> Iterator[Finding]:
    """Yield the doubtful labels, the least probable first.

    The suggestion is the most probable class if the network is confident of it, else to exclude the face.
    """
    own = found.probabilities[np.arange(len(found.labels)), found.labels]
    rows = np.flatnonzero(found.doubtful)
    best = found.probabilities.argmax(1)
    for at in rows[np.argsort(own[rows], kind="stable")]:
        name, probability = faces.classes[best[at]], found.probabilities[at, best[at]]
        confident = found.joint.confident[at] == best[at]
        yield finding(
            faces, int(found.positions[at]), LABEL_ERROR, 1 - own[at], name if confident else EXCLUDE,
            details=f"{name} {probability:.0%}, {faces.classes[found.labels[at]]} {own[at]:.1%}",
        )  # fmt: skip


def label_notes(found: LabelAudit, predictions: Predictions, faces: FaceSet) -> list[str]:
    """Return what a user should know about the predictions."""
    notes = []
    if found.accuracy > SUSPICIOUS_ACCURACY:
        notes.append(
            f"{predictions.system or 'these predictions'}: {found.accuracy:.1%} of the labels are predicted, "
            "as by a network that was trained on them; such predictions hide label errors"
        )
    if found.accuracy < WEAK_ACCURACY:
        notes.append(
            f"{predictions.system or 'these predictions'}: only {found.accuracy:.1%} of the labels are "
            "predicted; so weak a network is rarely confident of another class, and most label errors are "
            "missed; train it longer"
        )
    trained = 0 if predictions.in_training is None else int(predictions.in_training.sum())
    if trained:
        notes.append(
            f"{predictions.system or 'the system'} was trained on {trained:,} of these faces with their "
            "labels; errors that it has learned are not found; pass folds or predictions out of fold"
        )
    missing = int((faces.labels != UNLABELED).sum()) - len(found.positions) - found.unjudged
    if missing:
        notes.append(f"{counted(missing, 'labeled face')} without a prediction, whose labels are not audited")
    return notes


def matched_faces(faces: FaceSet, predictions: Predictions) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return positions in the data set and in the predictions of the labeled faces that both have.

    Raises:
        PredictionsError: They have no probabilities, other classes, none of these faces, or other labels.
    """
    predictions.require_probabilities("an audit of labels")
    if predictions.classes != faces.classes:
        raise PredictionsError(
            f"predictions of the classes {', '.join(predictions.classes)}, but the data set has "
            f"{', '.join(faces.classes)}"
        )
    place = {name: at for at, name in enumerate(predictions.ids.tolist())}
    names = faces.ids.tolist()
    rows = np.array(
        [at for at, name in enumerate(names) if name in place and faces.labels[at] >= 0], np.int64
    )
    if not len(rows):
        raise PredictionsError(f"these predictions are for none of the labeled faces of {faces.source}")
    columns = np.array([place[names[at]] for at in rows], np.int64)
    differing = (predictions.labels[columns] != faces.labels[rows]) & (
        predictions.labels[columns] != UNLABELED
    )
    if differing.any():
        name = names[rows[np.flatnonzero(differing)[0]]]
        raise PredictionsError(
            f"{counted(int(differing.sum()), 'label')} unlike those of the predictions, the first: face "
            f"{name}; predict this data set again"
        )
    return rows, columns
