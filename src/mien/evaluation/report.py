"""The report: metrics as JSON, figures as PNG, and one HTML page with all of it.

Everything is made from `Predictions`; results of further computations are passed as sections. `mien train`
ends with a report; `mien evaluate` writes one.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from mien.evaluation.comparison import compare
from mien.evaluation.evaluation import COLUMNS, Evaluation
from mien.evaluation.page import report_page
from mien.evaluation.scoring import evaluate
from mien.evaluation.sections.base import ReportData, Section
from mien.evaluation.sections.order import sections_of
from mien.evaluation.training_record import TrainingRecord
from mien.figures.encode import inline_svg, png
from mien.files import writing
from mien.predictions import Predictions

PAGE = "report.html"
CLASS_METRICS = "class_metrics.csv"


def write_report(
    predictions: Predictions,
    folder: Path,
    *,
    against: Predictions | None = None,
    training: TrainingRecord | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    additional: Sequence[Section] = (),
) -> Evaluation:
    """Evaluate `predictions` and write the metrics (JSON, CSV), the figures and report.html into `folder`.

    Args:
        predictions: What to evaluate; without images the figures of faces are omitted.
        folder: Created if needed; files of an earlier report are replaced.
        against: Predictions of another system for the same faces, for comparison.json and a section of
            the page.
        training: The training of the system, for a section of the page with its curves and recipe.
        groups: Attributes of each face by which the page can be filtered, see `ReportData`.
        additional: Sections with results that predictions do not hold.

    Raises:
        PredictionsError: The predictions can't be evaluated or compared.
        MienError: `folder` can't be written.
    """
    evaluation = evaluate(predictions)
    comparison = None if against is None else compare(predictions, against)
    data = ReportData(predictions, evaluation, comparison, training, groups or {})
    sections = sections_of(data, additional)
    writing.write_text(folder / "evaluation.json", _as_json(evaluation))
    writing.write_csv(folder / CLASS_METRICS, COLUMNS, evaluation.class_rows())
    if comparison is not None:
        writing.write_json(folder / "comparison.json", comparison.model_dump(mode="json"))
    for section in sections:
        for name, text in section.files.items():
            writing.write_text(folder / name, text)
    writing.write_text(folder / PAGE, report_page(data, sections, draw_figures(sections, folder)))
    return evaluation


def draw_figures(sections: Sequence[Section], folder: Path) -> dict[str, str]:
    """Write each figure as PNG into `folder`, and return them as SVG elements by name.

    One figure at a time is in memory.

    Raises:
        MienError: `folder` can't be written.
    """
    drawings = {}
    for name, draw in ((name, draw) for section in sections for name, draw in section.figures.items()):
        figure = draw()
        writing.write_bytes(folder / f"{name}.png", png(figure))
        drawings[name] = inline_svg(figure, name, name.replace("_", " "))
    return drawings


def _as_json(evaluation: Evaluation) -> str:
    """Return indented JSON with a line for each row of the confusion matrix: most of it, if many."""
    text = json.dumps(evaluation.model_dump(mode="json"), indent=2, ensure_ascii=False, allow_nan=False)
    return re.sub(r"\[(?:\n\s*\d+,?)+\n\s*\]", lambda row: re.sub(r"\s+", "", row[0]), text) + "\n"
