"""Predictions of the faces of each fold by the network that was trained without them, joined into one set."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from mien.data.folds import fold_numbers
from mien.errors import RunError
from mien.evaluation.runs import checkpoint_digest, predictions_path, saved_predictions
from mien.evaluation.splits import OUT_OF_FOLD
from mien.faceset import FaceSet
from mien.labels import TRAIN
from mien.predictions import Predictions, predictions_for
from mien.predictions_file import write_predictions
from mien.training.progress import unfinished_note
from mien.training.run_folder.run import RunFolder

TRAIN_FILE: Final = "train.npz"
ALL_FILE: Final = "all.npz"
HELD_OUT: Final = "held-out"
"""Name of the predictions of a fold in the folder of its run."""


def of_fold(run: RunFolder, faces: FaceSet, *, device: str = "auto") -> Predictions:
    """Return the predictions of a fold's run for the faces of its fold: saved ones, or computed and saved.

    Args:
        run: A run with `data.fold`.
        faces: The data set as it was read, all splits.
        device: See `mien.training.devices.choose_device`.

    Raises:
        RunError: The run has no fold, or no undamaged checkpoint.
    """
    fold = run.recipe.data.fold
    if fold is None:
        raise RunError(f"{run.path}: not a run of a fold", path=run.path)
    held_out = faces.take(fold_numbers(faces, fold.of, fold.seed) == fold.number)
    saved = saved_predictions(run, HELD_OUT)
    if saved is not None and np.array_equal(saved.ids, held_out.ids) and not saved.unfinished:
        return saved
    found = _predicted(run, held_out, device)
    write_predictions(predictions_path(run, HELD_OUT), found)
    return found


def _predicted(run: RunFolder, held_out: FaceSet, device: str) -> Predictions:
    from mien.training.inference import probabilities_of

    tta = run.recipe.train.report_tta
    probabilities = probabilities_of(run, held_out.images, tta=tta, device=device)
    found = predictions_for(
        held_out,
        probabilities,
        split=OUT_OF_FOLD,
        system=run.name,
        in_training=np.zeros(len(held_out), bool),
        checkpoint_digest=checkpoint_digest(run) or "",
    )
    return replace(found, images=None, unfinished=unfinished_note(run))


def joined(parts: Sequence[Predictions], faces: FaceSet, split: str, system: str) -> Predictions:
    """Return the predictions of all folds in the order of the data set, without images.

    Args:
        parts: The predictions of each fold.
        faces: The data set, all splits.
        split: "train" for the training split, "all" for all faces.
        system: Name of what made them.
    """
    position = {name: at for at, name in enumerate(faces.ids.tolist())}
    probabilities = np.zeros((len(faces), len(faces.classes)), np.float32)
    for part in parts:
        probabilities[[position[name] for name in part.ids.tolist()]] = part.probabilities
    chosen = faces.in_split(TRAIN) if split == TRAIN else np.ones(len(faces), bool)
    found = predictions_for(
        faces.take(chosen),
        probabilities[chosen],
        split=OUT_OF_FOLD,
        system=system,
        in_training=np.zeros(int(chosen.sum()), bool),
    )
    unfinished = next((part.unfinished for part in parts if part.unfinished), "")
    return replace(found, images=None, unfinished=unfinished)
