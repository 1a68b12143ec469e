"""The kinds of video files that can be written: containers and encoders by file name ending."""

from pathlib import Path
from typing import Final, NamedTuple

from mien.errors import MienError


class Kind(NamedTuple):
    """How a video file is encoded.

    Attributes:
        container: FFmpeg's name of the container.
        settings: Of the container.
        encoders: Names of encoders; the first that is available is used.
        options: Of the encoder.
        sound: Name of the encoder of sound that can't be copied.
        copied: Codecs of sound that are copied.
        constant: Whether the container has a constant frame rate.
    """

    container: str
    settings: dict[str, str]
    encoders: tuple[str, ...]
    options: dict[str, str]
    sound: str
    copied: frozenset[str]
    constant: bool = False


# The index at the beginning lets browsers play a file while they load it.
_INDEX_FIRST: Final = {"movflags": "+faststart"}
# Without B-frames, frames are stored in the order in which they are shown, and their durations are exact.
_H264: Final = {"preset": "veryfast", "crf": "20", "bf": "0"}
_H264_ENCODERS: Final = ("libx264", "libopenh264")
_VP9: Final = {"deadline": "realtime", "cpu-used": "8", "row-mt": "1", "crf": "30", "b": "0"}
_MPEG4: Final = {"flags": "+qscale", "global_quality": "354"}  # quantizer 3, times 118
_AAC: Final = frozenset({"aac", "mp3"})
_MP4: Final = Kind("mp4", _INDEX_FIRST, _H264_ENCODERS, _H264, "aac", _AAC)

KINDS: Final = {
    ".mp4": _MP4,
    ".m4v": _MP4,
    ".mov": _MP4._replace(container="mov"),
    ".mkv": _MP4._replace(
        container="matroska", settings={}, copied=_AAC | {"opus", "vorbis", "flac", "ac3", "eac3"}
    ),
    ".webm": Kind("webm", {}, ("libvpx-vp9",), _VP9, "libopus", frozenset({"opus", "vorbis"})),
    # AVI has no negative times; FFmpeg would shift the frames by the delay of the sound's encoder.
    ".avi": Kind(
        "avi", {"avoid_negative_ts": "disabled"}, ("mpeg4",), _MPEG4, "libmp3lame", frozenset({"mp3", "ac3"}),
        constant=True,
    ),
}  # fmt: skip
"""By file name ending."""


def kind_of(path: Path) -> Kind:
    """Return how the video file `path` is encoded.

    Raises:
        MienError: No video has this ending, or there is no encoder for it.
    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(KINDS)
        raise MienError(
            f"{path}: can't write a video with the ending {path.suffix!r}; expected one of {known}",
            path=path, expected=known,
        )  # fmt: skip
    if not available_encoders(kind):
        raise MienError(
            f"{path}: this build of PyAV has no encoder for it ({' or '.join(kind.encoders)}); "
            "install the wheel from PyPI (pip install av), or choose another ending",
            path=path,
        )
    return kind


def available_encoders(kind: Kind) -> list[str]:
    """Return the encoders of a kind that the installed PyAV has."""
    import av

    return [name for name in kind.encoders if name in av.codecs_available]
