"""`mien webcam`: watch a camera, a stream or a video live, in a window or in the terminal."""

import math
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.console import Console

from mien.bundles.defaults import DEFAULT
from mien.cli.graceful_stop import Stop
from mien.cli.overwriting import refuse_overwriting
from mien.errors import MienError

if TYPE_CHECKING:
    from mien.output.live.terminal import View
    from mien.output.writers.base import Writer
    from mien.recognition.face import Result

Kind = Literal["auto", "window", "terminal", "lines"]


def webcam(
    source: str = "0",
    /,
    *,
    view: Kind = "auto",
    bundle: str = DEFAULT,
    engine: Literal["auto", "onnx", "openvino"] = "auto",
    detector: Literal["auto", "yunet", "haar", "whole"] = "auto",
    detector_model: Path | None = None,
    offline: bool = False,
    threads: int | None = None,
    threshold: float | None = None,
    smooth: float = 0.5,
    detect_every: int = 3,
    max_seconds: float = math.inf,
    record: Path | None = None,
    timeline: Path | None = None,
    quiet: bool = False,
) -> None:
    """Watch a camera, a stream or a video live; q or Ctrl-C ends it, with a summary.

    Args:
        source: Number of a webcam, a video file, or the address of a stream (rtsp://, http://).
        view: A window, the terminal, or a line a second; auto takes the first that can be had.
        bundle: Name of a bundle that ships with mien, or the path of one.
        engine: What runs it; auto is OpenVINO where it is installed, else ONNX Runtime.
        detector: What finds faces; auto is yunet where it can be had, else haar.
        detector_model: The file of YuNet, if it lies nowhere where it is looked for.
        offline: Never download the file of the detector.
        threads: How many threads the engine uses.
        threshold: Below this probability, 0 to 1, a face is uncertain; the bundle's own unless given.
        smooth: Seconds after which a change has been followed by 63 %; 0 doesn't smooth.
        detect_every: Search each n-th frame for faces, and follow them in between.
        max_seconds: End after so many seconds.
        record: Write what is found (.json, .jsonl, .csv or .parquet), or a video with it drawn in (.mp4,
            .m4v, .mov, .mkv, .avi or .webm).
        timeline: Draw the probabilities over time (.png, .svg, .jpg or .webp).
        quiet: Print no summary.
    """
    from mien.output.timeline.summary import VideoSummary
    from mien.output.timeline.summary_table import print_summary
    from mien.recognition.load import load
    from mien.recognition.video import VideoOptions, recognize_video

    said = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    options = VideoOptions(end=max_seconds, detect_every=detect_every, smooth=smooth)
    refuse_overwriting([record, timeline], lambda path: path.resolve() == Path(source).resolve())
    shown, writers = _view(view), _image_writers(record, timeline)
    recognizer = load(
        bundle, engine=engine, detector=detector, detector_model=detector_model,
        offline=offline, threads=threads, threshold=threshold, notice=said.print,
    )  # fmt: skip
    summary, notices = VideoSummary(), list[str]()
    writers += [*_table_writers(record, recognizer.metadata.classes), summary, shown]
    results = recognize_video(
        recognizer.components, _source(source), options, keep_images=True, notice=notices.append
    )
    _show(results, writers, shown)
    for line in notices:  # not before, since they would tear the live view
        said.print(line)
    if not quiet:
        print_summary(summary, said)


def _show(results: Generator["Result", None, None], writers: Sequence["Writer"], view: "View") -> None:
    """Hand each result to all writers, until there are no more or somebody ends it."""
    from mien.output.live.keys import pressed_keys

    first = next(results, None)  # a source that can't be read leaves no files
    started = time.monotonic()
    with closing(results), Stop() as stop, ExitStack() as stack:
        pressed = stack.enter_context(pressed_keys())
        for writer in writers:
            stack.enter_context(writer)
        for result in chain([first] if first else [], results):
            if view.paced:  # a file would run through as fast as it can be read
                time.sleep(max(0.0, started + (result.time or 0.0) - time.monotonic()))
            for writer in writers:
                writer.write(result)
            if view.ended or stop.asked() or "q" in pressed():
                break


def _view(kind: Kind) -> "View":
    from mien.output.live.terminal import LineView, LiveView
    from mien.output.live.window import WindowView, has_windows

    console = Console()
    if kind == "window" and not has_windows():
        raise MienError("no window: this OpenCV has none, or there is no screen; try --view terminal")
    if kind == "terminal" and not console.is_terminal:
        raise MienError("standard output is no terminal; try --view lines")
    if kind == "window" or (kind == "auto" and has_windows()):
        return WindowView()
    if kind == "lines" or not console.is_terminal:
        return LineView(console)
    return LiveView(console, "q or Ctrl-C ends")


def _image_writers(record: Path | None, timeline: Path | None) -> list["Writer"]:
    """Return the writers that draw."""
    from mien.output.timeline.timeline import Timeline
    from mien.output.writers.video import VideoWriter

    writers: list[Writer] = [] if timeline is None else [Timeline(timeline)]
    if record is not None and _is_video(record):
        writers.append(VideoWriter(record))
    return writers


def _table_writers(record: Path | None, classes: tuple[str, ...]) -> list["Writer"]:
    from mien.output.writers import format_of, open_writer

    if record is None or _is_video(record):
        return []
    return [open_writer(format_of(record), record, classes)]


def _is_video(record: Path) -> bool:
    """Return whether a record is a video; raise MienError if it has no known ending."""
    from mien.output.writers import format_of
    from mien.output.writers.video import CODECS

    if record.suffix.lower() in CODECS:
        return True
    try:
        format_of(record)
    except MienError as error:
        raise MienError(f"{error}; or, for a video, one of {', '.join(CODECS)}") from error
    return False


def _source(word: str) -> str | int:
    """A number is a webcam, unless a file is called so."""
    return int(word) if word.isdecimal() and not Path(word).exists() else word
