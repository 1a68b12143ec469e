"""Boxes that are provided instead of detected: a file of boxes, and `boxes=` in Python."""

import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from mien.detection.base import Detection
from mien.detection.box_files import COLUMNS, box_of, read_rows
from mien.detection.yunet import FRAMING
from mien.errors import DetectorError


def detections_of(boxes: Iterable[Sequence[float]], where: str = "boxes") -> list[Detection]:
    """Return boxes as detections, in their order, with a score of 1.

    Args:
        boxes: Left, top, width, height of each, in pixels of the upright image; they may reach
            over its border.
        where: Name of the boxes in errors.

    Raises:
        DetectorError: One of them isn't a box.
    """
    return [
        Detection(box_of(values, f"{where}, box {number}"), 1.0) for number, values in enumerate(boxes, 1)
    ]


class ProvidedBoxes:
    """The boxes of many images.

    They are cropped as those of YuNet: most detectors, and people who draw boxes, frame a face as it
    does, from the forehead to the chin.

    Args:
        boxes: Detections by the path or name of their image.
    """

    name = "provided"
    framing = FRAMING

    def __init__(self, boxes: Mapping[str, Sequence[Detection]]) -> None:
        self._boxes = {source: list(found) for source, found in boxes.items()}
        self._absolute = {os.path.abspath(source): source for source in boxes}  # noqa: PTH100 - follows no links
        names = sorted((_name(source), source) for source in boxes)
        twice = {one for (one, _), (other, _) in pairwise(names) if one == other}
        self._names = {name: source for name, source in names if name not in twice}
        self._lock = threading.Lock()  # several threads look up images
        self._unused = dict.fromkeys(boxes)
        self._unknown = 0

    def __len__(self) -> int:
        """Number of images."""
        return len(self._boxes)

    def of(self, source: str) -> list[Detection] | None:
        """Return the faces of an image, or None if it has no entry.

        The image is looked up by its path as given, by its absolute path, and by its file name if only
        one image of that name has an entry.
        """
        known = source if source in self._boxes else self._absolute.get(os.path.abspath(source))  # noqa: PTH100
        known = known or self._names.get(_name(source))
        with self._lock:
            if known is None:
                self._unknown += 1
                return None
            self._unused.pop(known, None)
        return list(self._boxes[known])

    @property
    def unused(self) -> list[str]:
        """Sources of the entries that were not looked up."""
        return list(self._unused)

    @property
    def unknown(self) -> int:
        """Number of images that were looked up and have no entry."""
        return self._unknown


def read_boxes(path: Path) -> ProvidedBoxes:
    """Read boxes from a CSV with the columns source, left, top, width, height, from JSON, or a result.

    JSON is one object: `{"photo.jpg": [[left, top, width, height], ...], ...}`; an empty list says
    that an image has no faces. Results of `mien predict` in CSV, JSON, JSON lines and Parquet are read, too.

    Raises:
        DetectorError: The file can't be read, is of another kind, or a row of it isn't a box.
    """
    rows = read_rows(path)
    if not rows:
        raise DetectorError(
            f"{path}: no boxes in it; expected a row {','.join(COLUMNS)} for each face", path=path
        )
    boxes: dict[str, list[Detection]] = {}
    for row in rows:
        if row.frame is not None:
            raise DetectorError(
                f"{row.where}: frame {row.frame} of a video; boxes are for images, videos are tracked",
                path=path,
            )
        boxes.setdefault(row.source, []).extend([] if row.face is None else [row.face])
    return ProvidedBoxes(boxes)


def _name(source: str) -> str:
    """The file name at the end of a path of this or another system."""
    return source.replace("\\", "/").rpartition("/")[2]
