"""`mien evaluate`: evaluate a run, a bundle or a file of predictions, and write the report."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from cyclopts import Parameter

from mien.cli.evaluation_extras import ExtraOptions, Extras, compute_extras
from mien.cli.option_groups import DATA, EVALUATION, OUTPUT, Name
from mien.cli.printing import print_json
from mien.cli.source import Faces
from mien.cli.streams import require_output
from mien.cli.tables import message_console
from mien.console import Console
from mien.errors import PredictionsError

if TYPE_CHECKING:
    from mien.evaluation.request import Request
    from mien.evaluation.sections.base import Section
    from mien.evaluation.systems import SystemPredictions
    from mien.predictions import Predictions

Split = Literal["validation", "test", "both", "train", "all"]

BOTH: Final = ("validation", "test")


def evaluate(
    system: Path,
    /,
    *,
    split: Annotated[Split | None, Parameter(group=DATA)] = None,
    tta: Annotated[bool, Parameter(group=EVALUATION)] = False,
    data: Annotated[Name | None, Parameter(group=DATA)] = None,
    faces: Annotated[Faces | None, Parameter(group=DATA)] = None,
    classes: Annotated[str | None, Parameter(group=DATA)] = None,
    against: Annotated[Path | None, Parameter(group=EVALUATION)] = None,
    audit: Annotated[Path | None, Parameter(group=EVALUATION)] = None,
    explain: Annotated[bool, Parameter(group=EVALUATION)] = False,
    corruptions: Annotated[bool, Parameter(group=EVALUATION)] = False,
    corruption_faces: Annotated[int | None, Parameter(group=EVALUATION)] = None,
    groups: Annotated[Path | None, Parameter(group=EVALUATION)] = None,
    groups_predicted: Annotated[bool, Parameter(group=EVALUATION)] = False,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"], group=OUTPUT)] = None,
    device: Annotated[str, Parameter(group=EVALUATION)] = "auto",
    as_json: Annotated[bool, Parameter(name="--json", group=OUTPUT)] = False,
) -> None:
    """Evaluate a run, a bundle or a file of predictions, and write the report.

    The report is a folder with an HTML page, figures (PNG) and all metrics (evaluation.json). A run saves its
    predictions; evaluating it again needs neither its data nor torch.

    Args:
        system: A run folder, a bundle (an .onnx file or a shipped name), predictions of mien (.npz), or a CSV
            with a column of probabilities per class, and either a column label or --data and --split.
        split: Which faces: validation (the default), test, both in turn, train, or all; with a CSV, the
            split of --data that it is about.
        tta: Use the test-time augmentation of the run's recipe; that of a bundle is part of its graph.
        data: The data set: required for a bundle; for a run, another one, or its own if it has moved.
        faces: whole if each image of --data is a face, detect to detect and crop the largest face in it; as
            in the training by default.
        classes: Names of the classes of --data, in the order of their numbers (angry,disgust,... for 0,1,...
            or 1,2,...) or of other names, or new names by old ones (1=surprise,2=fear).
        audit: audit.csv of mien audit on the data set: also report the accuracy without the labels that it
            doubts; that of the training by default, for a run with data.exclude or data.relabel.
        against: Another system for a paired comparison on the same faces.
        explain: Also show in the report what the classes are based on: the mean saliency map of each class,
            and maps of the most confident errors; about 10,000 further predictions.
        corruptions: Evaluate corrupted faces, too: noise, blur, light, contrast, JPEG, resolution, geometry
            and occlusion at five strengths; takes sixty times as long.
        corruption_faces: Most faces for that, evenly chosen from the split.
        groups: A CSV with a column id and columns of groups, such as id,age,lighting, for metrics per group
            and tests of the largest gaps.
        groups_predicted: These groups were predicted by a model, which the report then warns of.
        output: Folder of the report; by default in the run folder, beside the file of predictions, or for
            a bundle in the current folder.
        device: Device of a run's network: auto, cpu, cuda, cuda:1 or mps.
        as_json: Print the metrics as one JSON object instead of tables.
    """
    from mien.cli.image_progress import reading_bar
    from mien.evaluation.request import Request

    if as_json:
        require_output()
    splits = BOTH if split == "both" else (split,)
    folders = _output_folders(output, splits)
    _require_writable(system, output, folders)
    extras = ExtraOptions(
        system, corruptions, corruption_faces, groups, groups_predicted, tta=tta, device=device
    )
    _require_requested(extras)
    _require_network(system, split, explain=explain)
    job = _Job(system, Request(None, data, faces, classes, tta, device), against, audit)
    # All are predicted before the first is reported: a source without a test split fails at once.
    with reading_bar(Console(stderr=True)):
        found = [job.predictions(name) for name in splits]
        others = [job.other(one.predictions) for one in found]
    printed = {}
    for one, other, folder in zip(found, others, folders, strict=True):
        further = compute_extras(extras, one.predictions)
        sections = [*further.sections(), *(job.saliency(one.predictions) if explain else [])]
        printed[one.predictions.split] = _report(
            one, folder or one.report_folder, other, further, sections, table=not as_json
        )
    if as_json:
        print_json(printed if len(splits) > 1 else next(iter(printed.values())))


def _output_folders(output: Path | None, splits: Sequence[str | None]) -> list[Path | None]:
    """Return the folder of the report on each split; None is the one that the system suggests."""
    if output is None or len(splits) == 1:
        return [output] * len(splits)
    return [output / name for name in splits if name is not None]


def _require_writable(system: Path, output: Path | None, folders: Sequence[Path | None]) -> None:
    """Refuse folders that can't be written, or hold another page, before anything is predicted."""
    from mien.evaluation.report import PAGE
    from mien.evaluation.systems import report_parent
    from mien.files.identify import REPORT, require_own
    from mien.files.targets import require_folder

    require_folder(report_parent(system) if output is None else output)
    for folder in folders:
        if folder is not None:
            require_own(folder / PAGE, REPORT, "choose another folder")


