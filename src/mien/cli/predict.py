"""`mien predict`: expressions in images, folders, data sets of faces, videos and streams."""

import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from mien.cli.option_groups import DETECTION, RECOGNITION, Name
from mien.cli.outputs import Target
from mien.cli.overwriting import refuse_overwriting
from mien.cli.predict_options import OutputOptions, VideoArguments
from mien.cli.recognizer_options import RecognizerOptions
from mien.cli.sharding import begun, compared_settings, shard_of
from mien.cli.signals import Interrupted, current_signals
from mien.cli.streams import require_output
from mien.cli.usage import refuse_files_of_flags, require_inputs
from mien.errors import MienError
from mien.files.targets import is_own_output, is_same_file

if TYPE_CHECKING:
    from mien.cli.job import Job
    from mien.cli.reporter import Reporter
    from mien.recognition.recognizer import Recognizer
    from mien.recognition.sources.inputs import Inputs

UNREADABLE = 1
"""Exit code when an input could not be read and the others were processed."""

_OUTPUTS, _RECOGNIZER, _VIDEO = OutputOptions(), RecognizerOptions(), VideoArguments()


def predict(
    *inputs: Annotated[Name, Parameter(allow_leading_hyphen=True)],
    outputs: OutputOptions = _OUTPUTS,
    boxes: Annotated[Path | None, Parameter(group=DETECTION)] = None,
    tolerate_truncated: Annotated[bool, Parameter(group=RECOGNITION)] = False,
    options: RecognizerOptions = _RECOGNIZER,
    video: VideoArguments = _VIDEO,
) -> int:
    """Recognize expressions in images, folders, data sets of faces, videos and streams.

    Prints a table unless another output is requested. An input that can't be read is reported, the others
    are processed, and the exit code is 1. Ctrl-C keeps the results so far.

    Args:
        inputs: Images, folders (all images below them), "patterns/**/*.jpg", data sets of cropped faces
            (.csv, .zip, .tar.gz, synthetic:N), zips of images, videos, rtsp:// and http:// streams, the
            number of a webcam, or - (standard input): one image, or paths, one per line.
        outputs: Where results go.
        boxes: Boxes of the faces, instead of a detector: CSV with source,left,top,width,height (for videos
            also frame, from 0; without it in all frames), JSON {"photo.jpg": [[left, top, width, height]]}
            or {"talk.mp4": {"0": [[left, top, width, height]]}}, or results of mien predict. The detector
            runs on images and videos that are not in it.
        tolerate_truncated: Process what is there of JPEGs that end early; their faces are uncertain.
        options: Bundle, engine and detector.
        video: How videos are processed.
    """
    from mien.cli.job import Job
    from mien.cli.reporter import Reporter
    from mien.cli.results import open_results
    from mien.detection.provided.boxes import read_boxes
    from mien.output.writers.output_paths import OutputPaths
    from mien.output.writers.source_names import SourceNames
    from mien.recognition.sharding.settings import settings_of

    targets = outputs.targets()
    part = shard_of(outputs.shard, targets, {"--crops": outputs.crops, "--timeline": outputs.timeline})
    targets += [] if outputs.crops is None else [Target("crops", outputs.crops)]
    if any(target.path is None for target in targets):
        require_output()
    video_options = video.checked()
    refuse_files_of_flags(inputs, [f"--{name}" for name in outputs.printed])
    found = _found(inputs, targets, outputs, [boxes, options.detector_model, Path(options.bundle)])
    outputs.require_own(targets)
    found = found if part is None else found.where(part.contains)
    provided = None if boxes is None else read_boxes(boxes)
    bar = not outputs.quiet and _is_bar_visible(targets)
    reporter = Reporter(quiet=outputs.quiet, bar=bar, keep_failures=part is not None)
    recognizer = _recognizer(options, found, reporter, tolerate_truncated=tolerate_truncated)
    with begun(part, found, targets, recognizer, video_options, boxes, resume=outputs.resume) as session:
        if session.is_done:
            reporter.notice(session.emptiness or reporter.summary())
            return 0
        names = SourceNames(*found.roots)
        drawn = None if outputs.draw is None else OutputPaths(outputs.draw, found.files, names)
        results = open_results(
            targets, recognizer.classes, names, resume=outputs.resume, kept=part is not None
        )
        if part is None:
            settings = settings_of(recognizer, video_options, boxes)
            results.after_write = compared_settings(
                targets, found, settings, resume=outputs.resume, notice=reporter.notice
            ).update
        if reporter.has_bar:
            reporter.expect(found.count())
        job = Job(
            recognizer, results, reporter, current_signals(), video_options, options.threads, provided, drawn,
            outputs.timeline,
        )  # fmt: skip
        try:
            _run(job, found, targets, outputs)
        except Interrupted as error:
            return error.code
        session.complete(reporter.failed)
    if provided is not None and boxes is not None:
        reporter.report_boxes(provided, boxes, resumed=outputs.resume or part is not None)
    reporter.notice(session.emptiness or reporter.summary())
    reporter.report_uncertain()
    reporter.report_outputs(outputs.written(targets, drawn))
    return UNREADABLE if reporter.failures else 0


def _recognizer(
    options: RecognizerOptions, found: "Inputs", reporter: "Reporter", *, tolerate_truncated: bool
) -> "Recognizer":
    """Return the recognizer; without a detector if all inputs are cropped faces."""
    if not found.needs_detector:
        if unused := options.detection_options():
            reporter.notice(f"{', '.join(unused)}: unused, since the inputs are cropped faces")
        options = options.without_detector()
    return options.load(reporter.notice, tolerate_truncated=tolerate_truncated)


def _run(job: "Job", found: "Inputs", targets: list[Target], outputs: OutputOptions) -> None:
    """Recognize the inputs; report what is kept when a signal ends it."""

    def report_stop(_: Interrupted) -> None:
        job.reporter.report_outputs(outputs.written(targets, job.draw))
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


def _found(
    words: Sequence[str], targets: list[Target], outputs: OutputOptions, read: Sequence[Path | None]
) -> "Inputs":
    """Return the inputs, after checks of what is cheap to check; `read` are other files that are read."""
    from mien.recognition.sources.finding import find_inputs

    require_inputs("predict", words, "images, a folder, a data set or a video", _options())
    _refuse_own_output(words)
    found = find_inputs(words, sys.stdin.buffer, exclude=outputs.folders)
    files = outputs.files(targets)
    refuse_overwriting(files, found.contains)
    refuse_overwriting(files, lambda path: any(one and is_same_file(path, one) for one in read))
    if outputs.timeline is not None and found.videos != 1:
        raise MienError(
            f"--timeline {outputs.timeline}: needs one video among the inputs, got {found.videos}"
        )
    return found


def _options() -> list[str]:
    """Return the names of all options: a lone hyphen is an input, so cyclopts accepts any word there."""
    groups = (OutputOptions, RecognizerOptions, VideoArguments)
    names = ["boxes", "tolerate_truncated", *(one.name for group in groups for one in fields(group))]
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
