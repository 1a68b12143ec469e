"""Progress and messages of `mien predict` on standard error: a bar, failures, a summary."""

import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from mien.cli.app import with_options
from mien.cli.messages import say
from mien.detection.reliability import ORIENTATION
from mien.recognition.face import Result
from mien.recognition.sources.items import Failure
from mien.text import counted, listed, one_line

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from mien.detection.provided.boxes import ProvidedBoxes
    from mien.output.timeline.summary import VideoSummary

NAMED: Final = 3
"""Most sources that a line names."""


class Reporter:
    """Counts results and reports them on standard error; a context manager.

    Args:
        quiet: Print errors only.
        bar: Show a progress bar; standard error must be a terminal.
        keep_failures: Keep the names of what could not be read, and why.
    """

    def __init__(self, *, quiet: bool, bar: bool, keep_failures: bool = False) -> None:
        self._keeps_failures = keep_failures
        self.failed: list[tuple[str, str]] = []
        self._quiet = quiet
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        if bar:
            self._bar, self._task = _new_bar()
        self._started = time.monotonic()
        self._expected = self._images = self._frames = self._faces = 0
        self._reasons = Counter[str]()
        self.failures = 0

    def __enter__(self) -> Self:
        self._started = time.monotonic()
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    @property
    def has_bar(self) -> bool:
        """Whether there is a bar; without one, the inputs need not be counted."""
        return self._bar is not None

    def expect(self, count: int) -> None:
        """Add to the number of images and frames to come."""
        self._expected += count

    def add(self, outcome: Result | Failure) -> None:
        """Count an image or frame; report a failure."""
        if isinstance(outcome, Failure):
            self.failures += 1
            if self._keeps_failures:
                self.failed.append((outcome.source, outcome.message))
            self.print(with_options(outcome.message))
        else:
            self._faces += len(outcome.faces)
            self._reasons.update(face.uncertain_reason for face in outcome.faces if face.uncertain_reason)
            self._images += outcome.frame is None
            self._frames += outcome.frame is not None
        if self._bar is not None and self._task is not None:
            done = self._images + self._frames + self.failures
            total = max(done, self._expected) if self._expected else None
            self._bar.update(self._task, completed=done, total=total, figures=self._figures())

    def notice(self, line: str) -> None:
        """Print a line that the user may want to know, unless quiet."""
        if not self._quiet:
            self.print(line)

    def summarize(self, video: "VideoSummary") -> None:
        """Print the summary of a video, unless quiet."""
        if not self._quiet and video.frames:
            from mien.console import Console
            from mien.output.timeline.summary_table import print_summary

            print_summary(video, self._bar.console if self._bar else Console(stderr=True))

    def report_boxes(self, boxes: "ProvidedBoxes", path: Path, *, resumed: bool) -> None:
        """Report unused boxes, and the number of images and videos without an entry, unless quiet.

        Args:
            boxes: The boxes that were provided.
            path: The file they were read from.
            resumed: Images were skipped that were done before, so that unused boxes are unknown.
        """
        if boxes.unused and not resumed:
            names = listed(boxes.unused, NAMED)
            self.notice(f"{path}: boxes of files that are not among the inputs: {names}")
        if boxes.unknown:
            self.notice(f"{path}: no entry for {_counted(boxes.unknown, 'file')}; the detector ran on them")

    def report_uncertain(self) -> None:
        """Print how many faces are uncertain, and why, unless quiet or there are none."""
        if self._reasons:
            reasons = ", ".join(f"{number:,} {reason}" for reason, number in self._reasons.most_common())
            hint = "; --any-orientation finds turned faces" if self._reasons[ORIENTATION] else ""
            self.notice(
                f"{self._reasons.total():,} of {_counted(self._faces, 'face')} uncertain: {reasons}{hint}"
            )

    def report_outputs(self, written: Iterable[tuple[str, Path]]) -> None:
        """Print a line for each output that was written, unless quiet or there are no new results.

        Args:
            written: What is in it, and its path.
        """
        if self._images or self._frames:
            for what, path in written:
                self.notice(f"{what} in {path}")

    def print(self, line: str) -> None:
        """Print one line, above the bar if there is one."""
        if self._bar is None:
            say(line)
        else:
            text = f"mien: {one_line(line)}"
            self._bar.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def summary(self) -> str:
        """Return the counts and the speed in one line."""
        if not self._images + self._frames + self.failures:
            return "nothing left to do"
        parts = [_counted(self._images, "image"), _counted(self._frames, "frame")]
        parts += [f"{self.failures:,} unreadable"] if self.failures else []
        parts += [_counted(self._faces, "face") or "no faces"]
        seconds = time.monotonic() - self._started
        return f"{', '.join(part for part in parts if part)} in {seconds:.1f} s ({self._figures()})"

    def _figures(self) -> str:
        passed = max(time.monotonic() - self._started, 1e-9)
        return f"{self._faces / passed:,.1f} faces/s"


def _counted(number: int, name: str) -> str:
    return counted(number, name) if number else ""


def _new_bar() -> "tuple[Progress, TaskID]":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from mien.console import Console

    # By default rich would redirect standard output to standard error, above the bar.
    bar = Progress(
        BarColumn(30), MofNCompleteColumn(), TextColumn("{task.fields[figures]}"), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True, redirect_stdout=False,
    )  # fmt: skip
    return bar, bar.add_task("", figures="", total=None)
