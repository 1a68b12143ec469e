"""The timeline of a video: a chart of the probabilities of each track over time."""

from pathlib import Path
from types import TracebackType
from typing import Final, Self

from mien.errors import MienError
from mien.files.identify import TIMELINE, identify
from mien.files.targets import require_file
from mien.output.timeline.bins import Bins
from mien.output.timeline.chart import Chart
from mien.output.timeline.chart_canvas import ChartCanvas, RasterCanvas, SvgCanvas
from mien.output.timeline.spans import Span, Spans
from mien.recognition.face import Result
from mien.text import visible

ENDINGS: Final = (".png", ".svg", ".jpg", ".jpeg", ".webp")
"""File name endings that select the format of the image."""

MAX_TRACKS: Final = 8
"""Tracks in the chart: the longest."""


class Timeline:
    """A writer that draws the smoothed probabilities of each track as stacked areas over time.

    The file is written at the end, also after Ctrl-C; without any frame there is no file. Memory is
    constant.

    Args:
        path: One of `ENDINGS`.

    Raises:
        MienError: The ending is another one, or the file can't be written.
    """

    def __init__(self, path: Path) -> None:
        if path.suffix.lower() not in ENDINGS:
            known = ", ".join(ENDINGS)
            raise MienError(
                f"{path}: can't write an image with the ending {path.suffix!r}; expected one of {known}",
                path=path, expected=known,
            )  # fmt: skip
        require_file(path)
        self._path = path
        self._spans = Spans()
        self._bins: Bins | None = None
        self._classes: tuple[str, ...] = ()
        self._source = ""

    @staticmethod
    def is_own(path: Path) -> bool:
        """Return whether an existing file is a timeline, which a new one may replace."""
        return identify(path) is TIMELINE

    def __enter__(self) -> Self:
        return self

    def write(self, result: Result) -> None:
        """Add a frame."""
        spans = self._spans.after(result)
        self._bins = self._bins or Bins(result.time or 0.0)
        self._bins.reach(result.time or 0.0)
        self._source = result.source
        self._add(spans)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._add(self._spans.end())
        if self._bins is None:
            return
        chart = Chart(visible(self._source), self._classes, self._bins, MAX_TRACKS)
        is_svg = self._path.suffix.lower() == ".svg"
        canvas: ChartCanvas = (SvgCanvas if is_svg else RasterCanvas)(chart.width, chart.height)
        chart.draw(canvas)
        canvas.write(self._path)

    def _add(self, spans: list[Span]) -> None:
        for span in spans:
            self._classes = span.face.classes
            if self._bins is not None:
                self._bins.add(span)
