"""Video files, opened by FFmpeg within limits: which formats it may read, and how much memory it may take."""

import ctypes
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

import av
import av.frame
from av.container import InputContainer

from mien.errors import ImageError
from mien.limits import MAX_CODEC_ALLOCATION, MAX_FRAME_PIXELS
from mien.media.video.sample_tables import check_sample_tables

_BOXED: Final = ("mov", "mp4")
"""FFmpeg's containers of boxes."""

_OTHERS: Final = (
    "apng", "asf", "avi", "dv", "flv", "gif", "h264", "hevc", "ivf", "m4v", "matroska", "mjpeg", "mpeg",
    "mpegts", "mpegvideo", "mxf", "nut", "obu", "ogg", "rm", "swf", "vob", "webm", "wtv", "yuv4mpegpipe",
)  # fmt: skip
"""Other containers that hold their frames. A playlist (HLS, DASH, concat) would have other files and
addresses opened, which somebody else may have chosen."""


def open_video_file(source: str | os.PathLike[str]) -> InputContainer:
    """Open a video file.

    Raises:
        ImageError: It is missing, not a file, empty, not a video, or needs too much memory.
    """
    path = Path(source).absolute()  # absolute, or FFmpeg would take "a:b.mp4" for a protocol
    _require_file(source, path)
    limit_allocations()
    try:
        formats = _BOXED if check_sample_tables(path) else _OTHERS
        options = {"format_whitelist": ",".join(formats), "protocol_whitelist": "file"}
        return av.open(os.fspath(path), options=decoder_limits() | options, metadata_errors="replace")
    except ImageError as error:
        raise ImageError(f"{source}: {error}", path=Path(source)) from error
    except MemoryError as error:
        raise ImageError(
            f"{source}: a video whose header needs too much memory; is it damaged?", path=Path(source)
        ) from error
    except OSError as error:
        raise ImageError(f"{source}: can't read it ({error.strerror})", path=Path(source)) from error
    except av.FFmpegError as error:
        raise ImageError(
            f"{source}: not a video that can be read (MP4, MOV, MKV, WebM or AVI with a video stream); "
            "is it damaged or cut off?",
            path=Path(source),
        ) from error


def decoder_limits() -> dict[str, str]:
    """Return the options of a decoder that limit the frames."""
    return {"max_pixels": str(MAX_FRAME_PIXELS)}


@cache
def limit_allocations() -> None:
    """Limit each block of memory that FFmpeg requests, for the whole process; its own limit is 2 GB.

    PyAV has no function for it, but the symbols of FFmpeg's libraries are found through its modules,
    except on Windows.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(av.frame.__file__).av_max_alloc(ctypes.c_size_t(MAX_CODEC_ALLOCATION))


def _require_file(source: str | os.PathLike[str], path: Path) -> None:
    if path.is_char_device():
        raise ImageError(f"{source}: a device; give a webcam by its number, such as 0", path=path)
    if not path.is_file():
        found = "a folder" if path.is_dir() else "not a regular file" if path.exists() else "no such file"
        raise ImageError(f"{source}: {found}, expected a video", path=Path(source))
    if not path.stat().st_size:
        raise ImageError(f"{source}: an empty file, expected a video", path=Path(source))
