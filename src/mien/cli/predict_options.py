"""The options of `mien predict` that choose its outputs, and how videos are processed."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from mien.cli import candidates
from mien.cli.option_groups import OUTPUT, VIDEO, Name
from mien.cli.outputs import Target, require_distinct, require_own, targets_of
from mien.files.targets import require_folder, require_replaceable

if TYPE_CHECKING:
    from mien.output.writers.output_paths import OutputPaths
    from mien.recognition.video import VideoOptions

FORMATS = candidates.registered("mien.output.writers:WRITERS")


@Parameter(name="*", group=OUTPUT)
@dataclass(frozen=True)
class OutputOptions:
    """Where results go, and in which formats.

    Attributes:
        output: Write results to a file; its ending selects the format (.json, .jsonl, .csv, .parquet); - is
            standard output. May be repeated. An earlier result is replaced, any other file only with --force.
        format: Format of standard output and of files without a known ending: json, jsonl, csv, parquet,
            table, or that of a plugin.
        as_json: Print one JSON array: --format json.
        as_jsonl: Print JSON, one line per image or frame: --format jsonl.
        as_csv: Print CSV, one row per face: --format csv.
        resume: Continue the output files: skip the inputs that they already hold.
        shard: Process part I of N of the inputs, from 1/N to N/N: the same part on every machine. The output
            can be resumed after the process was killed; mien merge joins the outputs of all parts.
        force: Replace output files that are not results of mien.
        draw: Write images and videos with boxes, labels and probabilities drawn in to this folder.
        crops: Write each face as a PNG, upright and in color, to this folder, with a list, crops.csv.
        timeline: Draw the probabilities of a video over time (.png, .svg, .jpg or .webp).
        quiet: Print only results and errors.
    """

    output: Annotated[
        tuple[Name, ...],
        Parameter(name=("--output", "-o"), metavar="PATH", allow_leading_hyphen=True, show_default=False),
    ] = ()
    format: Annotated[str | None, Parameter(completer=FORMATS)] = None
    as_json: Annotated[bool, Parameter(name="--json")] = False
    as_jsonl: Annotated[bool, Parameter(name="--jsonl")] = False
    as_csv: Annotated[bool, Parameter(name="--csv")] = False
    resume: bool = False
    shard: Annotated[str | None, Parameter(metavar="I/N")] = None
    force: bool = False
    draw: Path | None = None
    crops: Path | None = None
    timeline: Path | None = None
    quiet: bool = False

    @property
    def printed(self) -> list[str]:
        """The formats that flags print to standard output."""
        flags = {"json": self.as_json, "jsonl": self.as_jsonl, "csv": self.as_csv}
        return [name for name, is_set in flags.items() if is_set]

    @property
    def folders(self) -> list[Path]:
        """The folders that are written."""
        return [folder for folder in (self.draw, self.crops) if folder is not None]

    def files(self, targets: "list[Target]") -> list[Path | None]:
        """Return the files that are written; None for those that were not requested."""
        return [self.timeline, *(target.path for target in targets)]

    def targets(self) -> list[Target]:
        """Return the outputs of results, after a check that all outputs can be written.

        Raises:
            MienError: One can't be written, or two are the same.
        """
        from mien.output.timeline.timeline import Timeline

        targets = targets_of(self.output, self.format, self.printed)
        if self.timeline is not None:
            Timeline(self.timeline)
        for folder in self.folders:
            require_folder(folder)
        files = (path for path in self.files(targets) if path is not None)
        require_distinct([*self.folders, *files])
        return targets

    def require_own(self, targets: "list[Target]") -> None:
        """Refuse to replace files that are not outputs of mien, unless this is requested.

        Raises:
            MienError: One is another file.
        """
        from mien.output.timeline.timeline import Timeline

        if self.force:
            return
        if not self.resume:
            require_own([target for target in targets if target.format != "crops"])
        if self.timeline is not None:
            require_replaceable(self.timeline, Timeline.is_own, "a timeline of mien predict")

    def written(self, targets: "list[Target]", drawn: "OutputPaths | None") -> Iterator[tuple[str, Path]]:
        """Yield what is in each output, and its path."""
        for target in targets:
            if target.path is not None:
                yield ("crops" if target.format == "crops" else "results"), target.path
        if drawn is not None and drawn.last is not None:
            is_one = drawn.count == 1
            yield (
                ("annotated copy" if is_one else f"{drawn.count:,} annotated copies"),
                (drawn.last if is_one else drawn.folder),
            )
        if self.timeline is not None and self.timeline.exists():
            yield "timeline", self.timeline


@Parameter(name="*", group=VIDEO)
@dataclass(frozen=True)
class VideoArguments:
    """How videos are processed.

    Attributes:
        every: Process each n-th frame only.
        start: Begin at this time in seconds.
        end: End at this time in seconds.
        detect_every: Run the detector on each n-th frame, and track faces in between.
        smooth: Time constant in seconds of the smoothing of probabilities; 0 is off.
    """

    every: int = 1
    start: float = 0.0
    end: float = math.inf
    detect_every: int = 3
    smooth: float = 0.5

    def checked(self) -> "VideoOptions":
        """Return the options of the library.

        Raises:
            MienError: A value is out of range.
        """
        from mien.recognition.video import VideoOptions

        return VideoOptions(self.every, self.start, self.end, self.detect_every, self.smooth)
