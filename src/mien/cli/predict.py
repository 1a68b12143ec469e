"""`mien predict`: expressions out of pictures, folders, sets of faces, videos and streams."""

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mien.bundles.defaults import DEFAULT
from mien.cli.graceful_stop import Stop
from mien.cli.outputs import Target, targets_of, words_of_inputs
from mien.cli.overwriting import refuse_overwriting
from mien.errors import MienError

if TYPE_CHECKING:
    from mien.recognition.sources.finding import Inputs

UNREADABLE = 1
"""Exit code when something could not be read, and the rest was done."""


def predict(
    *inputs: str,
    json: str | None = None,
    jsonl: str | None = None,
    csv: str | None = None,
    parquet: str | None = None,
    draw: Path | None = None,
    resume: bool = False,
    threshold: float | None = None,
    boxes: Path | None = None,
    detector: Literal["auto", "yunet", "haar", "whole"] = "auto",
    detector_model: Path | None = None,
    offline: bool = False,
    bundle: str = DEFAULT,
    engine: Literal["auto", "onnx", "openvino"] = "auto",
    threads: int | None = None,
    every: int = 1,
    start: float = 0.0,
    end: float = math.inf,
    detect_every: int = 3,
    smooth: float = 0.5,
    timeline: Path | None = None,
    quiet: bool = False,
) -> int:
    """Recognize expressions in pictures, folders, sets of faces, videos and streams.

    Prints a table unless another format is asked for. What can't be read is reported, the rest is
    done, and the exit code is 1. Ctrl-C keeps what was done.

    Args:
        inputs: Pictures, folders (all pictures below them), "patterns/**/*.jpg", sets of faces
            (.csv, .zip, .tar.gz, synthetic:N: each row a whole face), zips of pictures, videos, rtsp://
            and http:// streams, the number of a webcam, or - (standard input): one picture, or
            paths one a line.
        json: Write one JSON document: --json to standard output, --json NAME.json or --json=FILE
            to a file. The next three are used alike, several at once too.
        jsonl: Write JSON, one line a picture or frame.
        csv: Write CSV, one row a face.
        parquet: Write Parquet, one row a face (needs mien[parquet]).
        draw: Folder for pictures and videos with boxes, labels and probabilities drawn in.
        resume: Skip what the output file holds already, and add to it.
        threshold: Below this probability of its label, 0 to 1, a face is uncertain; the bundle's own
            threshold unless given.
        boxes: Where the faces are, instead of a detector: CSV with source,left,top,width,height,
            or JSON {"photo.jpg": [[left, top, width, height]]}. The detector searches the pictures
            that are not in it.
        detector: What finds faces; auto is yunet where it can be had, else haar; with whole each
            picture is one face.
        detector_model: The file of YuNet, if it lies nowhere where it is looked for.
        offline: Never download the file of the detector.
        bundle: Name of a bundle that ships with mien, or the path of one.
        engine: What runs it; auto is OpenVINO where it is installed, else ONNX Runtime.
        threads: How many threads are used; all cores unless given.
        every: Of a video, look at each n-th frame only.
        start: Of a video, begin at so many seconds.
        end: Of a video, end at so many seconds.
        detect_every: Of a video, search each n-th frame for faces, and follow them in between.
        smooth: Seconds after which a change in a video has been followed by 63 %; 0 is off.
        timeline: Draw the probabilities of a video over time (.png, .svg, .jpg or .webp).
        quiet: Print nothing but results and errors.
    """
    from mien.cli.job import Job
    from mien.cli.reporter import Reporter
    from mien.cli.results import open_results
    from mien.detection.boxes import read_boxes
    from mien.output.writers.output_paths import OutputPaths
    from mien.recognition.load import load
    from mien.recognition.video import VideoOptions

    targets = targets_of({"json": json, "jsonl": jsonl, "csv": csv, "parquet": parquet})
    options = VideoOptions(every, start, end, detect_every, smooth)
    found = _found(words_of_inputs(inputs), targets, draw, timeline, boxes)
    known = None if boxes is None else read_boxes(boxes)
    reporter = Reporter(quiet=quiet, bar=not quiet and _is_bar_seen(targets))
    if not found.needs_detector:  # sets of faces alone: nobody shall wait for a detector to be fetched
        detector, detector_model = "whole", None
    recognizer = load(
        bundle, engine=engine, detector=detector, threads=threads,
        detector_model=detector_model, offline=offline, threshold=threshold, notice=reporter.notice,
    )  # fmt: skip
    places = None if draw is None else OutputPaths(draw, found.files)
    results = open_results(targets, recognizer.classes, resume=resume)
    if reporter.watched:
        reporter.expect(found.count())
    stop = Stop()
    try:
        with stop, reporter, results:
            Job(recognizer, results, reporter, stop, options, threads, known, places, timeline).run(found)
    except KeyboardInterrupt:
        kept = any(target.path for target in targets)
        reporter.say("stopped" + ("; the same command with --resume goes on from here" if kept else ""))
        return stop.code
    if known is not None and boxes is not None:
        reporter.compare(known, boxes, resumed=resume)
    reporter.notice(reporter.summary())
    return UNREADABLE if reporter.failures else 0


def _found(
    words: Sequence[str],
    targets: Sequence[Target],
    draw: Path | None,
    timeline: Path | None,
    boxes: Path | None,
) -> "Inputs":
    from mien.output.timeline.timeline import Timeline
    from mien.recognition.sources.finding import find_inputs

    if not words:
        raise MienError("give pictures, a folder, a set of faces or a video; see mien predict --help")
    found = find_inputs(words, sys.stdin.buffer, exclude=draw)
    outputs = [timeline, *(target.path for target in targets)]
    refuse_overwriting(outputs, found.read)
    refuse_overwriting(outputs, lambda path: boxes is not None and path.resolve() == boxes.resolve())
    if timeline is not None:
        Timeline(timeline)  # refuses what it can't draw before anything is done
        if found.videos != 1:
            raise MienError(
                f"--timeline {timeline}: needs one video among the inputs, and there are {found.videos}"
            )
    return found


def _is_bar_seen(targets: Sequence[Target]) -> bool:
    """Results that scroll by on the same terminal are progress enough, and would tear a bar."""
    printed = not targets or any(target.path is None for target in targets)
    return sys.stderr.isatty() and not (printed and sys.stdout.isatty())
