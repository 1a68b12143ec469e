"""`mien webcam`: recognition in a camera, a stream or a video live, in a window or in the terminal."""

import math
import signal
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import AbstractContextManager, closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from mien.cli.messages import say
from mien.cli.option_groups import OUTPUT, VIDEO, Name
from mien.cli.overwriting import refuse_overwriting
from mien.cli.recognizer_options import RecognizerOptions
from mien.cli.signals import Interrupted, Signals, current_signals
from mien.cli.tables import message_console
from mien.cli.webcam_outputs import LiveOutputs
from mien.console import Console
from mien.errors import MienError
from mien.files import identify
from mien.files.targets import is_same_file
from mien.files.writing import as_path

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
    from mien.output.timeline.summary import VideoSummary
    from mien.output.timeline.summary_table import print_summary
    from mien.recognition.video import VideoOptions, recognize_video

    console = message_console()
    video = VideoOptions(end=max_seconds, detect_every=detect_every, smooth=smooth)
    read = [Path(source), Path(options.bundle), options.detector_model]
    refuse_overwriting([*output, timeline], lambda path: any(one and is_same_file(path, one) for one in read))
    outputs = LiveOutputs.of(output, timeline, crops)
    outputs.require_writable(replace=force)
    shown = _view(view)
    recognizer = options.load(say)
    summary, notices = VideoSummary(), list[str]()
    opened = _source(source)
    recorded = outputs.writers(
        opened, source_key(source), recognizer.classes, options.threads, notices.append
    )
    results = recognize_video(recognizer.components, opened, video, keep_images=True, notice=notices.append)

    def report(_: object = None) -> None:
        for line in notices:  # not earlier, since they would break the live view
            say(line)
        if not quiet:
            print_summary(summary, console)
            for line in outputs.written():
                console.print(line)

    code = _show(results, [*recorded, summary, shown], shown, report)
    report()
    return code


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


def _source(word: str) -> str | int:
    """Return a number for a webcam, unless a file has that name."""
    path = as_path(word, "video")
    if word.isdecimal() and not path.exists():
        return int(word)
    identify.require_kind(
        path, "a video, a stream or the number of a webcam", (identify.VIDEO, identify.IMAGE)
    )
    return word
