"""Files of boxes: CSV, JSON, and results of `mien predict` (CSV, JSON, JSON lines, Parquet)."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

from mien.detection.base import Detection
from mien.detection.provided.box_values import box_of, face_of, number_in
from mien.errors import DetectorError, MissingExtraError
from mien.files.bounded import open_text
from mien.files.bounded_parquet import check_parquet
from mien.files.identify import BOXES, MANIFEST, RESULT_CSV, RESULT_JSON, RESULT_PARQUET, require_kind
from mien.files.strict_json import parse_json
from mien.limits import MAX_BOXES, MAX_RECORD_BYTES, MAX_TEXT_BYTES
from mien.text import counted, unescape_name

COLUMNS: Final = ("source", "left", "top", "width", "height")
RESULT_COLUMNS: Final = ("source", "left", "top", "box_width", "box_height")
"""Columns of a result of `mien predict`, whose width and height are those of the image."""

SOURCE_COLUMNS: Final = ("source", "path")
"""Names of the column with the image, the second as in a manifest."""

_ACCEPTED: Final = (BOXES, MANIFEST, RESULT_CSV, RESULT_JSON, RESULT_PARQUET)
_PARQUET_ROWS: Final = 1024
_MOST_DIGITS: Final = 18
"""Digits of the number of a frame; Python refuses to read thousands of them."""


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
        return _limited(_from_table(_parquet_rows(path), path), path)
    with _opened(path) as stream:
        is_json = stream.read(1024).lstrip().startswith(("{", "["))
        stream.seek(0)
        return _limited(_from_json(stream, path) if is_json else _from_csv(stream, path), path)


def _limited(rows: Iterable[BoxRow], path: Path) -> list[BoxRow]:
    """Return the rows as a list, unless they are too many."""
    found = list(islice(rows, MAX_BOXES + 1))
    if len(found) > MAX_BOXES:
        raise DetectorError(
            f"{path}: over {MAX_BOXES} boxes, the limit of a file of boxes; split it", path=path
        )
    return found


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        with open_text(path, MAX_TEXT_BYTES) as stream:
            yield stream
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise DetectorError(
            f"{path}: can't read the boxes ({reason}); expected a CSV or JSON file", path=path
        ) from error


def _from_csv(stream: TextIO, path: Path) -> Iterator[BoxRow]:
    rows, lines = csv.reader(stream, skipinitialspace=True), 0
    try:
        header = [cell.strip().lower() for cell in next(rows, [])]
        places, lines = _places(header, path), rows.line_num
        rows = csv.reader(stream, skipinitialspace="box_width" not in header)  # mien's names are exact
        for cells in filter(any, rows):
            where = f"{path}, line {lines + rows.line_num}"
            if len(cells) <= max(places):
                raise DetectorError(
                    f"{where}: {counted(len(cells), 'value')}, expected at least {max(places) + 1}"
                )
            yield _row(dict(zip(header, cells, strict=False)), where)
    except csv.Error as error:
        line = lines + rows.line_num
        raise DetectorError(f"{path}, line {line}: not valid CSV ({error})", path=path) from error


def _places(header: Sequence[str], path: Path) -> list[int]:
    """Return the positions of the columns of a box."""
    columns = _columns(header)
    if missing := [column for column in columns if column not in header]:
        raise DetectorError(
            f"{path}: no column {', '.join(missing)} in the first line; expected {','.join(COLUMNS)}",
            path=path,
        )
    if twice := [column for column in columns if header.count(column) > 1]:
        raise DetectorError(f"{path}: two columns {twice[0]!r} in the first line; expected one", path=path)
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
    text = str(cells[source_column])
    if not text.strip():
        raise DetectorError(f"{where}: no source; expected the path or name of an image")
    values = [number_in(cells[column]) for column in box_columns]
    is_result = "box_width" in cells
    source = unescape_name(text) if is_result else text.strip()
    empty = is_result and not any(str(value).strip() for value in values)
    face = None if empty else face_of(values, cells if is_result else {}, where)
    return BoxRow(where, source, _frame(cells.get("frame"), where), face)


def _frame(value: object, where: str) -> int | None:
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    if isinstance(value, bool) or not (text.isascii() and text.isdecimal()) or len(text) > _MOST_DIGITS:
        raise DetectorError(f"{where}: frame {text[:20]!r}, expected the number of a frame, from 0")
    return int(text)


def _parquet_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ModuleNotFoundError as error:
        raise MissingExtraError("pyarrow", "parquet") from error
    try:
        with path.open("rb") as stream:  # pyarrow takes only names in UTF-8
            check_parquet(stream)
            file = parquet.ParquetFile(stream, read_dictionary=["source"])
            _require_size(file.metadata, path)
            wanted = {*RESULT_COLUMNS, "frame", "score", "tilt"}
            names = [name for name in file.schema_arrow.names if name in wanted]
            _places(names, path)
            for batch in file.iter_batches(_PARQUET_ROWS, columns=names):
                yield from batch.to_pylist()
    except (arrow.ArrowException, OSError, ValueError, KeyError, OverflowError, RecursionError) as error:
        raise DetectorError(f"{path}: damaged Parquet ({error})", path=path) from error


def _require_size(metadata: Any, path: Path) -> None:  # noqa: ANN401 - pyarrow has no types
    """Check the rows that a Parquet file declares, and the bytes that it unpacks to."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    if metadata.num_rows > MAX_BOXES or sum(group.total_byte_size for group in groups) > MAX_TEXT_BYTES:
        raise DetectorError(f"{path}: over {MAX_BOXES} rows or {MAX_TEXT_BYTES >> 20} MB unpacked", path=path)


