"""What the report's page shows, as plain values: texts, numbers and pictures for the template."""

import base64
import math
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mien import __version__
from mien.evaluation.caveats import ALL, caveats
from mien.evaluation.comparison import Comparison
from mien.evaluation.evaluation import CALIBRATION_BINS, Evaluation, Mistake
from mien.evaluation.examples import even_positions, faces_of_pattern
from mien.evaluation.predictions import Predictions
from mien.labels import colors_of
from mien.metrics import reliability
from mien.templates import template

PATTERNS, EXAMPLES = 9, 12
SHOWN = 6
"""Faces of each error pattern."""


def report_page(
    predictions: Predictions, evaluation: Evaluation, comparison: Comparison | None = None
) -> str:
    """Return the HTML of the report: one page that needs no other file and no network."""
    return template("mien.evaluation", "report.html.j2").render(
        evaluation=evaluation,
        comparison=comparison,
        caveats=caveats(evaluation),
        where=_where(evaluation),
        summary=_summary(evaluation),
        commonest=_commonest(evaluation),
        colors=dict(zip(evaluation.classes, colors_of(evaluation.classes), strict=True)),
        matrix=_matrix(evaluation),
        patterns=_patterns(predictions, evaluation),
        mistakes=[_mistake_card(predictions, mistake) for mistake in evaluation.mistakes],
        examples=[_example_card(predictions, int(at)) for at in even_positions(len(predictions), EXAMPLES)],
        has_faces=predictions.faces is not None,
        bins=_bins(predictions),
        guess_loss=math.log(len(evaluation.classes)),
        version=__version__,
    )


def data_uri(face: NDArray[np.uint8]) -> str:
    """Return a gray picture (side, side) as a PNG that stands in the page itself."""
    encoded, content = cv2.imencode(".png", face)
    if not encoded:
        raise ValueError(f"a face of shape {face.shape} can't be encoded as PNG")
    return "data:image/png;base64," + base64.b64encode(content.tobytes()).decode("ascii")


def _where(evaluation: Evaluation) -> str:
    source = evaluation.source or "an unnamed source"
    if evaluation.split == ALL:
        return f"all faces of {source}"
    return f"the {evaluation.split} split of {source}"


def _commonest(evaluation: Evaluation) -> dict[str, Any]:
    """The class with the most faces: what one reaches without looking."""
    row = max(evaluation.per_class, key=lambda row: row.support)
    return {"name": row.name, "share": row.support / evaluation.n}


def _summary(evaluation: Evaluation) -> str:
    """The result in words, for those who don't read tables."""
    right = round(evaluation.accuracy * evaluation.n)
    present = [row for row in evaluation.per_class if row.support]
    best, worst = max(present, key=lambda row: row.f1), min(present, key=lambda row: row.f1)
    words = f"It names the right class for {right:,} of {evaluation.n:,} faces."
    if best is not worst:
        words += f" It knows {best.name} best (F1 {100 * best.f1:.0f} %)"
        words += f" and {worst.name} least ({100 * worst.f1:.0f} %)."
    if evaluation.patterns:
        top = evaluation.patterns[0]
        words += f" Its commonest mistake is to take {top.truth} for {top.answer}:"
        words += f" {100 * top.share:.0f} % of all {top.truth} faces."
    return words


def _matrix(evaluation: Evaluation) -> list[dict[str, Any]]:
    """One entry a true class: its name, its faces, and (count, share) for each answer."""
    return [
        {"name": name, "support": sum(row), "cells": [(count, count / max(1, sum(row))) for count in row]}
        for name, row in zip(evaluation.classes, evaluation.confusion, strict=True)
    ]


def _patterns(predictions: Predictions, evaluation: Evaluation) -> list[dict[str, Any]]:
    return [
        {
            "pattern": pattern,
            "faces": [_picture(predictions, at) for at in faces_of_pattern(predictions, pattern, SHOWN)],
        }
        for pattern in evaluation.patterns[:PATTERNS]
    ]


def _mistake_card(predictions: Predictions, mistake: Mistake) -> Mapping[str, Any]:
    return {"mistake": mistake, "face": _picture(predictions, mistake.position)}


def _example_card(predictions: Predictions, at: int) -> Mapping[str, Any]:
    return {
        "id": str(predictions.ids[at]),
        "face": _picture(predictions, at),
        "truth": predictions.classes[predictions.labels[at]],
        "right": bool(predictions.correct[at]),
        "probabilities": [float(value) for value in predictions.probabilities[at]],
    }


def _picture(predictions: Predictions, at: int | np.int64) -> str | None:
    return None if predictions.faces is None else data_uri(predictions.faces[at])


def _bins(predictions: Predictions) -> list[dict[str, float]]:
    """The reliability diagram: one entry a bin that holds faces."""
    curve = reliability(predictions.probabilities, predictions.labels, CALIBRATION_BINS)
    return [
        {
            "left": float(curve.edges[at]),
            "width": float(curve.edges[at + 1] - curve.edges[at]),
            "confidence": float(curve.confidence[at]),
            "accuracy": float(curve.accuracy[at]),
            "share": float(curve.count[at] / curve.count.max()),
            "count": int(curve.count[at]),
        }
        for at in np.flatnonzero(curve.count)
    ]
