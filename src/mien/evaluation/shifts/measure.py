"""Measures the accuracy of a classifier under distribution shift.

Each face is in every part once for a detector, at one size and tilt, and once for each corruption, at one
strength. Sizes, tilts and strengths take turns from face to face, so that each occurs equally often, and
the cost is a fifth of that of `mien.evaluation.robustness` and of one detection per face and detector.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien import metrics
from mien.bundles.shifts import CORRUPTED, ShiftPart, ShiftScores
from mien.data.progress import Progress, no_progress
from mien.detection.base import Detector
from mien.detection.options import DetectorOptions
from mien.evaluation.request import DEFAULTS, Request
from mien.evaluation.robustness.corruptions import CORRUPTIONS, STRENGTHS
from mien.evaluation.robustness.measure import Classifier, corrupted_classifier, some_of
from mien.evaluation.scoring import require_labels
from mien.evaluation.shifts.detected import DetectedFaces, available_detectors, detect_again
from mien.evaluation.shifts.result import ShiftEvaluation, ShiftRow
from mien.evaluation.shifts.scenes import SCALES, TILTS, side_of, view_of
from mien.evaluation.systems import System, open_system, predictions_of
from mien.predictions import Predictions

FACES: Final = 1000
"""Number of faces by default: an interval of about 2.5 points to both sides."""


class _Hits(NamedTuple):
    """Which images of a part were classified correctly."""

    name: str
    rows: NDArray[np.int64]
    """(m,): the face of each image."""
    correct: NDArray[np.bool_]
    """(m,)."""
    conditions: tuple[tuple[str, NDArray[np.bool_]], ...]
    """Name of each condition, and which images have it, (m,)."""
    found: float | None = None


def shifts_of(
    system: System,
    request: Request = DEFAULTS,
    *,
    limit: int | None = FACES,
    detectors: Sequence[Detector] | None = None,
    progress: Progress = no_progress,
) -> ShiftEvaluation:
    """Return the accuracy of a run or a bundle under distribution shift.

    Args:
        system: A run or a bundle; predictions can't be repeated on other faces.
        request: Split, data set and settings.
        limit: Number of faces at most, evenly chosen from the split; None takes all.
        detectors: Those that crop the faces again; `available_detectors` by default.
        progress: Receives the number of scenes that were searched.

    Raises:
        PredictionsError: It is neither a run nor a bundle, or there are no labeled faces.
        MienError: As `mien.evaluation.systems.predictions_of`.
    """
    opened = open_system(system)
    classify = corrupted_classifier(opened, tta=request.tta, device=request.device)
    chosen = available_detectors(DetectorOptions()) if detectors is None else detectors
    some = some_of(predictions_of(opened, request).predictions, limit)
    return measure_shifts(some, classify, detect_again(some.require_images("shifts"), chosen, progress))


def measure_shifts(
    clean: Predictions, classify: Classifier, detected: Sequence[DetectedFaces]
) -> ShiftEvaluation:
    """Return the accuracy of a classifier on faces that were detected again, and on corrupted ones.

    Args:
        clean: Its predictions for the unchanged faces, with their images and labels.
        classify: Computes its probabilities for other faces.
        detected: Of the same faces, by each detector.

    Raises:
        PredictionsError: There are no faces, no images, or no labels.
    """
    require_labels(clean)
    images, labels = clean.require_images("shifts"), clean.labels
    parts = [_detected(images, labels, classify, one) for one in detected]
    parts.append(_corrupted(images, labels, classify))
    return ShiftEvaluation(
        system=clean.system,
        source=clean.source,
        scores=_scores(clean, parts),
        rows=tuple(
            _row(part, name, chosen) for part in parts for name, chosen in part.conditions if chosen.any()
        ),
    )


def _detected(
    images: NDArray[np.uint8], labels: NDArray[np.int64], classify: Classifier, detected: DetectedFaces
) -> _Hits:
    rows = detected.rows
    correct = _correct(classify, detected.crops, labels[rows])
    views = [view_of(int(row)) for row in rows]
    sizes = [(scale, side_of(images[0], view_of(0)._replace(scale=scale))) for scale in SCALES]
    by_size = ((f"{side} pixels", [view.scale == scale for view in views]) for scale, side in sizes)
    by_tilt = ((f"tilt {tilt} degrees", [view.tilt == tilt for view in views]) for tilt in TILTS)
    conditions = tuple((name, np.array(chosen, bool)) for name, chosen in (*by_size, *by_tilt))
    return _Hits(detected.detector, rows, correct, conditions, len(rows) / len(images))


def _corrupted(images: NDArray[np.uint8], labels: NDArray[np.int64], classify: Classifier) -> _Hits:
    rows = np.arange(len(images))
    correct = np.zeros((len(CORRUPTIONS), len(images)), bool)
    for position, corruption in enumerate(CORRUPTIONS):
        for strength in range(1, STRENGTHS + 1):
            chosen = np.flatnonzero((rows + position) % STRENGTHS == strength - 1)
            if len(chosen):
                faces = corruption(images[chosen], strength)
                correct[position, chosen] = _correct(classify, faces, labels[chosen])
    kinds = np.repeat(np.arange(len(CORRUPTIONS)), len(images))
    conditions = tuple((one.name, kinds == position) for position, one in enumerate(CORRUPTIONS))
    return _Hits(CORRUPTED, np.tile(rows, len(CORRUPTIONS)), correct.reshape(-1), conditions)


def _correct(classify: Classifier, faces: NDArray[np.uint8], labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    if not len(faces):
        return np.zeros(0, bool)
    found: NDArray[np.bool_] = classify(faces).argmax(axis=1) == labels
    return found


def _row(part: _Hits, condition: str, chosen: NDArray[np.bool_]) -> ShiftRow:
    hits, n = int(part.correct[chosen].sum()), int(chosen.sum())
    interval = metrics.wilson_interval(hits, n)
    return ShiftRow(part=part.name, condition=condition, n=n, accuracy=hits / n, interval=interval)


def _scores(clean: Predictions, parts: Sequence[_Hits]) -> ShiftScores:
    influences = [_influence(part, len(clean)) for part in parts]
    accuracies = [_mean(part.correct) for part in parts]
    mean = float(np.mean(accuracies))
    return ShiftScores(
        split=clean.split,
        n=len(clean),
        unchanged=float(clean.correct.mean()),
        accuracy=mean,
        interval=metrics.normal_interval(mean, np.mean(influences, axis=0)),
        parts=tuple(
            ShiftPart(
                name=part.name,
                n=len(part.rows),
                found=part.found,
                accuracy=accuracy,
                interval=metrics.normal_interval(accuracy, influence),
                unchanged=_mean(clean.correct[part.rows]),
            )
            for part, accuracy, influence in zip(parts, accuracies, influences, strict=True)
        ),
    )


def _mean(correct: NDArray[np.bool_]) -> float:
    return float(correct.mean()) if len(correct) else 0.0


def _influence(part: _Hits, faces: int) -> NDArray[np.float64]:
    """Return the influence of each face on the accuracy of a part, (faces,), as in the delta method.

    The accuracy is a ratio: correct images over classified images, of which a face may have several or none.
    """
    if not len(part.rows):
        return np.zeros(faces)
    images = np.bincount(part.rows, minlength=faces)
    hits = np.bincount(part.rows, part.correct, minlength=faces)
    found: NDArray[np.float64] = (hits - hits.sum() / images.sum() * images) / images.mean()
    return found
