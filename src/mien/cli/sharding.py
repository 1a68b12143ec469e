"""`--shard` of `mien predict`: the part of the inputs that a command processes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mien.errors import MienError

if TYPE_CHECKING:
    from mien.cli.outputs import Target
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


def _files(targets: "Sequence[Target]") -> dict[Path, str]:
    """Return the format of each file of results."""
    return {target.path: target.format for target in targets if target.path is not None}
