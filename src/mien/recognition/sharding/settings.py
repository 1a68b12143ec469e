"""The settings of a shard: all that determines its results beside the pixels, as texts by name.

Shards are merged only if their settings are equal, so files are named by their digests: their paths differ
between machines.
"""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Final

import xxhash

from mien import __version__
from mien.bundles.reading import find_bundle
from mien.detection.selection import Selection
from mien.recognition.video import VideoOptions

if TYPE_CHECKING:
    from mien.recognition.recognizer import Recognizer


DETECTION_SETTINGS: Final = frozenset(
    {"detector", "detector_threshold", "boxes", *(one.name for one in fields(Selection))} - {"threshold"}
)
"""Settings that matter for images and videos that are no cropped faces."""

VIDEO_SETTINGS: Final = frozenset(one.name for one in fields(VideoOptions))
"""Settings that matter for videos only."""


def settings_of(
    recognizer: "Recognizer", video: VideoOptions | None = None, boxes: Path | None = None
) -> dict[str, str]:
    """Return the settings of a recognition, by the names of the arguments of `mien.load`.

    Args:
        recognizer: Bundle, engine, detector and selection of faces.
        video: How videos are processed.
        boxes: File of boxes.
    """
    detector, selection = recognizer.detector, recognizer.components.detector.selection
    selected = {one.name: getattr(selection, one.name) for one in fields(selection)}
    selected["detector_threshold"] = selected.pop("threshold")
    options = video or VideoOptions()
    values = {
        "mien": __version__,
        "bundle": _named_bundle(recognizer),
        "engine": recognizer.engine.name,
        "detector": " ".join(filter(None, (detector.name, str(getattr(detector, "version", ""))[:32]))),
        "threshold": recognizer.threshold,
        **selected,
        "tolerate_truncated": recognizer.components.tolerate_truncated,
        "boxes": "none" if boxes is None else _digest(boxes),
        **{one.name: getattr(options, one.name) for one in fields(options)},
    }
    return {name: str(value) for name, value in values.items()}


def difference(one: Mapping[str, str], other: Mapping[str, str]) -> str | None:
    """Return the name of the first setting that differs, or None."""
    return next((name for name in {**one, **other} if one.get(name) != other.get(name)), None)


def _named_bundle(recognizer: "Recognizer") -> str:
    name = recognizer.metadata.name
    if recognizer.arguments is None:
        return name
    return f"{name} {_digest(find_bundle(recognizer.arguments['bundle']))}"


def _digest(path: Path) -> str:
    return xxhash.xxh3_128_hexdigest(path.read_bytes())
