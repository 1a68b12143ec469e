"""Predictions of anything that can be evaluated: a run, a bundle, saved predictions, a CSV."""

from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mien.bundles.reading import Bundle, is_bundle, read_bundle, shipped_names
from mien.data import read_faces
from mien.data.face_detector import WHOLE
from mien.errors import PredictionsError
from mien.evaluation.bundles import (
    predictions_for_same_faces,
    predictions_of_bundle,
    read_evaluation_data,
    report_folder,
)
from mien.evaluation.doubtful import with_audit_of_run
from mien.evaluation.probability_csv.reading import UNNAMED, read_csv, read_probability_csv
from mien.evaluation.request import DEFAULTS, DataSet, Request
from mien.evaluation.runs import predictions_of_run, report_path
from mien.evaluation.splits import ALL, faces_of_split, in_training
from mien.evaluation.training_record import TrainingRecord, training_record
from mien.faceset import FaceSet
from mien.files.identify import (
    ARRAYS,
    BUNDLE,
    MODEL,
    PREDICTIONS,
    PROBABILITIES,
    RESULT_CSV,
    RUN,
    require_kind,
)
from mien.files.names import fitting_name
from mien.files.writing import as_path
from mien.labels import SPLITS, TRAIN
from mien.predictions import Predictions
from mien.predictions_file import read_predictions
from mien.text import counted, escape_surrogates
from mien.training.run_folder.run import RunFolder

System = RunFolder | Bundle | Predictions | str | Path
"""A run, a bundle, predictions, or the path or name of one of them."""

EXPECTED: Final = "a run, a bundle, or predictions (.npz or .csv)"
ACCEPTED: Final = (RUN, BUNDLE, MODEL, PREDICTIONS, ARRAYS, PROBABILITIES, RESULT_CSV)
"""Kinds of files that can be evaluated; a CSV of unknown kind may have classes of its own."""


@dataclass(frozen=True)
class SystemPredictions:
    """Predictions of a system, and the folder of a report on them unless another one is chosen.

    Attributes:
        predictions: The predictions.
        report_folder: The folder of the report.
        training: The training of a run.
    """

    predictions: Predictions
    report_folder: Path
    training: TrainingRecord | None = None


def open_system(system: System) -> RunFolder | Bundle | Predictions | Path:
    """Return the system that a path or a name refers to; the path itself if it is a CSV.

    Raises:
        MienError: There is no such system, or it can't be read.
    """
    if isinstance(system, RunFolder | Bundle | Predictions):
        return system
    if not isinstance(system, str | PathLike):
        raise PredictionsError(
            f"system of type {type(system).__name__}, expected a run, a bundle, predictions, or the path or "
            "name of one of them"
        )
    path = as_path(system, "system", PredictionsError)
    if str(system) not in shipped_names():
        require_kind(path, EXPECTED, ACCEPTED, PredictionsError)
    if path.suffix.lower() == ".npz":
        return read_predictions(path)
    if is_predictions_file(path):
        return path
    if is_bundle(path):
        return read_bundle(path)
    if not path.is_dir():
        raise PredictionsError(
            f"{path}: {'no system' if path.exists() else 'not found'}; expected a run folder, an .onnx file, "
            f"a shipped bundle ({', '.join(shipped_names())}), or predictions (.npz, .csv, .tsv)"
        )
    return RunFolder(path)


def is_predictions_file(path: Path) -> bool:
    """Return whether `path` names a file of predictions: an .npz, or a CSV or TSV."""
    return path.suffix.lower() in (".npz", ".csv", ".tsv", ".txt") and not path.is_dir()


def report_parent(system: Path) -> Path:
    """Return the folder in which the folder of a report is, unless another one is chosen."""
    if system.is_dir():
        return system / "report"
    return system.parent if is_predictions_file(system) else Path()


