"""`mien predict`: expressions in images, folders, data sets of faces, videos and streams."""

import math
import sys
from collections.abc import Iterator, Sequence
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from mien.cli import candidates
from mien.cli.option_groups import DETECTION, OUTPUT, RECOGNITION, VIDEO, Name
from mien.cli.outputs import Target, require_distinct, require_own, targets_of
from mien.cli.overwriting import refuse_overwriting
from mien.cli.recognizer_options import RecognizerOptions
from mien.cli.sharding import begun, shard_of
from mien.cli.signals import Interrupted, current_signals
from mien.cli.streams import require_output
from mien.cli.usage import refuse_files_of_flags
from mien.errors import MienError
from mien.registry import did_you_mean
from mien.targets import is_own_output, is_same_file, require_folder, require_replaceable

if TYPE_CHECKING:
    from mien.cli.job import Job
    from mien.output.writers.output_paths import OutputPaths
    from mien.recognition.sources.finding import Inputs

FORMATS = candidates.registered("mien.output.writers:WRITERS")

UNREADABLE = 1
"""Exit code when an input could not be read and the others were processed."""

_DEFAULTS = RecognizerOptions()


def predict(
    *inputs: Annotated[Name, Parameter(allow_leading_hyphen=True)],
    output: Annotated[
        tuple[Name, ...],
        Parameter(
            name=("--output", "-o"),
            metavar="PATH",
            allow_leading_hyphen=True,
            show_default=False,
            group=OUTPUT,
        ),
    ] = (),
    format: Annotated[str | None, Parameter(group=OUTPUT, completer=FORMATS)] = None,  # noqa: A002 - names the option
    as_json: Annotated[bool, Parameter(name="--json", group=OUTPUT)] = False,
    as_jsonl: Annotated[bool, Parameter(name="--jsonl", group=OUTPUT)] = False,
    as_csv: Annotated[bool, Parameter(name="--csv", group=OUTPUT)] = False,
    resume: Annotated[bool, Parameter(group=OUTPUT)] = False,
    shard: Annotated[str | None, Parameter(group=OUTPUT, metavar="I/N")] = None,
    force: Annotated[bool, Parameter(group=OUTPUT)] = False,
    draw: Annotated[Path | None, Parameter(group=OUTPUT)] = None,
    crops: Annotated[Path | None, Parameter(group=OUTPUT)] = None,
    timeline: Annotated[Path | None, Parameter(group=OUTPUT)] = None,
    quiet: Annotated[bool, Parameter(group=OUTPUT)] = False,
    boxes: Annotated[Path | None, Parameter(group=DETECTION)] = None,
    tolerate_truncated: Annotated[bool, Parameter(group=RECOGNITION)] = False,
    options: RecognizerOptions = _DEFAULTS,
    every: Annotated[int, Parameter(group=VIDEO)] = 1,
    start: Annotated[float, Parameter(group=VIDEO)] = 0.0,
    end: Annotated[float, Parameter(group=VIDEO)] = math.inf,
    detect_every: Annotated[int, Parameter(group=VIDEO)] = 3,
    smooth: Annotated[float, Parameter(group=VIDEO)] = 0.5,
) -> int:
    """Recognize expressions in images, folders, data sets of faces, videos and streams.

    Prints a table unless another output is requested. An input that can't be read is reported, the others
    are processed, and the exit code is 1. Ctrl-C keeps the results so far.

    Args:
        inputs: Images, folders (all images below them), "patterns/**/*.jpg", data sets of cropped faces
            (.csv, .zip, .tar.gz, synthetic:N), zips of images, videos, rtsp:// and http:// streams, the
            number of a webcam, or - (standard input): one image, or paths, one per line.
        output: Write results to a file; its ending selects the format (.json, .jsonl, .csv, .parquet); - is
            standard output. May be repeated. An earlier result is replaced, any other file only with --force.
        format: Format of standard output and of files without a known ending: json, jsonl, csv, parquet,
            table, or that of a plugin.
        as_json: Print one JSON array: --format json.
        as_jsonl: Print JSON, one line per image or frame: --format jsonl.
        as_csv: Print CSV, one row per face: --format csv.
        resume: Continue the output files: skip the inputs that they already hold.
        shard: Process part I of N of the inputs, from 1/N to N/N: the same part on every machine. The output
            can be resumed after the process was killed; mien merge joins the outputs of all parts.
        force: Replace output files that are not results of mien.
        draw: Write images and videos with boxes, labels and probabilities drawn in to this folder.
        crops: Write each face as a PNG, upright and in color, to this folder, with a list, crops.csv.
        timeline: Draw the probabilities of a video over time (.png, .svg, .jpg or .webp).
        quiet: Print only results and errors.
        boxes: Boxes of the faces, instead of a detector: CSV with source,left,top,width,height (for videos
            also frame, from 0; without it in all frames), JSON {"photo.jpg": [[left, top, width, height]]}
            or {"talk.mp4": {"0": [[left, top, width, height]]}}, or results of mien predict. The detector
            runs on images and videos that are not in it.
        tolerate_truncated: Process what is there of JPEGs that end early; their faces are uncertain.
        options: Bundle, engine and detector.
        every: Process each n-th frame only.
        start: Begin at this time in seconds.
        end: End at this time in seconds.
        detect_every: Run the detector on each n-th frame, and track faces in between.
        smooth: Time constant in seconds of the smoothing of probabilities; 0 is off.
    """
    from mien.cli.job import Job
    from mien.cli.reporter import Reporter
    from mien.cli.results import open_results
    from mien.detection.boxes import read_boxes
    from mien.output.writers.output_paths import OutputPaths
    from mien.output.writers.source_names import SourceNames
    from mien.recognition.video import VideoOptions

    flags = {"json": as_json, "jsonl": as_jsonl, "csv": as_csv}
    targets = targets_of(output, format, [name for name, is_set in flags.items() if is_set])
    folders = [folder for folder in (draw, crops) if folder is not None]
    _check_outputs(targets, folders, timeline)
    part = shard_of(shard, targets, {"--crops": crops, "--timeline": timeline})
    targets += [] if crops is None else [Target("crops", crops)]
    if any(target.path is None for target in targets):
        require_output()
    video = VideoOptions(every, start, end, detect_every, smooth)
    read = [boxes, options.detector_model, Path(options.bundle)]
    refuse_files_of_flags(inputs, [f"--{name}" for name, is_set in flags.items() if is_set])
    found = _found(inputs, targets, folders, timeline, read)
    if not force:
        _require_own([] if resume else targets, timeline)
    found = found if part is None else found.where(part.contains)
    provided = None if boxes is None else read_boxes(boxes)
    bar = not quiet and _is_bar_visible(targets)
    reporter = Reporter(quiet=quiet, bar=bar, keep_failures=part is not None)
    if not found.needs_detector and (unused := options.detection_options()):
        reporter.notice(f"{', '.join(unused)}: unused, since the inputs are cropped faces")
    recognizer = (options if found.needs_detector else options.without_detector()).load(
        reporter.notice, tolerate_truncated=tolerate_truncated
    )
    with begun(part, found, targets, recognizer, video, boxes, resume=resume) as session:
        if session.is_done:
            reporter.notice(reporter.summary())
            return 0
        names = SourceNames(*found.roots)
        paths = None if draw is None else OutputPaths(draw, found.files, names)
        results = open_results(targets, recognizer.classes, names, resume=resume, kept=part is not None)
        if reporter.has_bar:
            reporter.expect(found.count())
        signals = current_signals()
        job = Job(
            recognizer, results, reporter, signals, video, options.threads, provided, paths, timeline
        )  # fmt: skip
        try:
            _run(job, found, targets)
        except Interrupted as error:
            return error.code
        session.complete(reporter.failed)
    if provided is not None and boxes is not None:
        reporter.report_boxes(provided, boxes, resumed=resume or part is not None)
    reporter.notice(reporter.summary())
    reporter.report_uncertain()
    reporter.report_outputs(_written(targets, paths, timeline))
    return UNREADABLE if reporter.failures else 0


