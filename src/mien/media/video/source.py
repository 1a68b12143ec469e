"""What a video is read from, and what it declares about itself."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from mien.errors import ImageError
from mien.files.writing import as_path
from mien.text import is_utf8

VideoSource = str | os.PathLike[str] | int
"""A path, an address such as rtsp://…, or the number of a webcam."""

STREAMS: Final = ("rtsp://", "rtsps://", "rtmp://", "udp://", "tcp://", "srt://", "http://", "https://")
"""Prefixes of addresses that are read over the network."""

VIDEO_SUFFIXES: Final = frozenset(
    {".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".ts", ".mts"}
    | {".m2ts", ".ogv", ".vob", ".mjpeg", ".mjpg"}
)
"""Suffixes of videos."""

PASSWORD: Final = re.compile(r"(?<=:)[^:/@]+(?=@)")
"""Of an address such as rtsp://name:password@camera; it is neither printed nor written."""

MAX_WEBCAM: Final = 999
"""Highest number of a webcam; OpenCV takes larger ones for another interface, or crashes."""

MOST_SHOWN: Final = 10**18

FOREVER: Final = 1e8
"""More seconds than any video has (three years)."""

DEFAULT_RATE: Final = 25.0
"""Frames per second where a source declares none."""

RATES: Final = (0.01, 500.0)
"""Plausible frame rates; some containers declare the rate of their clock."""


@dataclass(frozen=True)
class VideoInfo:
    """What a source declares before a frame is read.

    Attributes:
        name: Path, address or "webcam 0": `Result.source`.
        fps: Frames per second; 25 if the source declares no plausible rate.
        frames: Approximate number of frames; None if unknown.
        live: Whether it continues while nobody reads it.
    """

    name: str
    fps: float
    frames: int | None
    live: bool

    @property
    def seconds(self) -> float | None:
        """Approximate duration; None if unknown."""
        return None if self.frames is None else self.frames / self.fps


class RawFrame(NamedTuple):
    """A decoded frame that is not yet converted to RGB."""

    time: float | None
    """Seconds since the start, as the source declares it; None if it declares none."""
    rgb: Callable[[], NDArray[np.uint8]]
    """Converts it to RGB (height, width, 3), upright; valid until the next frame is decoded."""


class Frame(NamedTuple):
    """One frame of a video."""

    number: int
    """Counted from 0; frames that are skipped count."""
    time: float
    """Seconds since the start of the video, or since a live source was opened; always growing."""
    image: NDArray[np.uint8]
    """RGB (height, width, 3), upright."""


class OpenVideo(Protocol):
    """An opened source."""

    info: VideoInfo
    damaged: int
    """Number of frames so far that could not be decoded."""

    def frames(self) -> Iterator[RawFrame]:
        """Decode the frames from the current position on."""
        ...

    def seek(self, seconds: float) -> None:
        """Move to a frame at or before this time, if the source can."""
        ...


def name_of(source: VideoSource) -> str:
    """Return `Result.source` of a source: the path, the address without its password, or "webcam 0".

    Raises:
        ImageError: It is none of these, so that no library gets it.
    """
    if isinstance(source, bool) or not isinstance(source, str | os.PathLike | int):
        raise ImageError(
            f"{type(source).__name__}: expected a video: a path, an address, or the number of a webcam"
        )
    if isinstance(source, int):
        return _name_of_webcam(source)
    name = os.fsdecode(source)
    if not is_stream(name):
        as_path(name, "video", ImageError)
        return name
    name = PASSWORD.sub("***", name)
    if not is_utf8(name) or "\0" in name:
        raise ImageError(f"{name}: characters that no address has; expected UTF-8")
    return name


def _name_of_webcam(number: int) -> str:
    if 0 <= number <= MAX_WEBCAM:
        return f"webcam {number}"
    shown = number if abs(number) < MOST_SHOWN else "number"  # Python refuses to convert huge numbers
    raise ImageError(f"webcam {shown}: expected a number from 0 to {MAX_WEBCAM}")


def is_stream(source: str) -> bool:
    """Return whether a source is read over the network."""
    return source.lower().startswith(STREAMS)


def sound_of(source: VideoSource) -> Path | None:
    """Return the file with the sound of a source; None for a stream or webcam."""
    return None if isinstance(source, int) or is_stream(os.fspath(source)) else Path(source)


def plausible_rate(fps: float) -> float:
    """Return a frame rate, or the default one for an implausible rate."""
    return fps if RATES[0] <= fps <= RATES[1] else DEFAULT_RATE
