"""The report: metrics as JSON, figures as PNG, and one HTML page with all of it.

Everything is made from `Predictions` alone. `mien train` ends with a report; `mien evaluate` writes one.
"""

import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from matplotlib.figure import Figure

from mien import files
from mien.evaluation.comparison import compare
from mien.evaluation.evaluation import COLUMNS, Evaluation
from mien.evaluation.galleries import confident_errors, examples, frequent_confusions
from mien.evaluation.page import report_page
from mien.evaluation.plots import plot_class_metrics, plot_confusion, plot_reliability
from mien.evaluation.predictions import Predictions
from mien.evaluation.scoring import evaluate
from mien.evaluation.training_record import TrainingRecord
from mien.figures.encode import inline_svg, png
from mien.figures.style import figure_of
from mien.training.history import draw_curves

PAGE = "report.html"
CLASS_METRICS = "class_metrics.csv"


def write_report(
    predictions: Predictions,
    folder: Path,
    *,
    against: Predictions | None = None,
    training: TrainingRecord | None = None,
) -> Evaluation:
    """Evaluate `predictions` and write the metrics (JSON, CSV), the figures and report.html into `folder`.

    Args:
        predictions: What to evaluate; without images the figures of faces are omitted.
        folder: Created if needed; files of an earlier report are replaced.
        against: Predictions of another system for the same faces, for comparison.json and a section of
            the page.
        training: The training of the system, for a section of the page with its curves and recipe.

    Raises:
        PredictionsError: The predictions can't be evaluated or compared.
        MienError: `folder` can't be written.
    """
    evaluation = evaluate(predictions)
    comparison = None if against is None else compare(predictions, against)
    files.write_text(folder / "evaluation.json", _as_json(evaluation))
    files.write_csv(folder / CLASS_METRICS, COLUMNS, evaluation.class_rows())
    if comparison is not None:
        files.write_json(folder / "comparison.json", comparison.model_dump(mode="json"))
    drawings = {}
    for name, figure in chain(_figures(predictions, evaluation), _curves(training)):
        files.write_bytes(folder / f"{name}.png", png(figure))
        drawings[name] = inline_svg(figure, name, name.replace("_", " "))
    files.write_text(folder / PAGE, report_page(evaluation, drawings, comparison, training))
    return evaluation


def _as_json(evaluation: Evaluation) -> str:
    """Return indented JSON with a line for each row of the confusion matrix: most of it, if many."""
    text = json.dumps(evaluation.model_dump(mode="json"), indent=2, ensure_ascii=False, allow_nan=False)
    return re.sub(r"\[(?:\n\s*\d+,?)+\n\s*\]", lambda row: re.sub(r"\s+", "", row[0]), text) + "\n"


def _figures(predictions: Predictions, evaluation: Evaluation) -> Iterator[tuple[str, Figure]]:
    """Yield each figure when it is drawn, so that one at a time is in memory."""
    yield "confusion_matrix", figure_of(plot_confusion(evaluation))
    yield "class_metrics", figure_of(plot_class_metrics(evaluation))
    yield "reliability_diagram", figure_of(plot_reliability(evaluation))
    if predictions.images is not None:
        if evaluation.confusions:
            yield "frequent_confusions", frequent_confusions(evaluation, predictions)
            yield "confident_errors", confident_errors(evaluation, predictions)
        yield "examples", examples(predictions)


def _curves(training: TrainingRecord | None) -> Iterator[tuple[str, Figure]]:
    if training is not None and training.history:
        yield "training_curves", draw_curves(training.history)
