"""Videos to upload: a path, bytes or an open file, in parts."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Final, NamedTuple

from mien.errors import ImageError

PART_BYTES: Final = 1 << 20

VideoLike = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes]
"""A path, the bytes of a file, or a file opened with "rb"."""


class Video(NamedTuple):
    """A video to upload.

    Attributes:
        name: Source of its results.
        body: Returns its bytes in parts, from the start each time.
    """

    name: str
    body: Callable[[], Iterator[bytes]]


def video_of(video: VideoLike, name: str | None = None) -> Video:
    """Return a video to upload.

    Args:
        video: A path, bytes or an open file, which is read from its start.
        name: Source of the results; the file name by default.

    Raises:
        ImageError: There is no such file, or it is something else.
    """
    if isinstance(video, str | os.PathLike):
        path = Path(os.fspath(video))
        if not path.is_file():
            raise ImageError(f"{path}: there is no such file, expected a video")
        return Video(name or path.name, partial(_parts_of_path, path))
    if isinstance(video, bytes | bytearray | memoryview):
        return Video(name or "video", partial(_parts_of_bytes, memoryview(video)))
    if hasattr(video, "read") and hasattr(video, "seek"):
        return Video(name or "video", partial(_parts_of_file, video))
    raise ImageError(
        f"a video of type {type(video).__name__}, expected a path, bytes, or a file opened with 'rb'"
    )


def _parts_of_path(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as stream:
            yield from _parts_of_file(stream)
    except OSError as error:
        raise ImageError(f"{path}: can't be read ({error.strerror})", path=path) from error


def _parts_of_file(stream: IO[bytes]) -> Iterator[bytes]:
    stream.seek(0)
    while part := stream.read(PART_BYTES):
        yield part


def _parts_of_bytes(content: memoryview) -> Iterator[bytes]:
    for start in range(0, len(content), PART_BYTES):
        yield bytes(content[start : start + PART_BYTES])
