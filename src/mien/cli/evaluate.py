"""`mien evaluate`: evaluate a run, a bundle or a file of predictions, and write the report."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from rich.console import Console

from mien.errors import PredictionsError

if TYPE_CHECKING:
    from mien.evaluation.systems import SystemPredictions

Split = Literal["validation", "test", "both", "train", "all"]


def evaluate(
    system: Path,
    /,
    *,
    split: Split | None = None,
    tta: bool = False,
    data: str | None = None,
    against: Path | None = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> None:
    """Evaluate a run, a bundle or a file of predictions, and write the report.

    The report is a folder with an HTML page, figures (PNG) and all metrics (evaluation.json). A run saves its
    predictions; evaluating it again needs neither its data nor torch.

    Args:
        system: What to evaluate: a run folder; a bundle (an .onnx file, or a name from mien bundle list); or
            predictions: an .npz that mien saved, or a CSV with a column of probabilities for each class and
            either a column label or --data and --split.
        split: Which faces: validation (the default), test, both of them in turn, train, or all. With a CSV:
            the split of --data that it is about.
        tta: Use the test-time augmentation of the run's recipe; that of a bundle is part of its graph.
        data: Source of the faces: required for a bundle; for a run, another source, or its own at a new path.
        against: Another system for a paired comparison on the same faces.
        output: Folder of the report. Default: in the run folder, beside the file of predictions, or for a
            bundle in the current folder.
        as_json: Print the metrics as one JSON object instead of tables.
    """
    splits: tuple[str | None, ...] = ("validation", "test") if split == "both" else (split,)
    printed = {}
    # All are predicted before the first is reported: a source without a test split fails at once.
    for found in _predictions(system, splits, data, tta=tta):
        name = found.predictions.split
        folder = found.report_folder if output is None else output / name if split == "both" else output
        printed[name] = _report(system, found, folder, against, data, tta=tta, table=not as_json)
    if as_json:
        value = printed if split == "both" else next(iter(printed.values()))
        print(json.dumps(value, indent=2, ensure_ascii=False))  # noqa: T201 - the result


def _predictions(
    system: Path, splits: tuple[str | None, ...], data: str | None, *, tta: bool
) -> "list[SystemPredictions]":
    import mien.evaluation.report  # noqa: F401 - a missing extra is reported before anything is predicted
    from mien.evaluation.systems import is_predictions_file, predictions_of

    if len(splits) > 1 and is_predictions_file(system):
        raise PredictionsError(
            f"{system}: --split both needs a run or a bundle; this file is about one split"
        )
    return [predictions_of(system, split, data=data, tta=tta) for split in splits]


def _report(
    system: Path,
    found: "SystemPredictions",
    folder: Path,
    against: Path | None,
    data: str | None,
    *,
    tta: bool,
    table: bool,
) -> dict[str, Any]:
    """Write the report, print the table unless JSON was requested, and return the JSON."""
    from mien.cli.evaluation_table import print_evaluation
    from mien.evaluation.comparison import compare
    from mien.evaluation.report import PAGE, write_report
    from mien.evaluation.systems import predictions_to_compare

    predictions, other = found.predictions, None
    if against is not None:
        other = predictions_to_compare(against, predictions, system=system, data=data, tta=tta)
    evaluation = write_report(predictions, folder, against=other)
    comparison = None if other is None else compare(predictions, other)
    if table:
        print_evaluation(evaluation, Console(), comparison)
    Console(stderr=True).print(f"report: {folder / PAGE}", soft_wrap=True, highlight=False, markup=False)
    value: dict[str, Any] = evaluation.model_dump(mode="json")
    return value if comparison is None else {**value, "comparison": comparison.model_dump(mode="json")}
