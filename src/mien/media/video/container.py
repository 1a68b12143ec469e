"""Video files and streams, read through PyAV: FFmpeg's containers and decoders.

Timestamps, rotation, color matrix and the aspect ratio of pixels are those that the file declares.
Frames are decoded by several threads, and converted to RGB only where they are used.
"""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Final, cast

import av
import numpy as np
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from mien.errors import ImageError
from mien.limits import MAX_FRAME_PIXELS
from mien.media.video.opening import decoder_limits, limit_allocations, open_video_file
from mien.media.video.source import FOREVER, RawFrame, VideoInfo, is_stream, name_of, plausible_rate

PATIENCE: Final = 10.0
"""Seconds that a stream may take to open, and to deliver a frame."""

MAX_ASPECT: Final = 4.0
"""Highest plausible ratio of the sides of a pixel."""

MICROSECONDS: Final = 1_000_000
"""Per second: the unit of a container's duration and of positions in it."""


class Container:
    """An opened video file or stream; see `mien.media.video.source.OpenVideo`.

    Args:
        source: A path, or the address of a stream.
        threads: Threads of the decoder; None is one per core.

    Raises:
        ImageError: There is no such file or stream, or it is no video.
    """

    def __init__(self, source: str, threads: int | None = None) -> None:
        self.damaged = 0
        self._container = _open_stream(source) if is_stream(source) else open_video_file(source)
        try:
            self._stream = self._video_stream(source, threads)
        except ImageError:
            self.close()
            raise
        self._start = self._stream.start_time or 0
        self._aspect = _plausible_aspect(self._stream)
        self._reformatter = VideoReformatter()
        self.info = self._declared(name_of(source), live=is_stream(source))

    def frames(self) -> Iterator[RawFrame]:
        """Decode the frames; what can't be decoded is counted and left out."""
        for packet in self._packets():
            try:
                decoded = packet.decode()
            except av.FFmpegError:
                self.damaged += 1
                continue
            for frame in decoded:
                yield RawFrame(self._time(frame), partial(self._rgb, frame))

    def seek(self, seconds: float) -> None:
        """Move to the last keyframe at or before this time; containers without an index stay."""
        # FFmpeg's positions have 64 bits
        position = self._start + round(min(seconds, FOREVER) / self._time_base)
        with suppress(av.FFmpegError):
            self._container.seek(position, stream=self._stream)

    def close(self) -> None:
        """Close the file or stream."""
        self._container.close()

    @property
    def _time_base(self) -> float:
        return float(self._stream.time_base or 1 / MICROSECONDS)

    def _video_stream(self, source: str, threads: int | None) -> VideoStream:
        stream = self._container.streams.best("video")
        if not isinstance(stream, VideoStream) or Disposition.attached_pic in stream.disposition:
            raise ImageError(f"{name_of(source)}: no video stream in it; expected a video")
        if stream.codec_context is None:
            raise ImageError(f"{name_of(source)}: its codec is unknown; convert it to H.264, as in an MP4")
        if stream.width * stream.height > MAX_FRAME_PIXELS:
            raise ImageError(
                f"{name_of(source)}: frames of {stream.width}x{stream.height} pixels, expected "
                f"{MAX_FRAME_PIXELS // 1_000_000} megapixels at most"
            )
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = threads or 0
        stream.codec_context.options = decoder_limits()  # the size may change on the way
        return stream

    def _declared(self, name: str, *, live: bool) -> VideoInfo:
        fps = plausible_rate(float(self._stream.average_rate or self._stream.guessed_rate or 0))
        seconds = (self._container.duration or 0) / MICROSECONDS
        frames = self._stream.frames or round(seconds * fps)
        # A file behind http has a length and waits for its reader; a camera there has none.
        return VideoInfo(name, fps, frames or None, live and not frames)

    def _packets(self) -> Iterator["Packet[VideoStream]"]:
        """Yield packets, and at the end an empty one, which flushes the decoder."""
        try:
            yield from self._container.demux(self._stream)
        except av.FFmpegError:
            yield self._flushing_packet()

    def _flushing_packet(self) -> "Packet[VideoStream]":
        packet = cast("Packet[VideoStream]", Packet())
        packet.stream = self._stream
        return packet

    def _time(self, frame: VideoFrame) -> float | None:
        return None if frame.pts is None else (frame.pts - self._start) * self._time_base

    def _rgb(self, frame: VideoFrame) -> NDArray[np.uint8]:
        width = round(frame.width * self._aspect)
        rgb = self._reformatter.reformat(frame, width=width, format="rgb24", threads=1)
        plane = rgb.planes[0]  # without a copy, unlike to_ndarray; the array keeps the plane
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[
            : rgb.height, : 3 * rgb.width
        ]
        image = rows.reshape(rgb.height, rgb.width, 3)
        return np.ascontiguousarray(np.rot90(image, round(frame.rotation / 90)), np.uint8)


def _plausible_aspect(stream: VideoStream) -> float:
    """Return the width of a pixel in heights; 1 for an implausible one."""
    aspect = float(stream.sample_aspect_ratio or 1)
    return aspect if 1 / MAX_ASPECT <= aspect <= MAX_ASPECT else 1.0


def _open_stream(address: str) -> "av.container.InputContainer":
    limit_allocations()
    options = decoder_limits()
    if address.lower().startswith("rtsp"):
        options["rtsp_flags"] = "prefer_tcp"
    try:
        return av.open(address, options=options, timeout=PATIENCE, metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        raise ImageError(
            f"{name_of(address)}: no video stream can be opened there; "
            "check the address, the network and whether it needs a name and password"
        ) from error
