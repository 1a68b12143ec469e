"""Files of boxes: CSV, JSON, and results of `mien predict` (CSV, JSON, JSON lines, Parquet)."""

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

from mien.detection.base import Detection
from mien.detection.box import Box
from mien.errors import DetectorError, MissingExtraError
from mien.identify import BOXES, MANIFEST, RESULT_CSV, RESULT_JSON, RESULT_PARQUET, require_kind

COLUMNS: Final = ("source", "left", "top", "width", "height")
RESULT_COLUMNS: Final = ("source", "left", "top", "box_width", "box_height")
"""Columns of a result of `mien predict`, whose width and height are those of the image."""

SOURCE_COLUMNS: Final = ("source", "path")
"""Names of the column with the image, the second as in a manifest."""

_ACCEPTED: Final = (BOXES, MANIFEST, RESULT_CSV, RESULT_JSON, RESULT_PARQUET)
_EXPECTED: Final = "expected left, top, width, height in pixels, width and height above 0"


class BoxRow(NamedTuple):
    """A face in a file of boxes.

    Attributes:
        where: Its place in errors.
        source: Path or name of the image or video.
        frame: Number of the frame in a video, from 0; None for an image.
        face: The face; None says that the image has no faces.
    """

    where: str
    source: str
    frame: int | None
    face: Detection | None


def read_rows(path: Path) -> list[BoxRow]:
    """Read a file of boxes.

    Raises:
        DetectorError: The file can't be read, is of another kind, or a row of it isn't a box.
        MissingExtraError: It is Parquet, and pyarrow is not installed.
    """
    kind = require_kind(path, "boxes or a result of mien predict with boxes", _ACCEPTED, DetectorError)
    if kind is RESULT_PARQUET:
        return list(_from_table(_parquet_rows(path), path))
    text = _text(path)
    if text.lstrip().startswith(("{", "[")):
        return list(_from_json(text, path))
    return list(_from_csv(text, path))


def box_of(values: object, where: str) -> Box:
    """Return four finite numbers that span an area as a box.

    Raises:
        DetectorError: They are something else.
    """
    try:
        left, top, width, height = values  # type: ignore[misc]
        box = Box(float(left), float(top), float(width), float(height))  # type: ignore[has-type]
    except (TypeError, ValueError, OverflowError):
        raise DetectorError(f"{where}: {str(values)[:60]}; {_EXPECTED}") from None
    if not (all(map(math.isfinite, box)) and box.width > 0 and box.height > 0):
        raise DetectorError(f"{where}: {str(list(box))[:60]}; {_EXPECTED}")
    return box


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise DetectorError(
            f"{path}: can't read the boxes ({reason}); expected a CSV or JSON file", path=path
        ) from error


def _from_csv(text: str, path: Path) -> Iterator[BoxRow]:
    rows = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    try:
        header = [cell.strip().lower() for cell in next(rows, [])]
        places = _places(header, path)
        for cells in filter(any, rows):
            where = f"{path}, line {rows.line_num}"
            if len(cells) <= max(places):
                raise DetectorError(f"{where}: {len(cells)} values, expected at least {max(places) + 1}")
            yield _row(dict(zip(header, cells, strict=False)), where)
    except csv.Error as error:
        raise DetectorError(f"{path}, line {rows.line_num}: not valid CSV ({error})", path=path) from error


def _places(header: Sequence[str], path: Path) -> list[int]:
    """Return the positions of the columns of a box."""
    columns = _columns(header)
    if missing := [column for column in columns if column not in header]:
        raise DetectorError(
            f"{path}: no column {', '.join(missing)} in the first line; expected {','.join(COLUMNS)}",
            path=path,
        )
    return [header.index(column) for column in columns]


