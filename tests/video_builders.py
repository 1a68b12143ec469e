"""Builders for tests of videos: squares of known gray that move on green, whole, cut off or turned.

The gray of a square is its expression to the recognizer of `bundle_builders`, and `SquareFinder`
finds it again after any codec, so that a test knows what should come out.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mien.detection.base import Detection, Framing
from mien.detection.box import Box

_H264: Final = ("libx264", {"preset": "ultrafast"})
CODECS: Final = {
    ".mp4": _H264, ".m4v": _H264, ".mov": _H264, ".mkv": _H264, ".ts": _H264,
    ".avi": ("mpeg4", {"qmax": "4"}), ".webm": ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8"}),
}  # fmt: skip
"""Encoder of a test video and its options by suffix; the fastest of each kind."""

GREEN: Final = (30, 160, 30)

Square = tuple[int, int, int, int]
"""Left, top, side, gray."""


def picture(*squares: Square, size: tuple[int, int] = (160, 120)) -> NDArray[np.uint8]:
    """Return an RGB picture of `size` (width, height): green, with gray squares."""
    image = np.full((size[1], size[0], 3), GREEN, np.uint8)
    for left, top, side, gray in squares:
        image[max(0, top) : top + side, max(0, left) : left + side] = gray
    return image


def walk(n: int = 25, *, gray: int = 128, step: int = 2, side: int = 40) -> Iterator[NDArray[np.uint8]]:
    """Yield `n` pictures of a square that walks to the right."""
    for at in range(n):
        yield picture((10 + step * at, 30, side, gray))


def film(
    path: Path,
    pictures: Iterable[NDArray[np.uint8]],
    fps: float = 25.0,
    *,
    times: Sequence[float] = (),
    sound: str | None = None,
) -> Path:
    """Write RGB pictures as a video, its kind by the suffix, and return `path`.

    Args:
        path: The file.
        pictures: RGB, of even sides.
        fps: Frames per second.
        times: Time of each picture in seconds, instead of `fps`.
        sound: Codec of a tone of 440 Hz that lasts as long as the pictures.
    """
    codec, options = CODECS[path.suffix]
    with av.open(str(path), "w", format="mp4" if path.suffix == ".m4v" else None) as file:
        stream = file.add_stream(codec, rate=Fraction(fps).limit_denominator(1001), options=options)
        stream.pix_fmt = "yuv420p"
        if times:
            stream.codec_context.time_base = Fraction(1, 1000)
        tone = None if sound is None else file.add_stream(sound, rate=48_000, layout="mono")
        for count, image in enumerate(pictures, 1):
            if count == 1:
                stream.height, stream.width = image.shape[:2]
            frame = av.VideoFrame.from_ndarray(image, "rgb24")
            frame.pts = round(times[count - 1] * 1000) if times else count - 1
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
        if tone is not None:
            _add_tone(file, tone, times[-1] if times else count / fps)
    return path


def _add_tone(file: av.container.OutputContainer, stream: av.AudioStream, seconds: float) -> None:
    wave = np.sin(np.arange(round(seconds * 48_000)) * 2 * np.pi * 440 / 48_000)
    frame = av.AudioFrame.from_ndarray((wave * 10_000).astype(np.int16)[None], "s16", "mono")
    frame.sample_rate, frame.pts = 48_000, 0
    file.mux(stream.encode(frame))
    file.mux(stream.encode(None))


def uneven(path: Path, pictures: Iterable[NDArray[np.uint8]], milliseconds: Sequence[int]) -> Path:
    """Write pictures as a GIF, in which each may stay for another time, and return `path`."""
    first, *others = [Image.fromarray(image) for image in pictures]
    first.save(path, save_all=True, append_images=others, duration=list(milliseconds), disposal=1)
    return path


def cut_off(path: Path, fraction: float) -> Path:
    """Keep the first `fraction` of a file's bytes, and return `path`."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * fraction)])
    return path


def damaged(path: Path, fraction: float = 0.5, length: int = 400) -> Path:
    """Overwrite `length` bytes from `fraction` of a file on, and return `path`."""
    content = bytearray(path.read_bytes())
    start = int(len(content) * fraction)
    content[start : start + length] = np.random.default_rng(0).bytes(length)
    path.write_bytes(content)
    return path


def turned(path: Path) -> Path:
    """Have an .mp4 say that it is to be shown turned clockwise by 90 degrees, as phones do; return `path`."""
    content = bytearray(path.read_bytes())
    matrix = content.index(b"tkhd") + 44  # after version, times, track, duration, layer and volume
    content[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
    return path


class SquareFinder:
    """A detector of the gray squares in `picture`.

    Attributes:
        looks: How many pictures it has searched.
    """

    name = "squares"
    framing = Framing()

    def __init__(self) -> None:
        self.looks = 0

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Return the squares, from left to right."""
        self.looks += 1
        spread = np.ptp(image.astype(np.int16), axis=2)
        _, _, boxes, _ = cv2.connectedComponentsWithStats((spread < 65).astype(np.uint8))
        found = [Box(*map(float, row[:4])) for row in boxes[1:] if row[4] > 100]
        return [Detection(box, 0.9) for box in sorted(found)]
