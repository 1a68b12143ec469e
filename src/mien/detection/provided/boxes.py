"""Boxes that are provided instead of detected: a file of boxes, and `boxes=` in Python."""

import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from mien.arguments import items_of
from mien.detection.base import Detection
from mien.detection.provided.box_files import COLUMNS, read_rows
from mien.detection.provided.box_values import box_of
from mien.detection.provided.frame_boxes import FrameBoxes
from mien.detection.yunet.detector import FRAMING
from mien.errors import DetectorError
from mien.limits import MAX_BOXES

VideoBoxes = Iterable[Sequence[float]] | Mapping[int, Iterable[Sequence[float]]]
"""Left, top, width, height of each face, the same in all frames; or such boxes by the number of the frame."""


def detections_of(boxes: Iterable[Sequence[float]], where: str = "boxes") -> list[Detection]:
    """Return boxes as detections, in their order, with a score of 1.

    Args:
        boxes: Left, top, width, height of each, in pixels of the upright image; they may reach
            over its border.
        where: Name of the boxes in errors.

    Raises:
        DetectorError: One of them isn't a box.
    """
    if isinstance(boxes, str | bytes | bytearray | Mapping) or not isinstance(boxes, Iterable):
        raise DetectorError(f"{where} of type {type(boxes).__name__}, expected a list of boxes")
    given = items_of(boxes, where, MAX_BOXES, DetectorError)
    return [
        Detection(box_of(values, f"{where}, box {number}"), 1.0) for number, values in enumerate(given, 1)
    ]


def frame_boxes(boxes: VideoBoxes) -> FrameBoxes:
    """Return provided boxes as detections, with a score of 1.

    Raises:
        DetectorError: One of them isn't a box, or a key isn't the number of a frame.
    """
    if not isinstance(boxes, Iterable):
        raise DetectorError(f"boxes of type {type(boxes).__name__}, expected boxes, or boxes by frame")
    if not isinstance(boxes, Mapping):
        return FrameBoxes(detections_of(boxes))
    for number in boxes:
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise DetectorError(f"boxes, frame {number!r}: expected the number of a frame, from 0")
    return FrameBoxes(
        frames={number: detections_of(some, f"boxes, frame {number}") for number, some in boxes.items()}
    )


class ProvidedBoxes:
    """The boxes of many images and videos.

    They are cropped as those of YuNet: most detectors, and people who draw boxes, frame a face as it
    does, from the forehead to the chin.

    Args:
        boxes: Detections by the path or name of their image, or video: then they are in all frames.
        frames: Detections of videos by number of the frame, by path or name of the video.
    """

    name = "provided"
    framing = FRAMING

    def __init__(
        self,
        boxes: Mapping[str, Sequence[Detection]],
        frames: Mapping[str, Mapping[int, Sequence[Detection]]] = MappingProxyType({}),
    ) -> None:
        self._boxes = {
            source: FrameBoxes(list(boxes.get(source, ())), frames.get(source, {}))
            for source in [*boxes, *(source for source in frames if source not in boxes)]
        }
        self._absolute = {os.path.abspath(source): source for source in self._boxes}  # noqa: PTH100 - follows no links
        names = sorted((_name(source), source) for source in self._boxes)
        twice = {one for (one, _), (other, _) in pairwise(names) if one == other}
        self._names = {name: source for name, source in names if name not in twice}
        self._lock = threading.Lock()  # several threads look up images
        self._unused = dict.fromkeys(self._boxes)
        self._unknown = 0

    def __len__(self) -> int:
        """Number of images and videos."""
        return len(self._boxes)

    def of(self, source: str) -> list[Detection] | None:
        """Return the faces of an image, or None if it has no entry.

        The image is looked up by its path as given, by its absolute path, and by its file name if only
        one image of that name has an entry.
        """
        found = self.of_video(source)
        return None if found is None else found.of(0)

    def of_video(self, source: str) -> FrameBoxes | None:
        """Return the faces of a video, or None if it has no entry; it is looked up like an image."""
        known = source if source in self._boxes else self._absolute.get(os.path.abspath(source))  # noqa: PTH100
        known = known or self._names.get(_name(source))
        with self._lock:
            if known is None:
                self._unknown += 1
                return None
            self._unused.pop(known, None)
        return self._boxes[known]

    @property
    def unused(self) -> list[str]:
        """Sources of the entries that were not looked up."""
        return list(self._unused)

    @property
    def unknown(self) -> int:
        """Number of images and videos that were looked up and have no entry."""
        return self._unknown


def read_boxes(path: Path) -> ProvidedBoxes:
    """Read boxes from a CSV with the columns source, left, top, width, height, from JSON, or a result.

    JSON is one object: `{"photo.jpg": [[left, top, width, height], ...], ...}`; an empty list says
    that an image has no faces. Boxes of a video are in all frames, or in one: a CSV has a column `frame`,
    which counts from 0, and JSON `{"talk.mp4": {"0": [[left, top, width, height], ...]}}`. Results of
    `mien predict` in CSV, JSON, JSON lines and Parquet are read, too.

    Raises:
        DetectorError: The file can't be read, is of another kind, or a row of it isn't a box.
    """
    rows = read_rows(path)
    if not rows:
        raise DetectorError(
            f"{path}: no boxes in it; expected a row {','.join(COLUMNS)} for each face", path=path
        )
    boxes: dict[str, list[Detection]] = {}
    frames: dict[str, dict[int, list[Detection]]] = {}
    for row in rows:
        faces = [] if row.face is None else [row.face]
        if row.frame is None:
            boxes.setdefault(row.source, []).extend(faces)
        else:
            frames.setdefault(row.source, {}).setdefault(row.frame, []).extend(faces)
    return ProvidedBoxes(boxes, frames)


def _name(source: str) -> str:
    """The file name at the end of a path of this or another system."""
    return source.replace("\\", "/").rpartition("/")[2]