def predictions_of(
    system: System, request: Request = DEFAULTS, *, incomplete: bool = False
) -> SystemPredictions:
    """Return the predictions of a run, a bundle or a file.

    Args:
        system: A run or its folder; a bundle, its file or its name; predictions, their `.npz`, or a CSV
            with a column of probabilities for each class.
        request: Split, data set and settings.
        incomplete: A CSV may lack faces of the split; a warning states how many.

    Raises:
        MienError: There is no such system, or its faces can't be read or predicted.
    """
    opened = open_system(system)
    if isinstance(opened, RunFolder):
        found = predictions_of_run(opened, request)
        folder = report_path(opened, found.name)
        predictions = with_audit_of_run(found.predictions, opened)
        return SystemPredictions(predictions, folder, training_record(opened))
    if request.tta:
        raise PredictionsError(
            "test-time augmentation needs a run; that of a bundle is part of its graph, "
            "and predictions are computed already"
        )
    if isinstance(opened, Bundle):
        return _of_bundle(opened, request)
    predictions = (
        _read_csv(opened, request, incomplete=incomplete)
        if isinstance(opened, Path)
        else _about(opened, request.split)
    )
    path = Path(system if isinstance(system, str | PathLike) else escape_surrogates(predictions.system))
    folder = path.parent / fitting_name(path.stem or "predictions", "-report")
    return SystemPredictions(predictions, folder)


def predictions_to_compare(
    against: System,
    predictions: Predictions,
    request: Request = DEFAULTS,
    *,
    source: str | None = None,
) -> Predictions:
    """Return the predictions of another system for the faces of `predictions`.

    Args:
        against: The other system, as in `predictions_of`.
        predictions: What to compare it with; their split is that of the comparison.
        request: Data set and settings.
        source: The data set of `predictions`, which a CSV is about if the request has none.

    Raises:
        MienError: As `predictions_of`.
    """
    opened = open_system(against)
    if isinstance(opened, Bundle):
        return predictions_for_same_faces(opened, predictions)
    if isinstance(opened, Predictions):
        return opened
    if isinstance(opened, Path):
        data = source if request.data is None else request.data
        return _read_csv(opened, replace(request, split=predictions.split, data=data))
    split = predictions.split if predictions.split in (*SPLITS, ALL) else None
    return predictions_of(opened, replace(request, split=split)).predictions


def _of_bundle(bundle: Bundle, request: Request) -> SystemPredictions:
    if request.data is None:
        raise PredictionsError(f"bundle {bundle.name}: a bundle has no faces; pass data=... with a data set")
    faces = read_evaluation_data(bundle.metadata, request.data, images=request.faces, classes=request.classes)
    split = request.split_of_network
    return SystemPredictions(predictions_of_bundle(bundle, faces, split), report_folder(bundle, faces, split))


def _about(predictions: Predictions, split: str | None) -> Predictions:
    """The predictions, if they are about that split."""
    if split is not None and split != predictions.split:
        raise PredictionsError(
            f"{predictions.system}: predictions for the split {predictions.split!r}, not {split!r}; "
            "omit split=..."
        )
    return predictions


def _read_csv(path: Path, request: Request, *, incomplete: bool = False) -> Predictions:
    read = _incomplete if incomplete else read_probability_csv
    data, split = request.data, request.split
    if data is None:
        return read(path, None, split=split or UNNAMED)
    if split is None:
        raise PredictionsError(
            f"{path}: pass split=... with the split of the data set that it is about, validation or test"
        )
    found, duplicates = faces_of_data(data, request, split)
    return read(path, found, split=split, in_training=duplicates)


def faces_of_data(
    data: DataSet, request: Request, split: str, *, skip_bad: bool = False
) -> tuple[FaceSet, NDArray[np.bool_] | None]:
    """Return the faces of a split of a data set, which CSVs are about.

    Args:
        data: The data set.
        request: How its images and classes are read.
        split: Name of the split, or "all".
        skip_bad: Leave out rows that can't be read.

    Returns:
        The faces, and a mask (n,) of those that are in the training split; None if there is none.

    Raises:
        DataError: It can't be read, or has no face in that split.
    """
    images = request.faces or WHOLE
    faces = (
        data
        if isinstance(data, FaceSet)
        else read_faces(data, faces=images, classes=request.classes, skip_bad=skip_bad)
    )
    found, training = faces_of_split(faces, split), faces.of_split(TRAIN)
    return found, in_training(found.images, training.images) if len(training) else None


def _incomplete(
    path: Path, faces: FaceSet | None, *, split: str, in_training: NDArray[np.bool_] | None = None
) -> Predictions:
    """The predictions of a CSV, with a warning if faces lack a row."""
    reading = read_csv(path, faces, split=split, in_training=in_training)
    if not reading.missing:
        return reading.predictions
    n = len(reading.predictions) + len(reading.missing)
    warning = (
        f"{path.name} has no prediction for {len(reading.missing):,} of {counted(n, 'face')} (the first: id "
        f"{reading.missing[0]}); the others may be easier."
    )
    return replace(reading.predictions, leakage_warnings=(warning,))
