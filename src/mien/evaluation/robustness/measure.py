"""Measures corruption robustness: the metrics of a classifier on corrupted copies of its faces."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mien import metrics
from mien.bundles.reading import Bundle
from mien.data.progress import Progress, no_progress
from mien.errors import PredictionsError
from mien.evaluation.examples import evenly_spaced
from mien.evaluation.request import DEFAULTS, Request
from mien.evaluation.robustness.corruptions import CORRUPTIONS, STRENGTHS, Corruption
from mien.evaluation.robustness.result import CorruptedScores, CorruptionScores, Robustness
from mien.evaluation.scoring import CALIBRATION_BINS, require_labels
from mien.evaluation.systems import System, open_system, predictions_of
from mien.models.bundle_predictor import bundle_predictor
from mien.openmp import import_torch
from mien.optional import named_extras
from mien.predictions import Predictions
from mien.training.run_folder.run import RunFolder

Classifier = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""Maps faces (n, size, size) or (n, size, size, 3) to probabilities (n, classes)."""


def robustness_of(
    system: System,
    request: Request = DEFAULTS,
    *,
    limit: int | None = None,
    progress: Progress = no_progress,
) -> Robustness:
    """Return the corruption robustness of a run or a bundle.

    Args:
        system: A run or a bundle; predictions can't be repeated on other faces.
        request: Split, data set and settings.
        limit: Most faces, evenly chosen from the split; all by default.
        progress: Receives the number of corrupted faces that are done.

    Raises:
        PredictionsError: It is neither a run nor a bundle, or there are no labeled faces.
        MienError: As `mien.evaluation.systems.predictions_of`.
    """
    opened = open_system(system)
    classify = corrupted_classifier(opened, tta=request.tta, device=request.device)
    found = predictions_of(opened, request).predictions
    return measure_robustness(some_of(found, limit), classify, faces_of_split=len(found), progress=progress)


def corrupted_classifier(system: System, *, tta: bool, device: str) -> Classifier:
    """Return what computes the probabilities of a run or a bundle for any faces.

    Raises:
        PredictionsError: It is neither.
    """
    opened = open_system(system)
    if isinstance(opened, Bundle):
        return bundle_predictor(opened)
    if isinstance(opened, RunFolder):
        return _run_classifier(opened, tta=tta, device=device)
    raise PredictionsError(
        "corruptions need a run or a bundle, which can classify corrupted faces; predictions are computed "
        "already"
    )


@named_extras()
def _run_classifier(run: RunFolder, *, tta: bool, device: str) -> Classifier:
    import_torch()
    from mien.training.inference import probabilities_of

    return lambda faces: probabilities_of(run, faces, tta=tta, device=device)


def some_of(predictions: Predictions, limit: int | None) -> Predictions:
    """Return at most `limit` faces, evenly spaced.

    Raises:
        PredictionsError: The limit is less than 1.
    """
    if limit is not None and limit < 1:
        raise PredictionsError(f"limit {limit}, expected 1 or more faces")
    if limit is None or limit >= len(predictions):
        return predictions
    return predictions.take(evenly_spaced(len(predictions), limit))


def measure_robustness(
    clean: Predictions,
    classify: Classifier,
    *,
    corruptions: Sequence[Corruption] = CORRUPTIONS,
    faces_of_split: int | None = None,
    progress: Progress = no_progress,
) -> Robustness:
    """Return the metrics of a classifier under each corruption and strength.

    Args:
        clean: Its predictions for the clean faces, with their images and labels.
        classify: Computes its probabilities for corrupted faces.
        corruptions: One or more.
        faces_of_split: Number of faces of the split, if `clean` is a part of it.
        progress: Receives the number of corrupted faces that are done.

    Raises:
        PredictionsError: There are no faces, no images, or no labels.
    """
    require_labels(clean)
    images = clean.require_images("corruptions")
    total = len(corruptions) * STRENGTHS * len(clean)
    found, hits, done = [], np.zeros(len(clean)), 0
    for corruption in corruptions:
        rows = []
        for strength in range(1, STRENGTHS + 1):
            probabilities = classify(corruption(images, strength))
            hits += probabilities.argmax(axis=1) == clean.labels
            rows.append(_scores(probabilities, clean.labels, strength, corruption.values[strength - 1]))
            done += len(clean)
            progress(done, total)
        found.append(
            CorruptionScores(name=corruption.name, parameter=corruption.parameter, strengths=tuple(rows))
        )
    shares = hits / (len(corruptions) * STRENGTHS)
    return _result(clean, found, shares, len(clean) if faces_of_split is None else faces_of_split)


def _result(
    clean: Predictions, found: Sequence[CorruptionScores], shares: NDArray[np.float64], faces_of_split: int
) -> Robustness:
    """Return the result; `shares` (n,) are the fractions of corruptions in which each face is correct."""
    rows = [row for one in found for row in one.strengths]
    return Robustness(
        system=clean.system,
        source=clean.source,
        split=clean.split,
        n=len(clean),
        faces_of_split=faces_of_split,
        clean=_scores(clean.probabilities, clean.labels, 0, None),
        corruptions=tuple(found),
        mean_corruption_accuracy=float(shares.mean()),
        interval=metrics.normal_interval(float(shares.mean()), shares),
        mean_log_loss=float(np.mean([row.log_loss for row in rows])),
        mean_calibration_error=float(np.mean([row.calibration_error for row in rows])),
    )


def _scores(
    probabilities: NDArray[np.float32], labels: NDArray[np.int64], strength: int, value: float | None
) -> CorruptedScores:
    hits = int((probabilities.argmax(axis=1) == labels).sum())
    return CorruptedScores(
        strength=strength,
        value=value,
        accuracy=hits / len(labels),
        interval=metrics.wilson_interval(hits, len(labels)),
        log_loss=metrics.log_loss(probabilities, labels),
        calibration_error=metrics.calibration_error(probabilities, labels, CALIBRATION_BINS),
        mean_confidence=metrics.mean_confidence(probabilities),
    )
