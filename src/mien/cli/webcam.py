"""`mien webcam`: recognition in a camera, a stream or a video live, in a window or in the terminal."""

import math
import signal
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from mien import identify
from mien.cli.option_groups import OUTPUT, VIDEO, Name
from mien.cli.outputs import STANDARD_OUTPUT, Target, require_distinct, require_own, target_of
from mien.cli.overwriting import refuse_overwriting
from mien.cli.recognizer_options import RecognizerOptions
from mien.cli.signals import Interrupted, Signals, current_signals
from mien.console import Console
from mien.errors import MienError
from mien.files import as_path
from mien.targets import is_same_file, require_file, require_folder, require_replaceable

if TYPE_CHECKING:
    from mien.output.live.terminal import View
    from mien.output.writers.base import Writer
    from mien.recognition.face import Result

Kind = Literal["auto", "window", "terminal", "lines"]

_DEFAULTS = RecognizerOptions()


def webcam(
    source: Name = "0",
    /,
    *,
    view: Annotated[Kind, Parameter(group=OUTPUT)] = "auto",
    output: Annotated[
        tuple[Path, ...], Parameter(name=("--output", "-o"), show_default=False, group=OUTPUT)
    ] = (),
    force: Annotated[bool, Parameter(group=OUTPUT)] = False,
    crops: Annotated[Path | None, Parameter(group=OUTPUT)] = None,
    timeline: Annotated[Path | None, Parameter(group=OUTPUT)] = None,
    quiet: Annotated[bool, Parameter(group=OUTPUT)] = False,
    options: RecognizerOptions = _DEFAULTS,
    max_seconds: Annotated[float, Parameter(group=VIDEO)] = math.inf,
    detect_every: Annotated[int, Parameter(group=VIDEO)] = 3,
    smooth: Annotated[float, Parameter(group=VIDEO)] = 0.5,
) -> int:
    """Recognize expressions in a camera, a stream or a video live; q or Ctrl-C ends with a summary.

    Args:
        source: Number of a webcam, a video file, or the address of a stream (rtsp://, http://).
        view: A window, the terminal, or one line per second; auto is the first that is available.
        output: Write results (.json, .jsonl, .csv, .parquet) or an annotated video (.mp4, .m4v, .mov, .mkv,
            .avi, .webm) to a file. May be repeated. An earlier result is replaced, any other file only with
            --force.
        force: Replace output files that are not results of mien.
        crops: Write each face as a PNG, upright and in color, to this folder, with a list, crops.csv.
        timeline: Draw the probabilities over time (.png, .svg, .jpg or .webp).
        quiet: Print no summary.
        options: Bundle, engine and detector.
        max_seconds: End after this time in seconds.
        detect_every: Run the detector on each n-th frame, and track faces in between.
        smooth: Time constant in seconds of the smoothing of probabilities; 0 is off.
    """
    from mien.media.origin import source_key
    from mien.media.video.source import sound_of
    from mien.output.timeline.summary import VideoSummary
    from mien.output.timeline.summary_table import print_summary
    from mien.output.timeline.timeline import Timeline
    from mien.output.writers.video import VideoWriter
    from mien.recognition.video import VideoOptions, recognize_video

    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    video = VideoOptions(end=max_seconds, detect_every=detect_every, smooth=smooth)
    read = [Path(source), Path(options.bundle), options.detector_model]
    refuse_overwriting([*output, timeline], lambda path: any(one and is_same_file(path, one) for one in read))
    targets = _results_files(output)
    videos = [path for path in output if path not in targets]
    _check_outputs(targets, videos, timeline, crops, replace=force)
    shown = _view(view)
    recognizer = options.load(console.print)
    targets |= {} if crops is None else {crops: "crops"}
    summary, notices = VideoSummary(), list[str]()
    writers: list[Writer] = [] if timeline is None else [Timeline(timeline)]
    writers += [
        VideoWriter(
            path,
            source_key(source),
            sound=sound_of(_source(source)),
            threads=options.threads,
            notice=notices.append,
        )
        for path in videos
    ]
    writers += [*_result_writers(targets, recognizer.classes), summary, shown]
    results = recognize_video(
        recognizer.components, _source(source), video, keep_images=True, notice=notices.append
    )

    def report(_: object = None) -> None:
        for line in notices:  # not earlier, since they would break the live view
            console.print(line)
        if not quiet:
            print_summary(summary, console)
            for line in _written(videos, targets, timeline):
                console.print(line)

    code = _show(results, writers, shown, report)
    report()
    return code


