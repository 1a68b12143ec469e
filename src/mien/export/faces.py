"""The faces that an export needs: validation to calibrate and check with, training for int8."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.errors import DataError, PredictionsError, RunError
from mien.evaluate.predictions import read_predictions
from mien.evaluate.run import predictions_path
from mien.labels import TRAIN, UNLABELLED, VALIDATION
from mien.train.run import Run, read_run_faces
from mien.transforms.prepare import equalise

CALIBRATION_FACES = 512
"""More move the ranges of int8 no further."""


@dataclass(frozen=True, eq=False)
class Validation:
    """The labelled validation faces of a run.

    Attributes:
        images: uint8, (n, side, side), as read.
        labels: int64, (n,); a position in the run's classes.
        ids: str, (n,).
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    ids: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.labels)


def validation_of(run: Run, data: str | None = None) -> Validation:
    """Return the faces a run was validated on: from its saved predictions, else from its source.

    Args:
        run: The run.
        data: Its source at another place, which is read then.

    Raises:
        DataError: They can't be read, are others, or none has a label.
    """
    found = _saved(run) if data is None else None
    if found is None:
        faces = read_run_faces(run, data).of_split(VALIDATION)
        found = Validation(faces.images, faces.labels, faces.ids)
    known = found.labels != UNLABELLED
    if not known.any():
        raise DataError(f"{run.path}: no labelled validation face to calibrate and check with")
    return Validation(found.images[known], found.labels[known], found.ids[known])


def common_validation(runs: list[Run], data: str | None = None) -> Validation:
    """Return the validation faces that all runs share.

    Raises:
        RunError: They were validated on different faces: what one held out, another learned.
        DataError: As `validation_of`.
    """
    first = validation_of(runs[0], data)
    for run in runs[1:]:
        other = validation_of(run, data)
        if not (np.array_equal(first.images, other.images) and np.array_equal(first.labels, other.labels)):
            raise RunError(
                f"{runs[0].path} and {run.path} were validated on different faces, so that "
                "none is unseen by both; join runs with the same data and hold-out"
            )
    return first


def calibration_faces(run: Run, data: str | None, *, seed: int = 0) -> NDArray[np.uint8]:
    """Return up to `CALIBRATION_FACES` training faces (m, side, side), equalised, each class in proportion.

    Args:
        run: The run that was trained on them.
        data: Its source at another place.
        seed: Decides which faces.

    Raises:
        DataError: The source is gone, or is another.
    """
    training = read_run_faces(run, data).of_split(TRAIN)
    order = np.random.default_rng(seed).permutation(len(training))
    by_class = order[np.argsort(training.labels[order], kind="stable")]
    count = min(CALIBRATION_FACES, len(order))
    picked = np.linspace(0, len(order) - 1, count).round().astype(np.int64)
    return equalise(training.images[by_class[picked]], run.recipe.prepare)


def _saved(run: Run) -> Validation | None:
    """From the predictions of any checkpoint: the faces are the same."""
    path = predictions_path(run, VALIDATION)
    if not path.exists():
        return None
    try:
        predictions = read_predictions(path)
    except PredictionsError:
        return None  # damaged: the source is asked
    if predictions.faces is None:
        return None
    return Validation(predictions.faces, predictions.labels, predictions.ids)
