"""The photographs and video frames of a source, in a stable order."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.data.opening import SINGLE_FILES, container_of, existing_source
from mien.errors import DataError, ImageError
from mien.files.bounded import read_up_to
from mien.limits import MAX_FACE_BYTES
from mien.media.archives.folder import FOLDER
from mien.media.archives.members import UNREADABLE, Member, is_noise, named_damage
from mien.media.images.reading import IMAGE_SUFFIXES, decode
from mien.media.video.capture import video_info
from mien.media.video.frames import read_frames
from mien.media.video.source import VIDEO_SUFFIXES

Notice = Callable[[str], None]

INTERVAL: Final = 1.0
"""Seconds between two frames of a video."""


class Scene(NamedTuple):
    """A photograph or a frame.

    Attributes:
        source: Path of the file; of a member of an archive, "<archive>#<path in it>".
        place: Path of the file below the source, without its ending.
        load: Returns the pixels, gray (height, width) or RGB (height, width, 3); raises ImageError.
        frame: Number of the frame; None for a photograph.
        time: Seconds since the start of the video.
    """

    source: str
    place: PurePosixPath
    load: Callable[[], NDArray[np.uint8]]
    frame: int | None = None
    time: float | None = None


@dataclass(frozen=True)
class FrameOptions:
    """Which frames of a video are read.

    Attributes:
        every: Each n-th frame; None takes `interval`.
        interval: Seconds between two frames, by the frame rate of the video.
        max_frames: Largest number of frames of a video.
    """

    every: int | None = None
    interval: float = INTERVAL
    max_frames: int | None = None

    def __post_init__(self) -> None:
        if self.every is not None and self.every < 1:
            raise DataError(f"every={self.every}, expected a number of frames, 1 or more")
        if not 0 < self.interval < 1e6:
            raise DataError(f"interval={self.interval:g}, expected seconds over 0")
        if self.max_frames is not None and self.max_frames < 1:
            raise DataError(f"max_frames={self.max_frames}, expected a number of frames, 1 or more")


class SceneFile(NamedTuple):
    """An image or a video of a source."""

    source: str
    place: PurePosixPath
    member: Member | None
    video: Path | None = None

    def scenes(self, options: FrameOptions, notice: Notice) -> Iterator[Scene]:
        """Yield the photograph, or the frames of the video.

        Raises:
            ImageError: The video can't be read.
        """
        if self.member is not None:
            yield Scene(self.source, self.place, partial(_decoded, self.member))
        if self.video is None:
            return
        every = options.every or max(1, round(video_info(str(self.video)).fps * options.interval))
        frames = read_frames(str(self.video), every=every, notice=notice)
        for number, time, image in islice(frames, min(options.max_frames or sys.maxsize, sys.maxsize)):
            yield Scene(self.source, self.place, partial(np.asarray, image), number, time)


@contextmanager
def opened_scenes(source: Path) -> Iterator[list[SceneFile]]:
    """List the images and videos of a folder, an archive, or a single file, sorted by path.

    Videos are read from folders only. Other files are ignored.

    Raises:
        DataError: There is no such source, it is damaged, or it has neither images nor videos.
    """
    container = container_of(existing_source(source))
    if container in SINGLE_FILES:
        yield [_single(source)]
        return
    with named_damage(source), container.members(source) as members:
        folder = source if container is FOLDER else None
        files = [found for member in members if (found := _of_member(source, folder, member)) is not None]
        if not files:
            raise DataError(f"{source}: neither images nor videos in it, expected photographs or videos")
        yield files


def _single(path: Path) -> SceneFile:
    place = PurePosixPath(path.stem)
    if path.suffix.lower() in VIDEO_SUFFIXES:
        return SceneFile(str(path), place, None, path)
    if path.suffix.lower() not in IMAGE_SUFFIXES:
        raise DataError(f"{path}: expected an image, a video, or a folder or archive of them")
    member = Member(path.name, path.stat().st_size, lambda: path.open("rb"))
    return SceneFile(str(path), place, member)


def _of_member(source: Path, folder: Path | None, member: Member) -> SceneFile | None:
    path = PurePosixPath(member.path)
    if is_noise(member.path):
        return None
    name = f"{source}#{path}" if folder is None else str(folder / path)
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return SceneFile(name, path.with_suffix(""), member)
    if folder is not None and path.suffix.lower() in VIDEO_SUFFIXES:
        return SceneFile(name, path.with_suffix(""), None, folder / path)
    return None


def _decoded(member: Member) -> NDArray[np.uint8]:
    if member.problem or member.size > MAX_FACE_BYTES:
        raise ImageError(member.problem or f"a file of {member.size} bytes, expected an image")
    try:
        with member.open() as stream:
            content = read_up_to(stream, MAX_FACE_BYTES)
    except UNREADABLE as error:
        raise ImageError(f"can't be read ({error})") from error
    return decode(content)
