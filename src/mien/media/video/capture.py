"""Opening a video file, a stream or a webcam, and what is said where that fails."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2

from mien.errors import ImageError
from mien.media.images.quiet import quiet_opencv

VideoSource = str | os.PathLike[str] | int
"""A path, an address such as rtsp://…, or the number of a webcam."""

STREAMS: Final = ("rtsp://", "rtsps://", "rtmp://", "udp://", "tcp://", "srt://", "http://", "https://")
"""What begins so is read over the network."""

PASSWORD: Final = re.compile(r"(?<=:)[^:/@]+(?=@)")
"""Of an address such as rtsp://name:password@camera; it belongs in no message and no file."""

USUAL_RATE: Final = 25.0
"""Frames a second where a source doesn't say how many it has."""

RATES: Final = (0.01, 500.0)
"""A source that claims another rate doesn't know it; some containers then give their clock's."""

PATIENCE_MS: Final = 10_000
"""How long a stream may take to open, and then to bring a frame."""


@dataclass(frozen=True)
class VideoInfo:
    """What a source says about itself before a frame is read.

    Attributes:
        name: Path, address or "webcam 0", as `Result.source` has it.
        fps: Frames a second; 25 where the source doesn't say.
        frames: About how many there are; None where nobody knows.
        live: Whether it goes on while nobody reads.
    """

    name: str
    fps: float
    frames: int | None
    live: bool

    @property
    def seconds(self) -> float | None:
        """About how long it is."""
        return None if self.frames is None else self.frames / self.fps


def video_info(source: VideoSource) -> VideoInfo:
    """Return what a source says about itself, for a progress bar; opens and closes it.

    Raises:
        ImageError: There is no such file, stream or camera, or it is no video.
    """
    with opened(source) as (_, info):
        return info


@contextmanager
def opened(source: VideoSource) -> Iterator[tuple[cv2.VideoCapture, VideoInfo]]:
    """Open a source and close it at the end.

    Raises:
        ImageError: There is no such file, stream or camera, or it is no video.
    """
    quiet_ffmpeg()
    with quiet_opencv():
        capture = _camera(source) if isinstance(source, int) else _video(os.fspath(source))
    try:
        yield capture, _info(source, capture)
    finally:
        capture.release()


def name_of(source: VideoSource) -> str:
    """Return what a result calls its source: the path or address, without a password, or "webcam 0"."""
    if isinstance(source, int):
        return f"webcam {source}"
    name = os.fspath(source)
    return PASSWORD.sub("***", name) if is_stream(name) else name


def is_stream(source: str) -> bool:
    """Say whether a source is read over the network."""
    return source.lower().startswith(STREAMS)


def _camera(number: int) -> cv2.VideoCapture:
    capture = cv2.VideoCapture(number)
    if not capture.isOpened():
        raise ImageError(
            f"webcam {number} can't be opened; connect it, close other programs that use it and allow "
            "access to it, or give another number, a video file or the address of a stream"
        )
    return capture


def _video(source: str) -> cv2.VideoCapture:
    if is_stream(source):
        return _stream(source)
    path = Path(source).absolute()  # absolute, or FFmpeg would take "a:b.mp4" for a protocol
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no such file"
        raise ImageError(f"{source}: {found}, expected a video")
    if not path.stat().st_size:
        raise ImageError(f"{source}: an empty file, expected a video")
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    if not capture.isOpened():
        raise ImageError(
            f"{source}: not a video that can be read (MP4, MOV, MKV, WebM or AVI with a video stream); "
            "is it damaged or cut off?"
        )
    return capture


def _stream(address: str) -> cv2.VideoCapture:
    patience = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, PATIENCE_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, PATIENCE_MS]
    capture = cv2.VideoCapture(address, cv2.CAP_FFMPEG, patience)
    if not capture.isOpened():
        raise ImageError(
            f"{name_of(address)}: no video stream can be opened there; "
            "check the address, the network and whether it needs a name and password"
        )
    return capture


def _info(source: VideoSource, capture: cv2.VideoCapture) -> VideoInfo:
    fps = capture.get(cv2.CAP_PROP_FPS)
    count = 0.0 if isinstance(source, int) else capture.get(cv2.CAP_PROP_FRAME_COUNT)
    return VideoInfo(
        name=name_of(source),
        fps=fps if RATES[0] <= fps <= RATES[1] else USUAL_RATE,
        frames=int(count) if count > 0 else None,
        # A video file behind http has a length and waits for its reader; a camera there has none.
        live=isinstance(source, int) or (is_stream(os.fspath(source)) and count <= 0),
    )


def quiet_ffmpeg() -> None:
    """Keep FFmpeg from writing to stderr; it looks here when the process opens its first video."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # AV_LOG_QUIET
