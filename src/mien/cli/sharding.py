"""What `mien predict --shard` processes, and what `--resume` compares with the results to continue."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mien.errors import MienError

if TYPE_CHECKING:
    from mien.cli.outputs import Target
    from mien.output.result_settings import ResultSettings
    from mien.output.shards import ShardSession
    from mien.recognition.recognizer import Recognizer
    from mien.recognition.sharding.shard import Shard
    from mien.recognition.sources.inputs import Inputs
    from mien.recognition.video import VideoOptions


def shard_of(
    text: str | None, targets: "Sequence[Target]", others: Mapping[str, Path | None]
) -> "Shard | None":
    """Return the shard that `--shard` names, after checks of the outputs; None without the option.

    Args:
        text: Value of the option.
        targets: The outputs.
        others: Outputs of the whole run, by the names of their options.

    Raises:
        MienError: It is no shard, or an output can't be written by shards.
    """
    if text is None:
        return None
    from mien.output.shards.session import require_mergeable
    from mien.recognition.sharding.shard import Shard

    shard = Shard.parse(text)
    for name, path in others.items():
        if path is not None:
            raise MienError(f"{name} {path}: can't be written by shards; leave it out")
    if any(target.path is None for target in targets):
        raise MienError(f"shard {shard}: results on standard output can't be merged; write a file with -o")
    require_mergeable(_files(targets))
    return shard


@contextmanager
def begun(
    shard: "Shard | None",
    found: "Inputs",
    targets: "Sequence[Target]",
    recognizer: "Recognizer",
    video: "VideoOptions",
    boxes: Path | None,
    *,
    resume: bool,
) -> "Iterator[ShardSession]":
    """Begin or resume a shard. Without a shard, remove the records of earlier shards in the same files.

    Args:
        shard: The part of the inputs; None for all.
        found: All inputs.
        targets: The outputs.
        recognizer: The recognizer.
        video: How videos are processed.
        boxes: File of boxes.
        resume: Continue the outputs.

    Yields:
        The session, which is to be completed.

    Raises:
        MienError: An output can't be resumed, or another process writes it.
    """
    from mien.output.shards.session import ShardSession, forget_record

    files = _files(targets)
    if shard is None:
        for path in files:
            forget_record(path, resume=resume)
        yield ShardSession({})
        return
    from mien.recognition.sharding.listing import Listing
    from mien.recognition.sharding.settings import settings_of

    listing = Listing.of(found, shard, recognizer.metadata, recognizer.components.threads)
    settings = settings_of(recognizer, video, boxes)
    with ShardSession.begin(files, shard, recognizer.classes, settings, listing, resume=resume) as session:
        yield session


def compared_settings(
    targets: "Sequence[Target]",
    found: "Inputs",
    settings: Mapping[str, str],
    *,
    resume: bool,
    notice: Callable[[str], None],
) -> "ResultSettings":
    """Compare the settings of a command without a shard with those of results to resume.

    Args:
        targets: The outputs.
        found: The inputs.
        settings: All that determines the results.
        resume: Continue the outputs.
        notice: Receives a line about a result whose settings are unknown.

    Raises:
        MienError: A result was begun with other settings.
    """
    from mien.files.targets import place_of
    from mien.output.result_settings import ResultSettings

    results = {
        path: file for path, file in _resumable(targets) if path != file or not place_of(path).is_stream
    }
    return ResultSettings.begin(results, _used(settings, found), resume=resume, notice=notice)


def _resumable(targets: "Sequence[Target]") -> Iterator[tuple[Path, Path]]:
    """Yield each output that `--resume` can continue, and its file: the list of a folder of crops."""
    from mien.output.writers.crops import INDEX
    from mien.output.writers.registry import WRITERS

    for target in targets:
        if target.path is not None and WRITERS.get(target.format).is_resumable():
            yield target.path, target.path / INDEX if target.format == "crops" else target.path


def _used(settings: Mapping[str, str], found: "Inputs") -> dict[str, str]:
    """Return the settings that matter for the inputs; others may be chosen when such inputs are added."""
    from mien.recognition.sharding.settings import DETECTION_SETTINGS, VIDEO_SETTINGS

    unused = set[str]() if found.needs_detector else set(DETECTION_SETTINGS)
    unused |= set() if found.videos else VIDEO_SETTINGS
    return {name: value for name, value in settings.items() if name not in unused}


def _files(targets: "Sequence[Target]") -> dict[Path, str]:
    """Return the format of each file of results."""
    return {target.path: target.format for target in targets if target.path is not None}
