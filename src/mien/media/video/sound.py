"""The sound of a video file, copied into another file, or transcoded where its container requires it."""

from collections.abc import Callable, Collection, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream

from mien.errors import ImageError
from mien.media.video.opening import open_video_file

BIT_RATE: Final = 128_000
"""Of transcoded sound, in bits per second."""

OPUS_RATE: Final = 48_000
"""Sampling rate of Opus in hertz."""

TOLERANCE: Final = 0.001
"""Seconds by which sound may begin before the first frame."""

LONGEST_DRIFT: Final = 0.1
"""Seconds by which samples may be earlier than declared before silence is inserted."""

MICROSECONDS: Final = 1_000_000

Notice = Callable[[str], None]
"""Receives one line for the user."""


class Sound:
    """A track of sound that is written in step with the frames of a video.

    Args:
        source: The video file with the sound.
        output: The file that it is added to, before its first frame is written.
        copied: Codecs that `output` takes as they are.
        encoder: Name of the encoder for all others.
        start: Time of the first frame in `source`, in seconds.
        notice: Called with a line if the sound can't be read.
    """

    def __init__(
        self, source: Path, output: OutputContainer, copied: Collection[str], encoder: str,
        start: float, notice: Notice,
    ) -> None:  # fmt: skip
        self._source, self._output, self._notice = source, output, notice
        self._track: AudioStream | None = None
        self._samples = 0
        self._last: int | None = None
        self._next: Packet[AudioStream] | None = None
        self._packets: Iterator[Packet[AudioStream]] = iter(())
        self._input: InputContainer | None = None
        try:
            self._input = open_video_file(source)
        except ImageError:
            self._report()
            return
        if (track := self._input.streams.best("audio")) is not None:
            self._shift = _start_of_video(self._input) + Fraction(start).limit_denominator(MICROSECONDS)
            self._attach(self._input, track, copied, encoder, seek=start > 0)

    def advance(self, until: float) -> None:
        """Write the sound up to `until`, in seconds after the first frame."""
        while self._next is not None and self._time(self._next) < until:
            self._write(self._next)
            self._next = next(self._packets, None)

    def finish(self, until: float) -> None:
        """Write the rest up to `until`, and close the source."""
        self.advance(until)
        if self._track is not None and not self._is_copied:
            self._output.mux(self._track.encode(None))
        self.close()

    def close(self) -> None:
        """Close the source."""
        if self._input is not None:
            self._input.close()

    def _attach(
        self, source: InputContainer, track: Stream, copied: Collection[str], encoder: str, *, seek: bool
    ) -> None:
        """Add the track to the output; report one that can neither be copied nor transcoded."""
        if not isinstance(track, AudioStream) or track.codec_context is None:  # no decoder
            self._report()
            return
        self._is_copied = track.codec_context.codec.canonical_name in copied
        if self._is_copied:
            self._track = self._output.add_stream_from_template(track)
        elif encoder in av.codecs_available:
            self._track = self._encoded(track, encoder)
        else:
            self._report()
            return
        self._packets = self._read(source, track, seek=seek)
        self._next = next(self._packets, None)

    def _encoded(self, track: AudioStream, encoder: str) -> AudioStream:
        rate = OPUS_RATE if encoder == "libopus" else track.codec_context.sample_rate
        added = self._output.add_stream(encoder, rate=rate)
        assert isinstance(added, AudioStream)  # noqa: S101
        added.layout = "mono" if track.codec_context.channels == 1 else "stereo"
        added.bit_rate = BIT_RATE
        return added

    def _read(
        self, source: InputContainer, track: AudioStream, *, seek: bool
    ) -> Iterator["Packet[AudioStream]"]:
        """Yield the packets from the start on, until the end or an error."""
        try:
            if seek:
                source.seek(round(self._shift * MICROSECONDS))
            for packet in source.demux(track):
                # An earlier packet would shift the video in containers that can't have negative times.
                if packet.dts is not None and self._time(packet) > -TOLERANCE:
                    yield packet
        except av.FFmpegError:
            self._report()

    def _write(self, packet: "Packet[AudioStream]") -> None:
        assert self._track is not None  # noqa: S101
        if not self._is_copied:
            for frame in self._decoded(packet):
                self._output.mux(self._track.encode(frame))
            return
        if packet.dts is None or (self._last is not None and packet.dts <= self._last):
            return  # damaged: containers refuse times that don't increase
        self._last = packet.dts
        offset = round(self._shift / packet.time_base)
        packet.pts = None if packet.pts is None else packet.pts - offset
        packet.dts -= offset
        packet.stream = self._track
        self._output.mux(packet)

    def _decoded(self, packet: "Packet[AudioStream]") -> Iterator[AudioFrame]:
        """Yield the samples of a packet, continuously after the first frame; damaged packets are left out."""
        try:
            frames = packet.decode()
        except av.FFmpegError:
            return
        for frame in frames:
            base = frame.time_base or Fraction(1, frame.sample_rate)
            declared = round(((frame.pts or 0) * base - self._shift) * frame.sample_rate)
            is_behind = declared > self._samples + LONGEST_DRIFT * frame.sample_rate
            frame.pts = max(0, declared) if is_behind or not self._samples else self._samples
            frame.time_base = Fraction(1, frame.sample_rate)
            self._samples = frame.pts + frame.samples
            yield frame

    def _time(self, packet: "Packet[AudioStream]") -> float:
        """Return when a packet begins, in seconds after the first frame."""
        begin = packet.dts if packet.pts is None else packet.pts
        return float((begin or 0) * packet.time_base) - float(self._shift)

    def _report(self) -> None:
        self._notice(f"{self._source}: the sound can't be read; the rest of the video has none")


def _start_of_video(source: InputContainer) -> Fraction:
    """Return the time of the first frame of the video in seconds, as the container counts it."""
    stream = source.streams.best("video")
    if stream is None or stream.start_time is None or stream.time_base is None:
        return Fraction(0)
    return stream.start_time * stream.time_base
