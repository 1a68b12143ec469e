"""What trackers get at the end of a training: metrics and figures of the best checkpoint, and files."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from mien.errors import MienError
from mien.evaluation.evaluation import Evaluation
from mien.evaluation.runs import checkpoint_digest, predict_split, predictions_path, saved_predictions
from mien.labels import VALIDATION
from mien.predictions import Predictions
from mien.predictions_file import write_predictions
from mien.text import one_line
from mien.training.callbacks import TrainingStatus
from mien.training.progress import is_complete
from mien.training.run_folder.checkpoint_header import BEST
from mien.training.run_folder.info import RUN_FILE
from mien.training.run_folder.lock import CHECKPOINTS
from mien.training.run_folder.recipe import RECIPE_FILE
from mien.training.run_folder.run import RunFolder

_LOG: Final = logging.getLogger("mien")


@dataclass(frozen=True)
class Results:
    """The results of a training.

    Attributes:
        metrics: Metrics of the best checkpoint on the validation split.
        images: PNG files by their name.
        files: Files of the run by the name that they get in the tracker.
    """

    metrics: dict[str, float]
    images: dict[str, bytes]
    files: dict[str, Path]


@dataclass(frozen=True)
class _Scored:
    """Predictions, compared by what they are of."""

    key: tuple[str, str, str]
    predictions: Predictions = field(compare=False)


def results_of(status: TrainingStatus, *, figures: bool, checkpoint: bool, bundle: bool) -> Results:
    """Return the results of a training that has ended.

    A bundle that can't be exported is a warning.

    Args:
        status: The training.
        figures: Draw the confusion matrix and example faces.
        checkpoint: Include the best checkpoint.
        bundle: Export a bundle if the training is complete, unless the run has that of its best checkpoint.
    """
    run = RunFolder(status.path)
    tta = status.recipe.train.report_tta
    scored = _Scored(
        (str(run.path), checkpoint_digest(run) or "", str(tta)), _predictions(run, status, tta=tta)
    )
    files = {RECIPE_FILE: run.path / RECIPE_FILE, RUN_FILE: run.path / RUN_FILE}
    if checkpoint:
        files[f"{CHECKPOINTS}/{BEST}"] = run.checkpoints / BEST
    if bundle and is_complete(status.history, status.recipe.train):
        files |= {f"bundle/{path.name}": path for path in _exported(run, tta=tta)}
    metrics, images = _scores(scored), _images(scored) if figures else {}
    return Results(metrics, images, files)


def _predictions(run: RunFolder, status: TrainingStatus, *, tta: bool) -> Predictions:
    """Return validation predictions of the best checkpoint; they are saved, and the report uses them."""
    name = f"{VALIDATION}-tta" if tta else VALIDATION
    saved = saved_predictions(run, name)
    if saved is not None or status.faces is None:
        if saved is None:
            raise MienError(f"{run.path}: no predictions, and no faces to predict")
        return saved
    predictions = predict_split(run, status.faces, VALIDATION, tta=tta, device=status.device)
    write_predictions(predictions_path(run, name), predictions)
    return predictions


METRICS: Final = ("accuracy", "balanced_accuracy", "macro_f1", "log_loss", "calibration_error")
"""Fields of an evaluation that are logged."""


def _scores(scored: _Scored) -> dict[str, float]:
    evaluation = _evaluation(scored)
    low, high = evaluation.interval
    return {
        "best/accuracy_low": low,
        "best/accuracy_high": high,
        **{f"best/{name}": getattr(evaluation, name) for name in METRICS},
    }


@lru_cache(maxsize=1)
def _evaluation(scored: _Scored) -> Evaluation:
    from mien.evaluation.scoring import evaluate

    return evaluate(scored.predictions)


@lru_cache(maxsize=1)
def _images(scored: _Scored) -> dict[str, bytes]:
    """Return the figures; drawn once for several trackers of a training."""
    from mien.evaluation.galleries import confident_errors, examples
    from mien.evaluation.plots import plot_confusion
    from mien.figures.encode import png
    from mien.figures.style import figure_of

    evaluation = _evaluation(scored)
    images = {"confusion_matrix": png(figure_of(plot_confusion(evaluation)))}
    if scored.predictions.images is not None:
        images["examples"] = png(examples(scored.predictions))
        if evaluation.confident_errors:
            images["confident_errors"] = png(confident_errors(evaluation, scored.predictions))
    return images


def _exported(run: RunFolder, *, tta: bool) -> Iterator[Path]:
    """Yield the bundle of a run, exported into its folder unless it is there already."""
    from mien.exporting.export import export_bundle

    path = run.path / f"{run.name}.onnx"
    try:
        if not path.exists() or path.stat().st_mtime < (run.checkpoints / BEST).stat().st_mtime:
            export_bundle((run,), path, tta=tta)
    except MienError as error:
        _LOG.warning("no bundle was exported for tracking: %s", one_line(str(error)))
    else:
        yield path