def _columns(header: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of a box: in a result, width and height are those of the image."""
    names = set(header)
    source = next((name for name in SOURCE_COLUMNS if name in names), SOURCE_COLUMNS[0])
    return (source, *(RESULT_COLUMNS if {"box_width", "box_height"} <= names else COLUMNS)[1:])


def _from_table(rows: Iterable[Mapping[str, Any]], path: Path) -> Iterator[BoxRow]:
    for number, row in enumerate(rows, start=1):
        yield _row(
            {name: "" if cell is None else cell for name, cell in row.items()}, f"{path}, row {number}"
        )


def _row(cells: Mapping[str, Any], where: str) -> BoxRow:
    source_column, *box_columns = _columns(cells)
    source = str(cells[source_column]).strip()
    if not source:
        raise DetectorError(f"{where}: no source; expected the path or name of an image")
    values = [cells[column] for column in box_columns]
    is_result = "box_width" in cells
    empty = is_result and not any(str(value).strip() for value in values)
    face = None if empty else _face(values, cells if is_result else {}, where)
    return BoxRow(where, source, _frame(cells.get("frame"), where), face)


def _face(values: object, found: Mapping[str, Any], where: str) -> Detection:
    """A box with the score and the tilt of the result that it is from."""
    box = box_of(values, where)
    return Detection(box, _number(found.get("score"), 1.0), _number(found.get("tilt"), 0.0))


def _number(value: object, default: float) -> float:
    try:
        number = float(str(value))
    except ValueError:
        return default
    return number if math.isfinite(number) else default


def _frame(value: object, where: str) -> int | None:
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    if not text.isdecimal():
        raise DetectorError(f"{where}: frame {text[:20]!r}, expected the number of a frame, from 0")
    return int(text)


def _parquet_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        parquet = import_module("pyarrow.parquet")
    except ModuleNotFoundError as error:
        raise MissingExtraError("pyarrow", "parquet") from error
    try:
        for batch in parquet.ParquetFile(path).iter_batches():
            yield from batch.to_pylist()
    except (OSError, ValueError) as error:  # pyarrow's errors are subclasses
        raise DetectorError(f"{path}: damaged Parquet ({error})", path=path) from error


def _from_json(text: str, path: Path) -> Iterator[BoxRow]:
    content = _json(text, path)
    if isinstance(content, dict) and "source" in content and "faces" in content:
        content = [content]
    if isinstance(content, list):
        for number, result in enumerate(content, start=1):
            yield from _from_result(result, f"{path}, result {number}")
        return
    for source, boxes in content.items():
        frames = boxes if isinstance(boxes, dict) else {None: boxes}
        for frame, some in frames.items():
            where = f"{path}, {source!r}" + ("" if frame is None else f", frame {frame}")
            yield from _from_list(some, source, _frame(frame, f"{path}, {source!r}"), where, path)


def _from_list(boxes: object, source: str, frame: int | None, where: str, path: Path) -> Iterator[BoxRow]:
    """The boxes of an image or frame; an empty list says that it has no faces."""
    if not isinstance(boxes, list):
        raise DetectorError(f"{where}: {str(boxes)[:40]}; expected a list of boxes", path=path, row=source)
    if not boxes:
        yield BoxRow(where, source, frame, None)
    for number, values in enumerate(boxes, start=1):
        face = Detection(box_of(values, f"{where}, box {number}"), 1.0)
        yield BoxRow(f"{where}, box {number}", source, frame, face)


def _json(text: str, path: Path) -> Any:  # noqa: ANN401 - any JSON
    """The value of a JSON file, or the list of the values of JSON lines."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not all(line.startswith("{") and line.endswith("}") for line in lines[:-1]):
            raise DetectorError(f"{path}: not valid JSON ({error})", path=path) from error
    try:
        return [json.loads(line) for line in lines]
    except (ValueError, RecursionError) as error:
        raise DetectorError(f"{path}: not valid JSON lines ({error})", path=path) from error


def _from_result(result: Any, where: str) -> Iterator[BoxRow]:  # noqa: ANN401 - any JSON
    """The faces of an object that `mien predict` wrote."""
    if not (isinstance(result, dict) and isinstance(result.get("source"), str)) or not isinstance(
        result.get("faces"), list
    ):
        raise DetectorError(
            f"{where}: {str(result)[:40]}; expected an object "
            '{"photo.jpg": [[left, top, width, height]]}, or a result of mien predict'
        )
    source, frame = result["source"], _frame(result.get("frame"), where)
    if not result["faces"]:
        yield BoxRow(where, source, frame, None)
    for number, face in enumerate(result["faces"], start=1):
        found = face if isinstance(face, dict) else {}
        yield BoxRow(where, source, frame, _face(found.get("box"), found, f"{where}, face {number}"))
