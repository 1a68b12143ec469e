"""Boxes that are provided instead of detected: a file of boxes, and `boxes=` in Python."""

import csv
import io
import json
import math
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from mien.detection.base import Detection
from mien.detection.box import Box
from mien.detection.yunet import FRAMING
from mien.errors import DetectorError

COLUMNS: Final = ("source", "left", "top", "width", "height")

_EXPECTED: Final = "expected left, top, width, height in pixels, width and height above 0"


def detections_of(boxes: Iterable[Sequence[float]], where: str = "boxes") -> list[Detection]:
    """Return boxes as detections, in their order, with a score of 1.

    Args:
        boxes: Left, top, width, height of each, in pixels of the upright image; they may reach
            over its border.
        where: Name of the boxes in errors.

    Raises:
        DetectorError: One of them isn't a box.
    """
    return [Detection(_box(values, f"{where}, box {number}"), 1.0) for number, values in enumerate(boxes, 1)]


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
    """Read boxes from a CSV with the columns source, left, top, width, height, or from JSON.

    JSON is one object: `{"photo.jpg": [[left, top, width, height], ...], ...}`; an empty list says
    that an image has no faces.

    Raises:
        DetectorError: The file can't be read, or a row of it isn't a box.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise DetectorError(
            f"{path}: can't read the boxes ({reason}); expected a CSV or JSON file", path=path
        ) from error
    boxes = _from_json(text, path) if text.lstrip().startswith(("{", "[")) else _from_csv(text, path)
    if not boxes:
        raise DetectorError(
            f"{path}: no boxes in it; expected a row {','.join(COLUMNS)} for each face", path=path
        )
    return ProvidedBoxes(boxes)


def _from_csv(text: str, path: Path) -> dict[str, list[Detection]]:
    boxes: dict[str, list[Detection]] = {}
    rows = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    try:
        places = _places([cell.strip() for cell in next(rows, [])], path)
        for row in filter(any, rows):
            source, box = _from_row(row, places, f"{path}, line {rows.line_num}")
            boxes.setdefault(source, []).append(Detection(box, 1.0))
    except csv.Error as error:
        raise DetectorError(f"{path}, line {rows.line_num}: not valid CSV ({error})", path=path) from error
    return boxes


def _places(header: list[str], path: Path) -> list[int]:
    """Return the positions of the columns."""
    if missing := [column for column in COLUMNS if column not in header]:
        raise DetectorError(
            f"{path}: no column {', '.join(missing)} in the first line; expected {','.join(COLUMNS)}",
            path=path,
        )
    return [header.index(column) for column in COLUMNS]


def _from_row(row: list[str], places: list[int], where: str) -> tuple[str, Box]:
    if len(row) <= max(places):
        raise DetectorError(f"{where}: {len(row)} values, expected at least {max(places) + 1}")
    source, *cells = (row[place].strip() for place in places)
    if not source:
        raise DetectorError(f"{where}: no source; expected the path or name of an image")
    return source, _box(cells, where)


def _from_json(text: str, path: Path) -> dict[str, list[Detection]]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DetectorError(f"{path}: not valid JSON ({error})", path=path) from error
    if not isinstance(content, dict):
        raise DetectorError(
            f'{path}: expected an object {{"photo.jpg": [[left, top, width, height]]}}', path=path
        )
    for source, boxes in content.items():
        if not isinstance(boxes, list):
            raise DetectorError(
                f"{path}, {source!r}: {str(boxes)[:40]}; expected a list of boxes", path=path, row=source
            )
    return {source: detections_of(boxes, f"{path}, {source!r}") for source, boxes in content.items()}


def _box(values: object, where: str) -> Box:
    """Check that `values` is four finite numbers that span an area."""
    try:
        left, top, width, height = values  # type: ignore[misc]
        box = Box(float(left), float(top), float(width), float(height))  # type: ignore[has-type]
    except (TypeError, ValueError, OverflowError):
        raise DetectorError(f"{where}: {str(values)[:60]}; {_EXPECTED}") from None
    if not (all(map(math.isfinite, box)) and box.width > 0 and box.height > 0):
        raise DetectorError(f"{where}: {str(list(box))[:60]}; {_EXPECTED}")
    return box


def _name(source: str) -> str:
    """The file name at the end of a path of this or another system."""
    return source.replace("\\", "/").rpartition("/")[2]
