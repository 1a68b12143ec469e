"""The work of `mien predict`: recognizes images in batches and videos one by one, and writes the results."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from mien.errors import ImageError
from mien.media.video.capture import video_info
from mien.media.video.source import is_stream, name_of, sound_of
from mien.output.timeline.summary import VideoSummary
from mien.recognition.face import Result
from mien.recognition.pipeline import recognize_images
from mien.recognition.sources.items import FaceRows, FaceTable, Failure, ImageItem, Item, VideoItem
from mien.recognition.sources.tables import read_table
from mien.recognition.video import VideoOptions, recognize_video

if TYPE_CHECKING:
    from mien.cli.reporter import Reporter
    from mien.cli.results import Results
    from mien.cli.signals import Signals
    from mien.detection.provided.boxes import ProvidedBoxes
    from mien.detection.provided.frame_boxes import FrameBoxes
    from mien.output.writers.base import Writer
    from mien.output.writers.output_paths import OutputPaths
    from mien.output.writers.source_names import SourceNames
    from mien.recognition.recognizer import Recognizer

VIDEO_SUFFIX: Final = ".mp4"
"""Ending of annotated videos."""


@dataclass
class Job:
    """A run of `mien predict`.

    Attributes:
        recognizer: Recognizes faces.
        results: The outputs.
        reporter: Prints progress and messages.
        signals: Let writes be completed before a signal ends the command.
        options: How videos are processed.
        threads: Threads that read images and detect faces; None is one per core.
        boxes: Boxes of images and videos that need no detector.
        draw: Paths of annotated images and videos.
        timeline: File of the chart of a video's probabilities.
    """

    recognizer: "Recognizer"
    results: "Results"
    reporter: "Reporter"
    signals: "Signals"
    options: VideoOptions
    threads: int | None = None
    boxes: "ProvidedBoxes | None" = None
    draw: "OutputPaths | None" = None
    timeline: Path | None = None

    def run(self, items: Iterable[Item]) -> None:
        """Recognize all items, in their order. The results so far are written when a signal ends it."""
        for are_videos, some in groupby(items, lambda item: isinstance(item, VideoItem)):
            if are_videos:
                self._recognize_videos(item for item in some if isinstance(item, VideoItem))
            else:
                self._recognize(item for item in some if not isinstance(item, VideoItem))

    def _recognize(self, items: Iterable[ImageItem | FaceTable | Failure]) -> None:
        outcomes = recognize_images(
            self.recognizer.components, self._missing(items), workers=self.threads,
            keep_images=self._keeps_images, boxes=self.boxes,
        )  # fmt: skip
        with closing(outcomes), self.signals.keeping() as enter:
            writers = [self.results, *map(enter, self._image_writers())]
            for outcome in outcomes:
                if not isinstance(outcome, Failure):
                    self._write(outcome, writers)
                self.reporter.add(outcome)

    def _write(self, result: Result, writers: "Sequence[Writer | Results]") -> None:
        with self.signals.deferred():
            for writer in writers:
                writer.write(result)

    @property
    def _keeps_images(self) -> bool:
        return self.draw is not None or self.results.needs_images

    def _missing(
        self, items: Iterable[ImageItem | FaceTable | Failure]
    ) -> Iterator[ImageItem | FaceRows | Failure]:
        """Yield what the output files don't hold; data sets are read when they are reached."""
        metadata = self.recognizer.metadata
        for item in items:
            if not isinstance(item, FaceTable):
                if self.results.need(item.source):
                    yield item
                continue
            shape = (metadata.size, metadata.channels)
            for part in read_table(item, *shape, self.reporter.notice, self.threads):
                if isinstance(part, FaceRows):
                    part = part.where([self.results.need(source) for source in part.sources])
                    self.reporter.expect(len(part))
                yield part

    def _recognize_videos(self, videos: Iterable[VideoItem]) -> None:
        for video in videos:
            name = name_of(video.source)
            if self.results.need(name, video=True):
                try:
                    self._recognize_video(video)
                except ImageError as error:
                    self.reporter.add(Failure(name, str(error)))

    def _recognize_video(self, video: VideoItem) -> None:
        """An incomplete video is processed again from its start, so that its tracks are the same."""
        self._expect(video)
        summary = VideoSummary()
        frames = recognize_video(
            self.recognizer.components, video.source, self.options, boxes=self._boxes_of(video),
            keep_images=self._keeps_images, notice=self.reporter.notice,
        )  # fmt: skip
        try:
            with closing(frames), self.signals.keeping() as enter:
                first = next(frames, None)  # a video that can't be read creates no files
                writers = [self.results, *map(enter, (summary, *self._video_writers(video)))]
                for result in chain([first] if first else [], frames):
                    self._write(result, writers)
                    self.reporter.add(result)
        finally:
            self.reporter.summarize(summary)

    def _boxes_of(self, video: VideoItem) -> "FrameBoxes | None":
        return None if self.boxes is None else self.boxes.of_video(name_of(video.source))

    def _expect(self, video: VideoItem) -> None:
        """Add the frames of a video to the total of the bar; opens the video, so only if there is a bar."""
        if self.reporter.has_bar:
            info, options = video_info(video.source), self.options
            if info.seconds is not None:
                seconds = min(options.end, info.seconds) - options.start
                self.reporter.expect(max(0, int(seconds * info.fps / options.every)))

    def _image_writers(self) -> Iterator["Writer"]:
        if self.draw is not None:
            from mien.output.writers.annotated_images import AnnotatedImageWriter

            yield AnnotatedImageWriter(self.draw)

    def _video_writers(self, video: VideoItem) -> Iterator["Writer"]:
        if self.draw is not None:
            from mien.media.origin import source_key
            from mien.output.writers.video import VideoWriter

            name = name_of(video.source)
            yield VideoWriter(
                self.draw.path_for(name, _annotated_name(name, self.draw.names)), source_key(name),
                sound=sound_of(video.source), threads=self.threads, notice=self.reporter.notice,
            )  # fmt: skip
        if self.timeline is not None:
            from mien.output.timeline.timeline import Timeline

            yield Timeline(self.timeline)


def _annotated_name(name: str, names: "SourceNames") -> PurePath:
    """Return the relative path of an annotated video."""
    path = PurePath("stream") if is_stream(name) else names.name(name)
    return path.with_name(path.stem + VIDEO_SUFFIX)
