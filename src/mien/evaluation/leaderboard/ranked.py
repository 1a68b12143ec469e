"""From systems with predictions to a leaderboard."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mien import metrics
from mien.errors import PredictionsError
from mien.evaluation.calibration.threshold import fit_confidence_threshold
from mien.evaluation.caveats import NO_PROBABILITIES, of_split
from mien.evaluation.comparison import Comparison, compare
from mien.evaluation.evaluation import Evaluation
from mien.evaluation.leaderboard.alignment import aligned
from mien.evaluation.leaderboard.entrants import Entrant
from mien.evaluation.leaderboard.leaderboard import Leaderboard, Standing
from mien.evaluation.leaderboard.ranking import agreement, rank_interval, rank_probabilities, ranks
from mien.evaluation.multiple_tests import holm
from mien.evaluation.scoring import evaluate
from mien.evaluation.splits import ALL
from mien.labels import TEST, TRAIN
from mien.predictions import Predictions
from mien.text import counted

MOST_SYSTEMS = 100


def leaderboard(entrants: Sequence[Entrant]) -> Leaderboard:
    """Return the leaderboard of two or more systems with different names.

    Raises:
        PredictionsError: There are too few or too many, or they are not about the same faces.
    """
    if not 2 <= len(entrants) <= MOST_SYSTEMS:
        raise PredictionsError(f"{counted(len(entrants), 'system')} to compare, expected 2 to {MOST_SYSTEMS}")
    found = aligned([entrant.predictions for entrant in entrants])
    correct = np.array([one.correct for one in found])
    order = np.argsort(-correct.sum(axis=1), kind="stable")
    entrants, found, correct = [entrants[at] for at in order], [found[at] for at in order], correct[order]
    found = _with_duplicates(found)
    n = len(found[0])
    return Leaderboard(
        source=next((one.source for one in found if one.source), ""),
        split=found[0].split,
        n=n,
        left_out=max(len(one.predictions) + one.missing for one in entrants) - n,
        classes=found[0].classes,
        systems=_standings(entrants, found, correct),
        pairs=_pairs(found),
        agreement=_rows(agreement(np.array([one.predicted for one in found]))),
        oracle_accuracy=float(correct.any(axis=0).mean()),
        unanimous_accuracy=float(correct.all(axis=0).mean()),
        mean_accuracy=None if any(one.only_classes for one in found) else _mean_accuracy(found),
        notes=(*_notes(entrants, n), *_note_on_duplicates(found[0]), *_unfinished(found)),
    )


def _standings(
    entrants: Sequence[Entrant], found: Sequence[Predictions], correct: NDArray[np.bool_]
) -> tuple[Standing, ...]:
    places, chances = ranks(correct.sum(axis=1)), rank_probabilities(correct)
    alone = correct & (correct.sum(axis=0) == 1)
    return tuple(
        _standing(entrant, one, int(place), row, int(only.sum()))
        for entrant, one, place, row, only in zip(entrants, found, places, chances, alone, strict=True)
    )


def _standing(
    entrant: Entrant, predictions: Predictions, rank: int, chances: NDArray[np.float64], only: int
) -> Standing:
    evaluation = evaluate(predictions)
    fit = fit_confidence_threshold(predictions.probabilities, predictions.labels)
    bare = predictions.only_classes
    return Standing(
        system=predictions.system,
        kind=entrant.kind,
        path=entrant.path,
        rank=rank,
        rank_interval=rank_interval(chances),
        rank_probabilities=tuple(float(share) for share in chances),
        accuracy=evaluation.accuracy,
        interval=evaluation.interval,
        balanced_accuracy=evaluation.balanced_accuracy,
        macro_f1=evaluation.macro_f1,
        class_f1=tuple(row.f1 for row in evaluation.per_class),
        log_loss=evaluation.log_loss,
        calibration_error=evaluation.calibration_error,
        coverage=None if bare else fit.coverage,
        threshold=fit.value if fit.is_reached and not bare else None,
        only_correct=only,
        faces=len(entrant.predictions),
        missing=entrant.missing,
        milliseconds=entrant.milliseconds,
        size=entrant.size,
        without_duplicates=evaluation.excluding_duplicates,
        notes=(*entrant.notes, *([NO_PROBABILITIES] if bare else ()), *_limits(predictions, evaluation)),
    )


def _mean_accuracy(found: Sequence[Predictions]) -> float:
    mean = np.mean([one.probabilities for one in found], axis=0)
    return metrics.accuracy(found[0].labels, mean.argmax(axis=1))


def _limits(predictions: Predictions, evaluation: Evaluation) -> tuple[str, ...]:
    """What limits the estimate of one system."""
    selected = of_split(evaluation) if predictions.from_training_data and predictions.split != TEST else ""
    found = (*predictions.leakage_warnings, selected, _suspicion(predictions))
    return tuple(filter(None, found))


def _suspicion(predictions: Predictions) -> str:
    """A note if rows or columns seem to be in another order; or ""."""
    n, labels = len(predictions), predictions.labels
    chance = np.bincount(labels).max() / n
    if metrics.wilson_interval(int(predictions.correct.sum()), n)[1] > chance:
        return ""
    hits = max(int((np.roll(predictions.predicted, by) == labels).sum()) for by in (-1, 1))
    moved = f" Moved by one face, it would be {100 * hits / n:.1f} %."
    return (
        "Its accuracy is not above that of always predicting the most frequent class: check the order of its "
        f"rows and the names of its columns.{moved if metrics.wilson_interval(hits, n)[0] > chance else ''}"
    )


def _with_duplicates(found: Sequence[Predictions]) -> list[Predictions]:
    """The predictions with the duplicates of training faces that one of them knows."""
    known = next((one.in_training for one in found if one.in_training is not None), None)
    return [replace(one, in_training=known) for one in found]


def _pairs(found: Sequence[Predictions]) -> tuple[Comparison, ...]:
    pairs = [compare(one, other) for one, other in combinations(found, 2)]
    adjusted = holm([pair.p_mid for pair in pairs])
    return tuple(
        pair.model_copy(update={"p_adjusted": float(value)})
        for pair, value in zip(pairs, adjusted, strict=True)
    )


def _notes(entrants: Sequence[Entrant], n: int) -> tuple[str, ...]:
    total = max(len(one.predictions) + one.missing for one in entrants)
    if total == n:
        return ()
    lacking = [f"{one.predictions.system} ({total - len(one.predictions):,})" for one in entrants]
    lacking = [text for text, one in zip(lacking, entrants, strict=True) if len(one.predictions) < total]
    note = (
        f"{total - n:,} of {counted(total, 'face')} {'lacks' if total - n == 1 else 'lack'} a prediction of "
        f"{', '.join(lacking)}. All systems are compared on the other {n:,}, which may be easier."
    )
    return (note,)


def _note_on_duplicates(predictions: Predictions) -> tuple[str, ...]:
    mask = predictions.in_training
    if mask is None or not mask.any() or predictions.split in (TRAIN, ALL):
        return ()
    note = (
        f"{counted(int(mask.sum()), 'face is', 'faces are')} pixel-identical to a training face; the "
        "accuracy on the others is the better estimate for systems that were trained on these training faces."
    )
    return (note,)


def _unfinished(found: Sequence[Predictions]) -> tuple[str, ...]:
    """The sentences on trainings that were not finished, which name their systems."""
    return tuple(dict.fromkeys(one.unfinished for one in found if one.unfinished))


def _rows(matrix: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in row) for row in matrix)
