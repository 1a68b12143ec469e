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
from mien.console import Console
from mien.errors import PredictionsError

if TYPE_CHECKING:
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
    from mien.evaluation.systems import is_predictions_file, report_parent
    from mien.targets import require_folder

    if as_json:
        require_output()
    require_folder(report_parent(system) if output is None else output)
    both = split == "both"
    if output is not None:
        for folder in [output / name for name in BOTH] if both else [output]:
            _require_own(folder)
    extras = ExtraOptions(
        system, corruptions, corruption_faces, groups, groups_predicted, tta=tta, device=device
    )
    _require_requested(extras)
    if both and is_predictions_file(system):
        raise PredictionsError(
            f"{system}: --split both needs a run or a bundle; this file is about one split"
        )
    if explain and is_predictions_file(system):
        raise PredictionsError(f"{system}: --explain needs a run or a bundle; predictions have no network")
    job = _Job(system, data, faces, classes, against, device, tta=tta, audit=audit)
    # All are predicted before the first is reported: a source without a test split fails at once.
    with reading_bar(Console(stderr=True)):
        found = [job.predictions(name) for name in (BOTH if both else (split,))]
        others = [job.other(one.predictions) for one in found]
    printed = {}
    for one, other in zip(found, others, strict=True):
        name = one.predictions.split
        folder = one.report_folder if output is None else output / name if both else output
        further = compute_extras(extras, one.predictions)
        sections = [*further.sections(), *(job.saliency(one.predictions) if explain else [])]
        printed[name] = _report(one, folder, other, further, sections, table=not as_json)
    if as_json:
        value = printed if both else next(iter(printed.values()))
        print_json(value)


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


def _require_own(folder: Path) -> None:
    """Refuse to replace a page that is no report."""
    from mien.evaluation.report import PAGE
    from mien.identify import REPORT, identify
    from mien.targets import require_replaceable

    require_replaceable(
        folder / PAGE, lambda page: identify(page) is REPORT, REPORT.what, "choose another folder"
    )


@dataclass(frozen=True)
class _Job:
    """Systems and data set of the command."""

    system: Path
    data: str | None
    faces: str | None
    classes: str | None
    against: Path | None
    device: str
    tta: bool
    audit: Path | None = None

    def predictions(self, split: str | None) -> "SystemPredictions":
        import mien.evaluation.report  # noqa: F401 - a missing extra is reported before anything is predicted
        from mien.evaluation.doubtful import with_audit
        from mien.evaluation.systems import predictions_of

        found = predictions_of(
            self.system, split, data=self.data, images=self.faces, classes=self.classes, tta=self.tta,
            device=self.device, incomplete=True,
        )  # fmt: skip
        if self.audit is None:
            return found
        return replace(found, predictions=with_audit(found.predictions, self.audit))

    def other(self, predictions: "Predictions") -> "Predictions | None":
        from mien.evaluation.systems import predictions_to_compare

        if self.against is None:
            return None
        return predictions_to_compare(
            self.against, predictions, source=self._source(), data=self.data, images=self.faces,
            classes=self.classes, tta=self.tta, device=self.device,
        )  # fmt: skip

    def saliency(self, predictions: "Predictions") -> "list[Section]":
        """Return the section of maps; none if the predictions have no images."""
        from mien.evaluation.sections.saliency import sections_of_maps

        with Console(stderr=True).status("explaining"):
            return sections_of_maps(self.system, predictions, self.device)

    def _source(self) -> str | None:
        """The data set of a run."""
        from mien.training.run import RunFolder

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

    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    for note in dict.fromkeys(one.unfinished for one in (found.predictions, other) if one and one.unfinished):
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