def _from_json(stream: TextIO, path: Path) -> Iterator[BoxRow]:
    content = _json(stream, path)
    if isinstance(content, dict) and "source" in content and "faces" in content:
        content = [content]
    if not isinstance(content, dict):
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


def _json(stream: TextIO, path: Path) -> Any:  # noqa: ANN401 - any JSON
    """The value of a JSON file, or the values of JSON lines, or of an array with an object on each line.

    Files of lines are parsed line by line, so that their values need not be in memory together.
    """
    first, second = next(stream, "").strip(), _item(next(stream, ""))
    stream.seek(0)
    is_lines = (first == "[" or _is_object(_item(first))) and _is_object(second)
    return _values_of_lines(stream, path) if is_lines else _one_value(stream, path)


def _is_object(item: str) -> bool:
    return item.startswith("{") and item.endswith("}")


def _item(line: str) -> str:
    """The JSON of a line, without the comma or bracket that follows it in an array."""
    item = line.strip().removesuffix(",")
    return item.removesuffix("]") if item.startswith("{") else item


def _values_of_lines(stream: TextIO, path: Path) -> Iterator[Any]:
    for number, line in enumerate(stream, start=1):
        item = _item(line)
        if item in ("", "[", "]"):
            continue
        try:
            yield parse_json(item)
        except (ValueError, RecursionError) as error:
            raise DetectorError(f"{path}, line {number}: not valid JSON ({error})", path=path) from error


def _one_value(stream: TextIO, path: Path) -> Any:  # noqa: ANN401 - any JSON
    text = stream.read(MAX_RECORD_BYTES + 1)
    if len(text) > MAX_RECORD_BYTES:
        most = f"{MAX_RECORD_BYTES >> 20} MB"
        raise DetectorError(
            f"{path}: one JSON value of over {most}; write a CSV or JSON lines, which are read line by line",
            path=path,
        )
    try:
        return parse_json(text)
    except (ValueError, RecursionError) as error:
        raise DetectorError(f"{path}: not valid JSON ({error})", path=path) from error


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
        yield BoxRow(where, source, frame, face_of(found.get("box"), found, f"{where}, face {number}"))
