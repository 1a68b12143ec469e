"""What a person is told while much is recognized: a bar, what could not be read, a last line."""

import sys
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from mien.recognition.face import Result
from mien.recognition.sources.items import Failure

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from mien.detection.boxes import ProvidedBoxes
    from mien.output.timeline.summary import VideoSummary

NAMED: Final = 3
"""Sources that a line names at most."""


class Reporter:
    """Counts what was recognized and says so on standard error; a context manager.

    Args:
        quiet: Say nothing but what is wrong.
        bar: Show a bar; standard error must be a terminal.
    """

    def __init__(self, *, quiet: bool, bar: bool) -> None:
        self._quiet = quiet
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        if bar:
            self._bar, self._task = _new_bar()
        self._started = time.monotonic()
        self._expected = self._pictures = self._frames = self._faces = 0
        self.failures = 0

    def __enter__(self) -> Self:
        self._started = time.monotonic()
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    @property
    def watched(self) -> bool:
        """Whether anybody sees the bar; to expect something for nobody would cost time."""
        return self._bar is not None

    def expect(self, count: int) -> None:
        """Count on so many more pictures or frames."""
        self._expected += count

    def take(self, outcome: Result | Failure) -> None:
        """Count a picture or frame; say what is wrong with it."""
        if isinstance(outcome, Failure):
            self.failures += 1
            self.say(outcome.message)
        else:
            self._faces += len(outcome.faces)
            self._pictures += outcome.frame is None
            self._frames += outcome.frame is not None
        if self._bar is not None and self._task is not None:
            done = self._pictures + self._frames + self.failures
            total = max(done, self._expected) if self._expected else None
            self._bar.update(self._task, completed=done, total=total, figures=self._figures())

    def notice(self, line: str) -> None:
        """Say something that a person may want to know, unless they want quiet."""
        if not self._quiet:
            self.say(line)

    def sum_up(self, video: "VideoSummary") -> None:
        """Print the summary of a video, unless they want quiet."""
        if not self._quiet and video.frames:
            from rich.console import Console

            from mien.output.timeline.summary_table import print_summary

            print_summary(video, self._bar.console if self._bar else Console(stderr=True))

    def compare(self, boxes: "ProvidedBoxes", path: Path, *, resumed: bool) -> None:
        """Say which boxes were given in vain and how many pictures had none, unless they want quiet.

        Args:
            boxes: Of the pictures that were recognized.
            path: Where they were read from.
            resumed: Pictures that were done before were not looked at, so nobody knows of their boxes.
        """
        if boxes.unused and not resumed:
            names, more = ", ".join(boxes.unused[:NAMED]), len(boxes.unused) - NAMED
            and_more = f" and {more:,} more" if more > 0 else ""
            self.notice(f"{path}: boxes of no picture that was given: {names}{and_more}")
        if boxes.unknown:
            self.notice(
                f"{path}: no entry for {_counted(boxes.unknown, 'picture')}, searched by the detector instead"
            )

    def say(self, line: str) -> None:
        """Print one line, above the bar if there is one."""
        text = f"mien: {' '.join(line.split())}"
        if self._bar is None:
            print(text, file=sys.stderr)  # noqa: T201 - rich is slow to import
        else:
            self._bar.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def summary(self) -> str:
        """Return what was done, in one line."""
        if not self._pictures + self._frames + self.failures:
            return "nothing was left to do"
        parts = [_counted(self._pictures, "picture"), _counted(self._frames, "frame")]
        parts += [f"{self.failures:,} unreadable"] if self.failures else []
        parts += [_counted(self._faces, "face") or "no faces"]
        seconds = time.monotonic() - self._started
        return f"{', '.join(part for part in parts if part)} in {seconds:.1f} s ({self._figures()})"

    def _figures(self) -> str:
        passed = max(time.monotonic() - self._started, 1e-9)
        return f"{self._faces / passed:,.1f} faces/s"


def _counted(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}" if number else ""


def _new_bar() -> "tuple[Progress, TaskID]":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    # rich would print what goes to standard output on standard error, above the bar.
    bar = Progress(
        BarColumn(30), MofNCompleteColumn(), TextColumn("{task.fields[figures]}"), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True, redirect_stdout=False,
    )  # fmt: skip
    return bar, bar.add_task("", figures="", total=None)
