"""From a run folder to predictions and a report; the only place here that knows about training.

What a run predicted is kept in its folder with the digest of the checkpoint, so that asking
again needs neither data nor network, and a run that trained on is predicted anew.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from safetensors import SafetensorError, safe_open

from mien.data import read_faces
from mien.data.duplicates import duplicate_groups
from mien.errors import DataError, PredictionsError
from mien.evaluation.caveats import ALL
from mien.evaluation.evaluation import Evaluation
from mien.evaluation.predictions import Predictions, predictions_for, read_predictions, write_predictions
from mien.evaluation.terminal import print_evaluation
from mien.faceset import FaceSet
from mien.labels import TRAIN
from mien.training.run import RunFolder, divided, read_run_faces

BEST = "best.safetensors"
"""As `mien.training.checkpoint` calls it, which is not imported because it needs torch."""


@dataclass(frozen=True)
class RunPredictions:
    """A run's predictions, and the name under which its folder keeps them and their report."""

    predictions: Predictions
    name: str


def predictions_of_run(
    run: RunFolder, split: str, *, tta: bool = False, data: str | None = None
) -> RunPredictions:
    """Return what the run's best checkpoint says about a split: as saved, or computed and saved.

    Args:
        run: The run.
        split: "validation", "test", "train" or "all".
        tta: Average over the recipe's views.
        data: Another source of faces, or the run's own at a new place; computed anew, then.

    Raises:
        DataError: The faces can't be read, or none is in that split.
        RunError: There is no whole checkpoint.
    """
    name = _name(split, tta=tta)
    if data is None and (saved := _saved(run, name)) is not None:
        return RunPredictions(saved, name)
    faces, own = _faces_of(run, data)
    if not own:
        name = f"{name_of_source(faces)}-{name}"
    predictions = predict_split(run, faces, split, tta=tta, own=own)
    write_predictions(predictions_path(run, name), predictions)
    return RunPredictions(predictions, name)


def predict_split(run: RunFolder, faces: FaceSet, split: str, *, tta: bool, own: bool = True) -> Predictions:
    """Compute what the run's best checkpoint says about one split of `faces`.

    Args:
        run: The run.
        faces: Faces of all splits.
        split: "validation", "test", "train" or "all".
        tta: Average over the recipe's views.
        own: The run was trained on `faces`, divided as they are here.

    Raises:
        DataError: No face is in that split, or the classes are not the run's.
        RunError: There is no whole checkpoint.
    """
    from mien.training.inference import probabilities_of

    some = faces_in(faces, split)
    if some.classes != run.classes:
        raise DataError(
            f"{faces.source}: classes {', '.join(some.classes)}, but {run.path} knows "
            f"{', '.join(run.classes)}; evaluate it on a source with those"
        )
    training = faces.of_split(TRAIN).images if own else _training_images(run)
    return predictions_for(
        some,
        probabilities_of(run, some.images, tta=tta),
        split=split,
        system=f"{run.name} (test-time views)" if tta else run.name,
        leakage_warnings=" ".join(run.info.leakage_warnings) if own else "",
        seen=seen_among(some.images, training) if len(training) else None,
        weights=weights_of(run) or "",
        own=own,
    )


def faces_in(faces: FaceSet, split: str) -> FaceSet:
    """Return the faces of one split, or every face for "all".

    Raises:
        DataError: There are none.
    """
    some = faces if split == ALL else faces.of_split(split)
    if not len(some):
        there = ", ".join(faces.split_names()) or "nothing"
        raise DataError(
            f"{faces.source}: no faces in the split {split!r}, only in {there}; choose one of those, "
            "or give a source that has it with --data"
        )
    return some


def seen_among(images: NDArray[np.uint8], training: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return a mask (n,) of the images that are pixel-identical to one of `training`."""
    groups = duplicate_groups(np.concatenate([training, images]))
    mask: NDArray[np.bool_] = groups[len(training) :] < len(training)
    return mask


def report_split(
    run: RunFolder, faces: FaceSet, split: str, console: Console, *, tta: bool = False
) -> Evaluation:
    """Predict a split, write the report into the run folder, print the table, and tell where it is.

    Args:
        run: The run.
        faces: All faces of its training, divided as they were for it.
        split: "validation" or "test".
        console: For the message; the table goes to standard output.
        tta: Average over the recipe's views.
    """
    from mien.evaluation.report import PAGE, write_report

    name = _name(split, tta=tta)
    predictions = predict_split(run, faces, split, tta=tta)
    write_predictions(predictions_path(run, name), predictions)
    folder = run.path / "report" / name
    evaluation = write_report(predictions, folder)
    print_evaluation(evaluation, Console())
    console.print(f"report: {folder / PAGE}", soft_wrap=True, highlight=False, markup=False)
    return evaluation


def _name(split: str, *, tta: bool) -> str:
    return f"{split}-tta" if tta else split


def predictions_path(run: RunFolder, name: str) -> Path:
    """Return where a run keeps the predictions called `name`."""
    return run.path / "predictions" / f"{name}.npz"


def _faces_of(run: RunFolder, data: str | None) -> tuple[FaceSet, bool]:
    """The faces asked for, and whether they are the run's own."""
    source = run.info.source
    if data is None:
        return read_run_faces(run), True
    faces = read_faces(data, size=run.info.size, skip_bad=source.skip_bad)
    own = faces.fingerprint == run.fingerprint
    return (divided(faces, run.recipe) if own else faces), own


def name_of_source(faces: FaceSet) -> str:
    """Return what tells faces from others, as any system lets a file be called: "synthetic:300" has a colon."""
    stem = re.sub(r"[^\w.-]+", "-", Path(faces.source).stem) or "faces"
    return f"{stem}-{faces.fingerprint[:8]}"


def _training_images(run: RunFolder) -> NDArray[np.uint8]:
    """What the run was trained on, (n, side, side); none of it unless it is still where it was."""
    try:
        return read_run_faces(run).of_split(TRAIN).images
    except DataError:
        return np.empty((0, run.info.size, run.info.size), np.uint8)


def _saved(run: RunFolder, name: str) -> Predictions | None:
    """Saved predictions, unless the run has another best checkpoint by now."""
    path = predictions_path(run, name)
    if not path.exists():
        return None
    try:
        predictions = read_predictions(path)
    except PredictionsError:
        return None  # damaged: they are computed again
    weights = weights_of(run)
    return predictions if weights is None or predictions.weights == weights else None


def weights_of(run: RunFolder) -> str | None:
    """Digest of the best checkpoint, from its header alone; None without a readable one."""
    try:
        with safe_open(run.checkpoints / BEST, framework="numpy") as stream:
            metadata: dict[str, str] = stream.metadata() or {}
    except (SafetensorError, OSError):
        return None
    return metadata.get("digest")
