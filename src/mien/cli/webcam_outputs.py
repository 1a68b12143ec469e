"""What `mien webcam` writes beside its view: results, annotated videos, a timeline and crops."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from mien.cli.outputs import STANDARD_OUTPUT, Target, require_distinct, require_own, target_of
from mien.errors import MienError
from mien.files.targets import require_file, require_folder, require_replaceable

if TYPE_CHECKING:
    from mien.media.video.frames import Notice
    from mien.output.writers.base import Writer

CROPS: Final = "crops"


@dataclass(frozen=True)
class LiveOutputs:
    """The outputs of a live view.

    Attributes:
        formats: The format of each file of results.
        videos: Files of annotated videos.
        timeline: File of the chart; or None.
        crops: Folder of the faces; or None.
    """

    formats: Mapping[Path, str]
    videos: Sequence[Path]
    timeline: Path | None
    crops: Path | None

    @classmethod
    def of(cls, output: Sequence[Path], timeline: Path | None, crops: Path | None) -> Self:
        """Return the outputs of a command line: the ending of a file decides what it is.

        Raises:
            MienError: An ending is unknown, or a file is standard output.
        """
        formats = _formats_of(output)
        return cls(formats, [path for path in output if path not in formats], timeline, crops)

    def require_writable(self, *, replace: bool) -> None:
        """Check the outputs before the source is opened.

        Args:
            replace: Whether files that are not results of mien are replaced.

        Raises:
            MienError: One can't be written, or would replace another file.
        """
        from mien.output.timeline.timeline import Timeline
        from mien.output.writers.video import VideoWriter

        for path in self.videos:
            VideoWriter(path)
        if self.timeline is not None:
            Timeline(self.timeline)
        if self.crops is not None:
            require_folder(self.crops)
        if not replace:
            self._require_own()
        paths = (*self.formats, *self.videos, self.timeline, self.crops)
        require_distinct([path for path in paths if path is not None])

    def _require_own(self) -> None:
        from mien.output.timeline.timeline import Timeline
        from mien.output.writers.video import VideoWriter

        require_own([Target(name, path) for path, name in self.formats.items()])
        for path in self.videos:
            require_replaceable(path, VideoWriter.is_own, "a video that mien annotated")
        if self.timeline is not None:
            require_replaceable(self.timeline, Timeline.is_own, "a timeline of mien")

    def writers(
        self, source: str | int, key: str, classes: tuple[str, ...], threads: int | None, notice: "Notice"
    ) -> "list[Writer]":
        """Return the writers of all outputs.

        Args:
            source: The video, whose sound is copied, or the number of a webcam.
            key: The source as annotated videos record it.
            classes: Names of the classes.
            threads: Threads of the encoder; one per usable core by default.
            notice: Receives remarks on the sound.
        """
        from mien.media.video.source import sound_of
        from mien.output.timeline.timeline import Timeline
        from mien.output.writers import open_writer
        from mien.output.writers.video import VideoWriter

        writers: list[Writer] = [] if self.timeline is None else [Timeline(self.timeline)]
        for path in self.videos:
            sound = sound_of(source)
            writers.append(VideoWriter(path, key, sound=sound, threads=threads, notice=notice))
        return [*writers, *(open_writer(name, path, classes) for path, name in self._results.items())]

    def written(self) -> Iterator[str]:
        """Yield a line for each output that was written."""
        kinds = {**dict.fromkeys(self.videos, "video"), **dict.fromkeys(self._results, "results")}
        kinds |= {path: what for path, what in ((self.crops, CROPS), (self.timeline, "timeline")) if path}
        for path, what in kinds.items():
            if path.exists():
                yield f"mien: {what} in {path}"

    @property
    def _results(self) -> dict[Path, str]:
        return {**self.formats, **({} if self.crops is None else {self.crops: CROPS})}


def _formats_of(output: Sequence[Path]) -> dict[Path, str]:
    """Return the format of each output that isn't a video."""
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
