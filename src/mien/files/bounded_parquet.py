"""Parquet files, checked before their pages are decompressed and their texts repeated.

The metadata of a file may declare less than its pages have, and a dictionary may repeat one long text in each
row. Source: github.com/apache/parquet-format (`PageHeader`), in Thrift's compact protocol.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import IO, Any, Final

from mien.limits import MAX_BATCH_TEXT, MAX_PAGE_BYTES

_ROWS: Final = 8192
_LONGEST_HEADER: Final = 1 << 16
_UNPACKED, _PACKED = 2, 3
"""Fields of the header of a page: its bytes with and without compression."""

_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_INTEGERS: Final = {4, 5, 6}
_DEEPEST: Final = 8


def check_parquet(stream: IO[bytes]) -> None:
    """Check how much memory it takes to read a Parquet file in batches; its position is kept.

    Args:
        stream: A file that can be sought.

    Raises:
        ValueError: Too much, or it is damaged. pyarrow raises other types, too.
        ModuleNotFoundError: pyarrow is not installed.
    """
    before = stream.tell()
    metadata = import_module("pyarrow.parquet").read_metadata(stream)
    for size in _pages(stream, metadata):
        if size > MAX_PAGE_BYTES:
            raise ValueError(f"a page of {size} bytes, expected {MAX_PAGE_BYTES} at most")
    _check_texts(stream, metadata)
    stream.seek(before)


def _pages(stream: IO[bytes], metadata: Any) -> Iterator[int]:  # noqa: ANN401 - pyarrow has no types
    """Yield the bytes of each page without compression."""
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for column in (group.column(at) for at in range(group.num_columns)):
            start = column.data_page_offset
            if column.has_dictionary_page and 0 < column.dictionary_page_offset < start:
                start = column.dictionary_page_offset
            end = start + column.total_compressed_size
            while start < end:
                stream.seek(start)
                header = _Header(stream.read(_LONGEST_HEADER))
                sizes = header.integers()
                if sizes.get(_UNPACKED, -1) < 0 or sizes.get(_PACKED, -1) < 0:
                    raise ValueError("a page without a size")
                yield sizes[_UNPACKED]
                start += header.position + sizes[_PACKED]


def _check_texts(stream: IO[bytes], metadata: Any) -> None:  # noqa: ANN401
    """Check how long the texts of a batch are if each row has its own."""
    stream.seek(0)
    parquet, compute = import_module("pyarrow.parquet"), import_module("pyarrow.compute")
    columns = [metadata.schema.column(number) for number in range(metadata.num_columns)]
    names = [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]
    file = parquet.ParquetFile(stream, read_dictionary=names)
    for batch in file.iter_batches(_ROWS, columns=names) if names else ():
        for column in batch.columns:
            lengths = compute.binary_length(column.dictionary)
            total = compute.sum(compute.cast(lengths.take(column.indices), "int64")).as_py() or 0
            if total > MAX_BATCH_TEXT:
                raise ValueError(f"texts of over {MAX_BATCH_TEXT >> 20} MB in {_ROWS} rows")


class _Header:
    """A structure in Thrift's compact protocol, of which the integers are read and the rest is skipped."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.position = 0

    def integers(self, depth: int = 0) -> dict[int, int]:
        """Return the integers of the next structure, by the numbers of their fields.

        Raises:
            ValueError: It is malformed, or too long.
        """
        found: dict[int, int] = {}
        number = 0
        while kind := self._byte():
            step, kind = kind >> 4, kind & 15
            number = number + step if step else self._integer()
            if kind in _INTEGERS:
                found[number] = self._integer()
            else:
                self._skip(kind, depth)
        return found

    def _skip(self, kind: int, depth: int) -> None:
        if depth > _DEEPEST:
            raise ValueError("a page whose header is nested too deeply")
        if kind in _INTEGERS:
            self._integer()
        elif kind == _STRUCT:
            self.integers(depth + 1)
        elif kind in (_LIST, _SET):
            size = self._byte()
            count = size >> 4 if size >> 4 < 15 else self._varint()
            for _ in range(count):
                self._skip(size & 15, depth + 1)
        elif kind in (_BINARY, _DOUBLE, _BYTE):
            size = self._varint() if kind == _BINARY else 8 if kind == _DOUBLE else 1
            self.position += size
        elif kind not in (_TRUE, _FALSE):
            raise ValueError("a page with a malformed header")

    def _byte(self) -> int:
        if self.position >= len(self._content):
            raise ValueError("a page whose header is cut off or too long")
        self.position += 1
        return self._content[self.position - 1]

    def _varint(self) -> int:
        value = shift = 0
        while (byte := self._byte()) & 128:
            value |= (byte & 127) << shift
            shift += 7
        return value | byte << shift

    def _integer(self) -> int:
        value = self._varint()
        return value >> 1 ^ -(value & 1)
