"""The report: numbers as JSON, figures as PNG, and one page a person enjoys reading.

Everything comes from `Predictions` alone. A training ends with this, and so does `mien evaluate`.
"""

import io
from collections.abc import Iterator
from pathlib import Path

from matplotlib.figure import Figure

from mien import files
from mien.evaluation.comparison import compare
from mien.evaluation.evaluation import Evaluation, evaluate
from mien.evaluation.galleries import examples_figure, mistakes_figure, patterns_figure
from mien.evaluation.page import report_page
from mien.evaluation.plots import class_figure, confusion_figure, reliability_figure
from mien.evaluation.predictions import Predictions

PAGE = "report.html"
DOTS_PER_INCH = 120


def write_report(predictions: Predictions, folder: Path, *, against: Predictions | None = None) -> Evaluation:
    """Measure `predictions` and write evaluation.json, the figures and report.html into `folder`.

    Args:
        predictions: What is reported on; without faces the galleries are left out.
        folder: Made if need be; files of an earlier report are replaced.
        against: Another system's predictions for the same faces, for comparison.json and a
            section of the page.

    Raises:
        PredictionsError: The predictions can't be measured, or not compared.
        MienError: The folder can't be written to.
    """
    evaluation = evaluate(predictions)
    comparison = None if against is None else compare(predictions, against)
    files.write_json(folder / "evaluation.json", evaluation.model_dump(mode="json"))
    if comparison is not None:
        files.write_json(folder / "comparison.json", comparison.model_dump(mode="json"))
    for name, figure in _figures(predictions, evaluation):
        files.write_bytes(folder / f"{name}.png", _png(figure))
    files.write_text(folder / PAGE, report_page(predictions, evaluation, comparison))
    return evaluation


def _figures(predictions: Predictions, evaluation: Evaluation) -> Iterator[tuple[str, Figure]]:
    """Yield each figure as it is drawn, so that only one is in memory."""
    yield "confusion", confusion_figure(evaluation, normalized=False)
    yield "confusion_normalized", confusion_figure(evaluation, normalized=True)
    yield "classes", class_figure(evaluation)
    yield "reliability", reliability_figure(predictions)
    if predictions.faces is not None:
        yield "error_patterns", patterns_figure(evaluation, predictions)
        yield "mistakes", mistakes_figure(evaluation, predictions)
        yield "examples", examples_figure(predictions)


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH)
    return buffer.getvalue()