def _check_outputs(
    targets: Mapping[Path, str],
    videos: Sequence[Path],
    timeline: Path | None,
    crops: Path | None,
    *,
    replace: bool,
) -> None:
    """Refuse outputs that can't be written, or would replace other files, before the source is opened."""
    from mien.output.timeline.timeline import Timeline
    from mien.output.writers.video import VideoWriter

    for path in videos:
        VideoWriter(path)
    if timeline is not None:
        Timeline(timeline)
    if crops is not None:
        require_folder(crops)
    if not replace:
        require_own([Target(name, path) for path, name in targets.items()])
        for path in videos:
            require_replaceable(path, VideoWriter.is_own, "a video that mien annotated")
        if timeline is not None:
            require_replaceable(timeline, Timeline.is_own, "a timeline of mien")
    require_distinct([path for path in (*targets, *videos, timeline, crops) if path is not None])


def _written(videos: Sequence[Path], targets: Mapping[Path, str], timeline: Path | None) -> Iterator[str]:
    """Yield a line for each output that was written."""
    kinds = {**dict.fromkeys(videos, "video"), **dict.fromkeys(targets, "results")}
    kinds |= {path: "crops" for path, name in targets.items() if name == "crops"}
    for path, what in (kinds | ({} if timeline is None else {timeline: "timeline"})).items():
        if path.exists():
            yield f"mien: {what} in {path}"


def _show(
    results: Generator["Result", None, None],
    writers: Sequence["Writer"],
    view: "View",
    report: Callable[[object], None],
) -> int:
    """Write each result to all writers, until the source ends or the user requests a stop.

    Returns:
        The exit code: 0 also after Ctrl-C, which is the usual end of a camera, but not after SIGTERM.
    """
    first = next(results, None)  # a source that can't be read creates no files
    signals = current_signals()
    with closing(results), signals.keeping() as enter:
        signals.farewell = report
        try:
            _write(chain([first] if first else [], results), writers, view, signals, enter)
        except Interrupted as error:
            return 0 if error.number == signal.SIGINT else error.code
    return 0


def _write(
    results: Iterable["Result"],
    writers: Sequence["Writer"],
    view: "View",
    signals: Signals,
    enter: Callable[[AbstractContextManager[Any]], Any],
) -> None:
    from mien.output.live.keys import pressed_keys

    pressed = enter(pressed_keys())
    for writer in writers:
        enter(writer)
    started = time.monotonic()
    for result in results:
        if view.paced:  # show a file at its own speed
            time.sleep(max(0.0, started + (result.time or 0.0) - time.monotonic()))
        with signals.deferred():
            for writer in writers:
                writer.write(result)
        if view.ended or "q" in pressed():
            break


def _view(kind: Kind) -> "View":
    from mien.output.live.terminal import LineView, LiveView
    from mien.output.live.window import WindowView, has_windows

    console = Console()
    if kind == "window" and not has_windows():
        raise MienError("no window: this OpenCV has none, or there is no screen; try --view terminal")
    if kind == "terminal" and not console.is_terminal:
        raise MienError("standard output isn't a terminal; try --view lines")
    if kind == "window" or (kind == "auto" and has_windows()):
        return WindowView()
    if kind == "lines" or not console.is_terminal:
        return LineView(console)
    return LiveView(console, "q or Ctrl-C ends")


def _results_files(output: Sequence[Path]) -> dict[Path, str]:
    """Return the format of each output that isn't a video; raise MienError for an unknown ending."""
    from mien.media.video.kinds import KINDS

    formats: dict[Path, str] = {}
    for path in output:
        place = require_file(path) if str(path) != STANDARD_OUTPUT else None
        if place is None or place.descriptor == 1:
            raise MienError(f"{path}: standard output is for the live view; write the results to a file")
        if path.suffix.lower() in KINDS:
            continue
        try:
            formats[path] = target_of(str(path)).format
        except MienError as error:
            raise MienError(f"{error}; or, for a video, one of {', '.join(KINDS)}") from error
    return formats


def _result_writers(formats: Mapping[Path, str], classes: tuple[str, ...]) -> list["Writer"]:
    from mien.output.writers import open_writer

    return [open_writer(name, path, classes) for path, name in formats.items()]


def _source(word: str) -> str | int:
    """Return a number for a webcam, unless a file has that name."""
    path = as_path(word, "video")
    if word.isdecimal() and not path.exists():
        return int(word)
    identify.require_kind(
        path, "a video, a stream or the number of a webcam", (identify.VIDEO, identify.IMAGE)
    )
    return word
