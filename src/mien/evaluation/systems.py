"""Predictions of anything that can be evaluated: a run, a bundle, saved predictions, a CSV."""

from dataclasses import dataclass
from pathlib import Path

from mien.bundles.reading import is_bundle, read_bundle, shipped_names
from mien.data import read_faces
from mien.errors import PredictionsError
from mien.evaluation.predictions import Predictions, read_predictions
from mien.evaluation.probability_csv import UNNAMED, read_probability_csv
from mien.evaluation.splits import ALL, faces_of_split, in_training
from mien.labels import SPLITS, TRAIN, VALIDATION


@dataclass(frozen=True)
class SystemPredictions:
    """Predictions of a system, and the folder where a report on them is written by default."""

    predictions: Predictions
    report_folder: Path


def predictions_of(
    system: str | Path, split: str | None = None, *, data: str | None = None, tta: bool = False
) -> SystemPredictions:
    """Return the predictions of a run, a bundle or a file.

    Args:
        system: A run folder, a bundle (an .onnx file or the name of a shipped one), an .npz of saved
            predictions, or a CSV with a column of probabilities for each class.
        split: "validation" (the default of runs and bundles), "test", "train" or "all"; for a CSV, the split
            of `data` that it is about.
        data: Source of the faces: required for a bundle; for a run, another source or the new place of its
            own; for a CSV, the source of labels and images.
        tta: With the test-time augmentation of a run's recipe.

    Raises:
        MienError: There is no such system, or its faces can't be read or predicted.
    """
    path = Path(system)
    if is_predictions_file(path):
        if tta:
            raise PredictionsError(f"{path}: test-time augmentation needs a run; these are predictions")
        return SystemPredictions(_read_file(path, split, data), path.with_name(f"{path.stem}-report"))
    if is_bundle(path):
        return _of_bundle(path, split or VALIDATION, data, tta=tta)
    return _of_run(path, split or VALIDATION, data, tta=tta)


def predictions_to_compare(
    against: str | Path,
    predictions: Predictions,
    *,
    system: str | Path,
    data: str | None = None,
    tta: bool = False,
) -> Predictions:
    """Return the predictions of another system for the faces of `predictions`.

    Args:
        against: The other system, as in `predictions_of`.
        predictions: What to compare it with.
        system: What they were made by; if it is a run, a CSV without `data` is about the run's faces.
        data: Source of the faces.
        tta: With the test-time augmentation of a run's recipe.

    Raises:
        MienError: As `predictions_of`.
    """
    path = Path(against)
    if is_bundle(path):
        from mien.evaluation.bundles import predictions_for_same_faces

        return predictions_for_same_faces(read_bundle(path), predictions)
    if path.suffix.lower() == ".npz":
        return read_predictions(path)
    if path.suffix.lower() == ".csv":
        return _read_csv(path, predictions.split, data or _source_of(Path(system)))
    split = predictions.split if predictions.split in (*SPLITS, ALL) else None
    return predictions_of(path, split, data=data, tta=tta).predictions


def is_predictions_file(path: Path) -> bool:
    """Return whether `path` names predictions: an .npz or a CSV."""
    return path.suffix.lower() in (".npz", ".csv") and not path.is_dir()


def _of_bundle(name: Path, split: str, data: str | None, *, tta: bool) -> SystemPredictions:
    from mien.evaluation.bundles import predictions_of_bundle, read_evaluation_data, report_folder

    if tta:
        raise PredictionsError(
            f"{name}: test-time augmentation of a bundle is part of its graph, chosen at its export"
        )
    if data is None:
        raise PredictionsError(f"{name}: a bundle has no faces; pass data=... with their source")
    bundle = read_bundle(name)
    faces = read_evaluation_data(bundle.metadata, data)
    return SystemPredictions(predictions_of_bundle(bundle, faces, split), report_folder(bundle, faces, split))


def _of_run(path: Path, split: str, data: str | None, *, tta: bool) -> SystemPredictions:
    from mien.evaluation.runs import predictions_of_run, report_path
    from mien.training.run import RunFolder

    if not path.exists():
        raise PredictionsError(
            f"{path}: not found; expected a run folder, an .onnx file, a shipped bundle "
            f"({', '.join(shipped_names()) or 'none'}), or predictions (.npz or .csv)"
        )
    run = RunFolder(path)
    found = predictions_of_run(run, split, tta=tta, data=data)
    return SystemPredictions(found.predictions, report_path(run, found.name))


def _read_file(path: Path, split: str | None, data: str | None) -> Predictions:
    if path.suffix.lower() == ".csv":
        return _read_csv(path, split, data)
    predictions = read_predictions(path)
    if split is not None and split != predictions.split:
        raise PredictionsError(
            f"{path}: about the split {predictions.split!r}, not {split!r}; omit split=..."
        )
    return predictions


def _read_csv(path: Path, split: str | None, data: str | None) -> Predictions:
    if data is None:
        return read_probability_csv(path, split=split or UNNAMED)
    if split is None:
        raise PredictionsError(
            f"{path}: pass split=... with the split of {data} that it is about, validation or test"
        )
    faces = read_faces(data)
    found, training = faces_of_split(faces, split), faces.of_split(TRAIN)
    duplicates = in_training(found.images, training.images) if len(training) else None
    return read_probability_csv(path, found, split=split, in_training=duplicates)


def _source_of(system: Path) -> str | None:
    """The data set of a run; None for anything else."""
    if not (system / "run.json").is_file():
        return None
    from mien.training.run import RunFolder

    return RunFolder(system).source
