"""Predictions with marks at doubtful labels: an evaluation reports the accuracy with and without them."""

from dataclasses import replace

import numpy as np

from mien.data.corrections import Corrections, read_corrections
from mien.errors import PredictionsError
from mien.files.writing import as_path
from mien.labels import name_of_label
from mien.predictions import Predictions
from mien.training.run_folder.corrections import read_copies
from mien.training.run_folder.run import RunFolder


def with_audit(predictions: Predictions, audit: object) -> Predictions:
    """Return the predictions with marks at the faces that an audit doubts.

    Args:
        predictions: For some faces of the audited data set.
        audit: Path of the CSV of the audit.

    Raises:
        DataError: It can't be read.
        PredictionsError: It states other labels for these faces.
    """
    return marked(predictions, read_corrections(as_path(audit, "audit", PredictionsError)))


def with_audit_of_run(predictions: Predictions, run: RunFolder) -> Predictions:
    """Return the predictions with marks at the faces that the corrections of a run's training doubt.

    Raises:
        DataError: The files of the corrections are missing or were changed.
    """
    if not predictions.from_training_data:
        return predictions
    for file in read_copies(run).values():
        predictions = marked(predictions, file.corrections)
    return predictions


def marked(predictions: Predictions, corrections: Corrections) -> Predictions:
    """Return the predictions with marks at doubtful faces; earlier marks stay.

    Raises:
        PredictionsError: The file states other labels for these faces.
    """
    names = predictions.ids.tolist()
    for name, label in zip(names, predictions.labels.tolist(), strict=True):
        stated = corrections.labels.get(name, "")
        found = name_of_label(label, predictions.classes)
        corrected = corrections.suggestions.get(name)  # a run may evaluate corrected training faces
        if stated and found not in (stated, corrected):
            raise PredictionsError(
                f"{corrections.path}: the face {name!r} is labeled {stated!r} there, but {found or 'not'!r} "
                f"in {predictions.source or 'the predictions'}; expected an audit of this data set",
                path=corrections.path,
            )
    mask = np.array([name in corrections.doubtful for name in names], bool)
    return replace(
        predictions, doubtful=mask if predictions.doubtful is None else mask | predictions.doubtful
    )
