"""The timeline of a video: a chart of each face's probabilities over time. A writer."""

from pathlib import Path
from types import TracebackType
from typing import Final, Self

from mien.errors import MienError
from mien.output.timeline.bins import Bins
from mien.output.timeline.chart import Chart
from mien.output.timeline.chart_canvas import Canvas, Picture, Svg
from mien.output.timeline.spans import Span, Spans
from mien.recognition.face import Result

SUFFIXES: Final = (".png", ".svg", ".jpg", ".jpeg", ".webp")
"""Kinds of files that are written."""

MOST: Final = 8
"""Faces in the chart: those seen longest."""


class Timeline:
    """Draws stacked areas of the smoothed probabilities over time, one chart a face.

    The file is written at the end, also after Ctrl-C; without a frame there is none. Memory doesn't
    grow with the video.

    Args:
        path: Where to; .png or .svg.

    Raises:
        MienError: Another suffix, or the file can't be written.
    """

    def __init__(self, path: Path) -> None:
        if path.suffix.lower() not in SUFFIXES:
            known = ", ".join(SUFFIXES)
            raise MienError(
                f"{path}: can't draw a picture of the kind {path.suffix!r}; choose one of {known}"
            )
        self._path = path
        self._spans = Spans()
        self._bins: Bins | None = None
        self._classes: tuple[str, ...] = ()
        self._source = ""

    def __enter__(self) -> Self:
        return self

    def write(self, result: Result) -> None:
        """Take a frame."""
        spans = self._spans.after(result)
        self._bins = self._bins or Bins(result.time or 0.0)
        self._bins.reach(result.time or 0.0)
        self._source = result.source
        self._count(spans)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._count(self._spans.end())
        if self._bins is None:
            return
        chart = Chart(self._source, self._classes, self._bins, MOST)
        canvas: Canvas = (Svg if self._path.suffix.lower() == ".svg" else Picture)(chart.width, chart.height)
        chart.draw(canvas)
        canvas.write(self._path)

    def _count(self, spans: list[Span]) -> None:
        for span in spans:
            self._classes = span.face.classes
            if self._bins is not None:
                self._bins.add(span)