def _require_network(system: Path, split: str | None, *, explain: bool) -> None:
    """Refuse saved predictions where a network is needed."""
    from mien.evaluation.systems import is_predictions_file

    if not is_predictions_file(system):
        return
    if split == "both":
        raise PredictionsError(
            f"{system}: --split both needs a run or a bundle; this file is about one split"
        )
    if explain:
        raise PredictionsError(f"{system}: --explain needs a run or a bundle; predictions have no network")


def _require_requested(options: ExtraOptions) -> None:
    """Refuse options of a computation that is not requested, and one that is impossible, at once."""
    from mien.evaluation.systems import is_predictions_file

    if options.groups_predicted and options.groups is None:
        raise PredictionsError("--groups-predicted is about a file of groups; give it as well, with --groups")
    if options.corruption_faces is not None and not options.corruptions:
        raise PredictionsError("--corruption-faces is for --corruptions; give that as well")
    if options.corruption_faces is not None and options.corruption_faces < 1:
        raise PredictionsError(f"--corruption-faces {options.corruption_faces}: expected 1 or more")
    if options.corruptions and is_predictions_file(options.system):
        raise PredictionsError(
            f"{options.system}: --corruptions needs a run or a bundle; predictions are computed already"
        )


@dataclass(frozen=True)
class _Job:
    """The systems of the command, and what they are evaluated on; the split is given to each call."""

    system: Path
    request: "Request"
    against: Path | None
    audit: Path | None

    def predictions(self, split: str | None) -> "SystemPredictions":
        import mien.evaluation.report  # noqa: F401 - a missing extra is reported before anything is predicted
        from mien.evaluation.doubtful import with_audit
        from mien.evaluation.systems import predictions_of

        found = predictions_of(self.system, replace(self.request, split=split), incomplete=True)
        if self.audit is None:
            return found
        return replace(found, predictions=with_audit(found.predictions, self.audit))

    def other(self, predictions: "Predictions") -> "Predictions | None":
        from mien.evaluation.systems import predictions_to_compare

        if self.against is None:
            return None
        return predictions_to_compare(self.against, predictions, self.request, source=self._source())

    def saliency(self, predictions: "Predictions") -> "list[Section]":
        """Return the section of maps; none if the predictions have no images."""
        from mien.evaluation.sections.saliency import sections_of_maps

        with Console(stderr=True).status("explaining"):
            return sections_of_maps(self.system, predictions, self.request.device)

    def _source(self) -> str | None:
        """The data set of a run."""
        from mien.training.run_folder.run import RunFolder

        return RunFolder(self.system).source if (self.system / "run.json").is_file() else None


def _report(
    found: "SystemPredictions",
    folder: Path,
    other: "Predictions | None",
    extras: Extras,
    additional: "Sequence[Section]" = (),
    *,
    table: bool,
) -> dict[str, Any]:
    """Write the report, print the table unless JSON was requested, and return the JSON."""
    from mien.cli.evaluation_table import print_evaluation
    from mien.evaluation.comparison import compare
    from mien.evaluation.report import PAGE, write_report

    console = message_console()
    unfinished = [one.unfinished for one in (found.predictions, other) if one and one.unfinished]
    for note in dict.fromkeys([] if table else unfinished):  # the table ends with these notes
        console.print(f"mien: warning: {note}")
    evaluation = write_report(
        found.predictions, folder, against=other, training=found.training, groups=extras.filters,
        additional=additional,
    )  # fmt: skip
    comparison = None if other is None else compare(found.predictions, other)
    if table:
        print_evaluation(evaluation, Console(), comparison)
        extras.print_tables(Console())
    console.print(f"report: {folder / PAGE}")
    value: dict[str, Any] = {**evaluation.model_dump(mode="json"), **extras.values()}
    return value if comparison is None else {**value, "comparison": comparison.model_dump(mode="json")}