def _run(job: "Job", found: "Inputs", targets: Sequence[Target]) -> None:
    """Recognize the inputs; say what is kept when a signal ends it."""

    def report_stop(_: Interrupted) -> None:
        job.reporter.report_outputs(_written(targets, job.draw, job.timeline))
        is_kept = any(target.path for target in targets)
        job.reporter.print(
            "stopped" + ("; run the same command with --resume to continue" if is_kept else "")
        )

    job.signals.farewell = report_stop
    try:
        with job.signals.keeping() as enter:
            enter(job.reporter)
            enter(job.results)
            job.run(found)
    except Interrupted as error:
        report_stop(error)
        raise


def _check_outputs(targets: Sequence[Target], folders: Sequence[Path], timeline: Path | None) -> None:
    """Refuse outputs that can't be written before anything is read."""
    from mien.output.timeline.timeline import Timeline

    if timeline is not None:
        Timeline(timeline)
    for folder in folders:
        require_folder(folder)
    files = [timeline, *(target.path for target in targets)]
    require_distinct([*folders, *(path for path in files if path is not None)])


def _require_own(targets: Sequence[Target], timeline: Path | None) -> None:
    """Refuse to replace files that are not outputs of mien."""
    from mien.output.timeline.timeline import Timeline

    require_own([target for target in targets if target.format != "crops"])
    if timeline is not None:
        require_replaceable(timeline, Timeline.is_own, "a timeline of mien predict")


