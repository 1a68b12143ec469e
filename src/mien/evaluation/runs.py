"""Predictions and reports of a run.

A run folder keeps its predictions with the digest of the checkpoint that made them. They are reused, without
data or network, until the run has another best checkpoint.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.data import read_faces
from mien.data.reading import FaceShape
from mien.errors import DataError, PredictionsError
from mien.evaluation.request import DEFAULTS, Request
from mien.evaluation.splits import faces_of_split, in_training, name_of_source, require_split
from mien.faceset import FaceSet
from mien.labels import TRAIN
from mien.openmp import import_torch
from mien.optional import named_extras
from mien.predictions import Predictions, predictions_for
from mien.predictions_file import read_predictions, write_predictions
from mien.training.progress import unfinished_note
from mien.training.run_folder.checkpoint_header import BEST, read_metadata
from mien.training.run_folder.faces import read_run_faces
from mien.training.run_folder.run import RunFolder


@dataclass(frozen=True)
class RunPredictions:
    """Predictions of a run, and the name of their file and their report in its folder."""

    predictions: Predictions
    name: str


def predictions_of_run(run: RunFolder, request: Request = DEFAULTS) -> RunPredictions:
    """Return the predictions of the best checkpoint for a split: saved ones, or computed and saved.

    Args:
        run: The run.
        request: Split, data set and settings; by default the validation split of the run's data set.

    Raises:
        DataError: There is no such split, the faces can't be read, or none is in that split.
        RunError: There is no complete checkpoint.
    """
    split, tta, device = request.split_of_network, request.tta, request.device
    require_split(split)
    name = _name(split, tta=tta)
    given = _given_faces(run, request)
    if given is not None and given.fingerprint != run.fingerprint:
        name = f"{name_of_source(given)}-{name}"
        predictions = predict_split(run, given, split, tta=tta, from_training_data=False, device=device)
    elif (saved := saved_predictions(run, name)) is not None:
        return RunPredictions(replace(saved, unfinished=unfinished_note(run)), name)
    else:
        predictions = predict_split(run, read_run_faces(run, given), split, tta=tta, device=device)
    write_predictions(predictions_path(run, name), predictions)
    return RunPredictions(predictions, name)


@named_extras()
def predict_split(
    run: RunFolder,
    faces: FaceSet,
    split: str,
    *,
    tta: bool,
    from_training_data: bool = True,
    device: str = "auto",
) -> Predictions:
    """Compute the predictions of the best checkpoint for one split of `faces`.

    Args:
        run: The run.
        faces: Faces of all splits.
        split: "validation", "test", "train" or "all".
        tta: With the test-time augmentation of the recipe.
        from_training_data: The run was trained on `faces`, with these splits.
        device: See `mien.training.devices.choose_device`.

    Raises:
        DataError: No face is in that split, or the classes are not the run's.
        RunError: There is no complete checkpoint.
        MissingExtraError: PyTorch is not installed.
    """
    import_torch()
    from mien.training.inference import probabilities_of

    found = faces_of_split(faces, split)
    if found.classes != run.classes:
        raise DataError(
            f"{faces.source}: classes {', '.join(found.classes)}, but {run.path} has "
            f"{', '.join(run.classes)}; evaluate it on a source with those classes"
        )
    training = faces.of_split(TRAIN).images if from_training_data else _training_images(run)
    predictions = predictions_for(
        found,
        probabilities_of(run, found.images, tta=tta, device=device),
        split=split,
        system=f"{run.name} (TTA)" if tta else run.name,
        leakage_warnings=run.info.leakage_warnings if from_training_data else (),
        in_training=in_training(found.images, training) if len(training) else None,
        checkpoint_digest=checkpoint_digest(run) or "",
        from_training_data=from_training_data,
    )
    return replace(predictions, unfinished=unfinished_note(run))


def predictions_path(run: RunFolder, name: str) -> Path:
    """Return the file of the predictions called `name`."""
    return run.path / "predictions" / f"{name}.npz"


def report_path(run: RunFolder, name: str) -> Path:
    """Return the folder of the report on the predictions called `name`."""
    return run.path / "report" / name


def checkpoint_digest(run: RunFolder) -> str | None:
    """Return the digest in the header of the best checkpoint; None if there is none that can be read."""
    return read_metadata(run.checkpoints / BEST).get("digest")


def _name(split: str, *, tta: bool) -> str:
    return f"{split}-tta" if tta else split


def _given_faces(run: RunFolder, request: Request) -> FaceSet | None:
    """Return the requested data set in the size of the run; None if it is the run's own."""
    if request.data is None or isinstance(request.data, FaceSet):
        return request.data
    info, source = run.info, run.info.source
    classes = source.named if request.classes is None else request.classes
    return read_faces(
        request.data, size=info.size, channels=info.channels, faces=request.faces or source.faces,
        detector=source.detector or "auto", classes=classes, skip_bad=source.skip_bad,
    )  # fmt: skip


def _training_images(run: RunFolder) -> NDArray[np.uint8]:
    """The training images of the run; none if their source is no longer there."""
    try:
        return read_run_faces(run).of_split(TRAIN).images
    except DataError:
        return np.empty(FaceShape(run.info.size, run.info.channels).array(0), np.uint8)


def saved_predictions(run: RunFolder, name: str) -> Predictions | None:
    """Return the saved predictions of that name, unless the run has another best checkpoint by now."""
    path = predictions_path(run, name)
    if not path.exists():
        return None
    try:
        predictions = read_predictions(path)
    except PredictionsError:
        return None  # damaged, or of an earlier format: computed again
    digest = checkpoint_digest(run)
    return predictions if digest is None or predictions.checkpoint_digest == digest else None
