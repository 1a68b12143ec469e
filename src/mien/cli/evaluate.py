"""`mien evaluate`: measure a run, a bundle, or anybody's predictions, and write the report."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from rich.console import Console

from mien.errors import PredictionsError
from mien.labels import SPLITS

if TYPE_CHECKING:
    from mien.evaluation.predictions import Predictions

Split = Literal["validation", "test", "both", "train", "all"]


def evaluate(
    run: Path | None = None,
    /,
    *,
    split: Split | None = None,
    tta: bool = False,
    data: str | None = None,
    predictions: Path | None = None,
    against: Path | None = None,
    out: Path | None = None,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> None:
    """Measure a run, a bundle, or anybody's predictions, and write the report.

    A run keeps what it predicted, so asking again needs neither its network nor its data.

    Args:
        run: A run folder, or a bundle: an .onnx file, or a name from mien bundle list.
        split: Which faces of a run or of --data: validation (the default), test, both of them one
            after the other, train, or all. With a CSV of predictions: which faces of --data it is about.
        tta: Average over the views that the recipe names, flipped, shifted and softened; a bundle has its
            views inside it.
        data: Faces for a bundle; for a run those of another source, or its own at another place.
        predictions: Instead of a run: predictions that mien saved (.npz), or a CSV with a column
            of probabilities for each class, and either a column label or --data and --split.
        against: Another run, bundle, .npz or CSV on the same faces, to compare with face by face.
        out: Folder of the report. Unless given it is in the run, beside the file of predictions, or for
            a bundle below the current folder.
        as_json: Print one JSON object instead of tables.
    """
    _refuse_muddle(run, predictions, split, tta=tta)
    printed = {}
    splits: tuple[str | None, ...] = ("validation", "test") if split == "both" else (split,)
    # All are found before any is reported: a source without a test split is refused at once.
    for found, folder in [_found(run, predictions, one, data, tta=tta) for one in splits]:
        if out is not None:
            folder = out / found.split if split == "both" else out
        other = None if against is None else _other(against, found, run, data, tta=tta)
        printed[found.split] = _report(found, folder, other, table=not as_json)
    if as_json:
        value = printed if split == "both" else next(iter(printed.values()))
        print(json.dumps(value, indent=2, ensure_ascii=False))  # noqa: T201 - the result


def _refuse_muddle(run: Path | None, predictions: Path | None, split: str | None, *, tta: bool) -> None:
    if (run is None) == (predictions is None):
        raise PredictionsError(
            "give either a run folder or bundle, or --predictions FILE"
            + ("" if run is None else ", not both")
        )
    if predictions is not None and tta:
        raise PredictionsError("--tta needs a run: predictions in a file are what they are")
    if predictions is not None and split == "both":
        raise PredictionsError("--split both needs a run: a file of predictions is about one set of faces")


def _found(
    run: Path | None, predictions: Path | None, split: str | None, data: str | None, *, tta: bool
) -> tuple["Predictions", Path]:
    """The predictions to measure, and where their report belongs."""
    if predictions is not None:
        return _read_file(predictions, split, data), predictions.with_name(f"{predictions.stem}-report")
    from mien.bundles.reading import is_bundle
    from mien.evaluation.runs import predictions_of_run
    from mien.training.run import RunFolder

    run = run or Path()
    if is_bundle(run):
        return _of_bundle(run, split or "validation", data, tta=tta)
    opened = RunFolder(_run_folder(run))
    found = predictions_of_run(opened, split or "validation", tta=tta, data=data)
    return found.predictions, opened.path / "report" / found.name


def _of_bundle(name: Path, split: str, data: str | None, *, tta: bool) -> tuple["Predictions", Path]:
    from mien.bundles.reading import read_bundle
    from mien.evaluation.bundles import predictions_of_bundle, read_evaluation_data, report_folder

    if tta:
        raise PredictionsError(
            f"{name}: --tta needs a run; a bundle has its views inside it (mien export --tta)"
        )
    if data is None:
        raise PredictionsError(
            f"{name}: a bundle brings no faces; say on which to measure it with --data SOURCE"
        )
    bundle = read_bundle(name)
    known = read_evaluation_data(bundle.metadata, data)
    return predictions_of_bundle(bundle, known, split), report_folder(bundle, known, split)


def _existing(path: Path) -> Path:
    """The path, if something is there; what has no such name may have meant a bundle that ships."""
    if not path.exists():
        from mien.bundles.reading import shipped_names

        raise PredictionsError(
            f"{path}: neither a run folder nor a bundle; give the folder that mien train made, "
            f"a .onnx file, or a name from mien bundle list ({', '.join(shipped_names()) or 'none'})"
        )
    return path


def _run_folder(path: Path) -> Path:
    if _existing(path).suffix.lower() in (".npz", ".csv"):
        raise PredictionsError(f"{path}: a file of predictions; give it as --predictions {path}")
    return path


def _read_file(path: Path, split: str | None, data: str | None) -> "Predictions":
    from mien.evaluation.predictions import read_predictions

    if path.suffix.lower() == ".csv":
        return _read_csv(path, split, data)
    predictions = read_predictions(path)
    if split is not None and split != predictions.split:
        raise PredictionsError(
            f"{path}: about the split {predictions.split!r}, not {split!r}; leave --split out"
        )
    return predictions


def _read_csv(path: Path, split: str | None, data: str | None) -> "Predictions":
    from mien.evaluation.probability_csv import UNNAMED, read_probability_csv

    if data is None:
        return read_probability_csv(path, split=split or UNNAMED)
    if split is None:
        raise PredictionsError(
            f"{path}: which faces of {data} is it about? Add --split validation or --split test"
        )
    from mien.data import read_faces
    from mien.evaluation.runs import faces_in, seen_among
    from mien.labels import TRAIN

    faces = read_faces(data)
    some, training = faces_in(faces, split), faces.of_split(TRAIN)
    seen = seen_among(some.images, training.images) if len(training) else None
    return read_probability_csv(path, some, split=split, seen=seen)


def _other(
    against: Path, found: "Predictions", run: Path | None, data: str | None, *, tta: bool
) -> "Predictions":
    """The predictions to compare with: of another run, of a bundle, or from a file."""
    from mien.bundles.reading import is_bundle, read_bundle
    from mien.evaluation.bundles import predictions_on_same
    from mien.evaluation.caveats import ALL

    if is_bundle(against):
        return predictions_on_same(read_bundle(against), found)
    if against.is_dir():
        split = found.split if found.split in (*SPLITS, ALL) else None
        return _found(against, None, split, data, tta=tta)[0]
    _existing(against)
    if against.suffix.lower() != ".csv":
        return _read_file(against, None, None)
    if data is None and run is not None:
        from mien.training.run import RunFolder

        data = RunFolder(run).source
    return _read_csv(against, found.split, data)


def _report(
    found: "Predictions", folder: Path, other: "Predictions | None", *, table: bool
) -> dict[str, Any]:
    """Write the report, print the table unless JSON was asked for, and return what JSON shows."""
    from mien.evaluation.comparison import compare
    from mien.evaluation.report import PAGE, write_report
    from mien.evaluation.terminal import print_evaluation

    evaluation = write_report(found, folder, against=other)
    comparison = None if other is None else compare(found, other)
    if table:
        print_evaluation(evaluation, Console(), comparison)
    Console(stderr=True).print(f"report: {folder / PAGE}", soft_wrap=True, highlight=False, markup=False)
    value: dict[str, Any] = evaluation.model_dump(mode="json")
    return value if comparison is None else {**value, "comparison": comparison.model_dump(mode="json")}