def _found(
    words: Sequence[str],
    targets: Sequence[Target],
    folders: Sequence[Path],
    timeline: Path | None,
    read: Sequence[Path | None],
) -> "Inputs":
    """Return the inputs, after checks of what is cheap to check; `read` are other files that are read."""
    from mien.recognition.sources.finding import STDIN, find_inputs

    if not words:
        raise MienError("no inputs: give images, a folder, a data set or a video; see mien predict --help")
    for word in words:
        if word.startswith("-") and word != STDIN and not Path(word).exists():
            raise MienError(f"no option {word!r}{did_you_mean(word, _options())}; see mien predict --help")
    _refuse_own_output(words)
    found = find_inputs(words, sys.stdin.buffer, exclude=folders)
    files = [timeline, *(target.path for target in targets)]
    refuse_overwriting(files, found.contains)
    refuse_overwriting(files, lambda path: any(one and is_same_file(path, one) for one in read))
    if timeline is not None and found.videos != 1:
        raise MienError(f"--timeline {timeline}: needs one video among the inputs, got {found.videos}")
    return found


def _written(
    targets: Sequence[Target], drawn: "OutputPaths | None", timeline: Path | None
) -> Iterator[tuple[str, Path]]:
    """Yield what is in each output, and its path."""
    for target in targets:
        if target.path is not None:
            yield ("crops" if target.format == "crops" else "results"), target.path
    if drawn is not None and drawn.last is not None:
        is_one = drawn.count == 1
        yield (
            ("annotated copy" if is_one else f"{drawn.count:,} annotated copies"),
            (drawn.last if is_one else drawn.folder),
        )
    if timeline is not None and timeline.exists():
        yield "timeline", timeline


def _options() -> list[str]:
    """Return the names of all options: a lone hyphen is an input, so cyclopts accepts any word there."""
    names = [*signature(predict).parameters, *signature(RecognizerOptions).parameters]
    return [f"--{name.removeprefix('as_').replace('_', '-')}" for name in names]


def _is_bar_visible(targets: Sequence[Target]) -> bool:
    """Return whether to show a bar: results that scroll by on the same terminal would break it."""
    is_printed = any(target.path is None for target in targets)
    return sys.stderr.isatty() and not (is_printed and sys.stdout.isatty())


def _refuse_own_output(words: Sequence[str]) -> None:
    """Raise MienError for an input that is the output of this process, which would wait for itself."""
    for word in words:
        if is_own_output(Path(word)):
            raise MienError(
                f"{word}: the output of this command, expected an input; --json, --jsonl and --csv take no "
                f"file: write --output {word} --format json, jsonl or csv"
            )
