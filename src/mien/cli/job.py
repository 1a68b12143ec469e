"""What `mien predict` does: pictures by the batch, videos one by one, and all of it written down."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from mien.errors import ImageError
from mien.media.video.capture import is_stream, name_of, video_info
from mien.output.timeline.summary import VideoSummary
from mien.recognition.pipeline import recognize_images
from mien.recognition.sources.items import FaceRows, FaceTable, Failure, ImageItem, Item, VideoItem
from mien.recognition.sources.tables import read_table
from mien.recognition.video import VideoOptions, recognize_video

if TYPE_CHECKING:
    from mien.cli.graceful_stop import Stop
    from mien.cli.reporter import Reporter
    from mien.cli.results import Results
    from mien.detection.boxes import ProvidedBoxes
    from mien.output.writers.base import Writer
    from mien.output.writers.output_paths import OutputPaths
    from mien.recognition.recognizer import Recognizer

DRAWN_SUFFIX: Final = ".mp4"
"""Of videos with what was found drawn in."""


@dataclass
class Job:
    """All that a run of `mien predict` works with.

    Attributes:
        recognizer: Finds and judges faces.
        results: Where results go.
        reporter: What a person is told.
        stop: Tells whether they want an end.
        options: What is wanted of videos.
        threads: Read and search pictures; None takes all cores.
        boxes: Faces of pictures that are known already.
        draw: OutputPaths for pictures and videos with what was found drawn in.
        timeline: File of a video's probabilities over time.
    """

    recognizer: "Recognizer"
    results: "Results"
    reporter: "Reporter"
    stop: "Stop"
    options: VideoOptions
    threads: int | None = None
    boxes: "ProvidedBoxes | None" = None
    draw: "OutputPaths | None" = None
    timeline: Path | None = None

    def run(self, items: Iterable[Item]) -> None:
        """Recognize all items, in their order.

        Raises:
            KeyboardInterrupt: Somebody wanted an end; what was done is written.
        """
        for are_videos, some in groupby(items, lambda item: isinstance(item, VideoItem)):
            if are_videos:
                self._watch_all(item for item in some if isinstance(item, VideoItem))
            else:
                self._recognize(item for item in some if not isinstance(item, VideoItem))
            if self.stop.asked():
                raise KeyboardInterrupt

    def _recognize(self, items: Iterable[ImageItem | FaceTable | Failure]) -> None:
        with ExitStack() as stack:
            writers = [self.results, *(stack.enter_context(writer) for writer in self._drawing())]
            outcomes = recognize_images(
                self.recognizer.components, self._missing(items), workers=self.threads,
                keep_images=self.draw is not None, boxes=self.boxes, stopped=self.stop.asked,
            )  # fmt: skip
            for outcome in stack.enter_context(closing(outcomes)):
                if not isinstance(outcome, Failure):
                    for writer in writers:
                        writer.write(outcome)
                self.reporter.take(outcome)

    def _missing(
        self, items: Iterable[ImageItem | FaceTable | Failure]
    ) -> Iterator[ImageItem | FaceRows | Failure]:
        """What is not in the files yet; tables are read when their turn comes."""
        for item in items:
            if not isinstance(item, FaceTable):
                if self.results.lack(item.source):
                    yield item
                continue
            for part in read_table(item, self.recognizer.metadata.size, self.reporter.notice):
                if isinstance(part, FaceRows):
                    part = part.where([self.results.lack(source) for source in part.sources])
                    self.reporter.expect(len(part))
                yield part

    def _watch_all(self, videos: Iterable[VideoItem]) -> None:
        for video in videos:
            name = name_of(video.source)
            if self.results.lack(name, video=True):
                try:
                    self._watch(video)
                except ImageError as error:
                    self.reporter.take(Failure(name, str(error)))
            if self.stop.asked():
                return

    def _watch(self, video: VideoItem) -> None:
        """A video that was cut short is watched again from its start, so that its tracks are the same."""
        self._expect(video)
        summary = VideoSummary()
        frames = recognize_video(
            self.recognizer.components, video.source, self.options,
            keep_images=self.draw is not None, notice=self.reporter.notice,
        )  # fmt: skip
        with closing(frames), ExitStack() as stack:
            first = next(frames, None)  # a video that can't be read leaves no files
            own = [stack.enter_context(writer) for writer in (summary, *self._video_writers(video))]
            for result in chain([first] if first else [], frames):
                for writer in (self.results, *own):
                    writer.write(result)
                self.reporter.take(result)
                if self.stop.asked():
                    break
        self.reporter.sum_up(summary)

    def _expect(self, video: VideoItem) -> None:
        """Opening a video twice is for those only who see how many frames are left."""
        if self.reporter.watched:
            info, options = video_info(video.source), self.options
            if info.seconds is not None:
                seconds = min(options.end, info.seconds) - options.start
                self.reporter.expect(max(0, int(seconds * info.fps / options.every)))

    def _drawing(self) -> Iterator["Writer"]:
        if self.draw is not None:
            from mien.output.writers.annotated_images import AnnotatedImageWriter

            yield AnnotatedImageWriter(self.draw)

    def _video_writers(self, video: VideoItem) -> Iterator["Writer"]:
        if self.draw is not None:
            from mien.media.origin import source_key
            from mien.output.writers.video import VideoWriter

            name = name_of(video.source)
            yield VideoWriter(self.draw.path_for(name, _drawn_name(name)), source_key(name))
        if self.timeline is not None:
            from mien.output.timeline.timeline import Timeline

            yield Timeline(self.timeline)


def _drawn_name(name: str) -> PurePath:
    """After the video's."""
    stem = "stream" if is_stream(name) else Path(name).stem.replace(" ", "-")
    return PurePath(stem + DRAWN_SUFFIX)
