"""The size of an ONNX file without its weights, found without parsing it.

A parsed message takes up to 75 times its bytes: a file of 100 MB with empty nodes would fill 7 GB. So the
fields of the wire format of Protocol Buffers are counted first.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from mien.errors import GraphError
from mien.limits import MAX_GRAPH_PARTS, MAX_GRAPH_STRUCTURE

_GRAPH, _INITIALIZER, _RAW_DATA = 7, 5, 9
"""Numbers of the fields ModelProto.graph, GraphProto.initializer and TensorProto.raw_data."""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
"""Wire types; groups (3 and 4) occur in no ONNX file."""

_FIXED: Final = {_FIXED64: 8, _FIXED32: 4}

_LONGEST_VARINT: Final = 10


class _Field(NamedTuple):
    number: int
    wire: int
    start: int
    end: int


def check_structure(content: bytes) -> None:
    """Check that a file has few enough parts to be parsed.

    Raises:
        GraphError: It has too many, or is not in the wire format.
    """
    size = len(content) - _weight_bytes(content)
    if size > MAX_GRAPH_STRUCTURE:
        raise GraphError(
            f"{size:,} bytes besides its weights, expected {MAX_GRAPH_STRUCTURE:,} at most: too many nodes, "
            "or weights that are not stored as raw data of initializers"
        )


def _weight_bytes(content: bytes) -> int:
    """Return the bytes in the raw data of all initializers."""
    total = 0
    fields = _Fields(content)
    for graph in fields.within(0, len(content), _GRAPH):
        for weight in fields.within(graph.start, graph.end, _INITIALIZER):
            total += sum(raw.end - raw.start for raw in fields.within(weight.start, weight.end, _RAW_DATA))
    return total


class _Fields:
    """Walks over the fields of a file, and counts them."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._left = MAX_GRAPH_PARTS

    def within(self, start: int, end: int, number: int) -> Iterator[_Field]:
        """Yield the fields of bytes with a number, from `start` to `end`."""
        while start < end:
            field = self._field(start, end)
            if field.number == number and field.wire == _BYTES:
                yield field
            start = field.end

    def _field(self, start: int, end: int) -> _Field:
        self._left -= 1
        if self._left < 0:
            raise GraphError(f"more than {MAX_GRAPH_PARTS:,} nodes, weights and fields of them")
        key, start = self._varint(start)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            last = self._varint(start)[1]
        elif wire == _BYTES:
            length, start = self._varint(start)
            last = start + length
        else:
            last = start + _FIXED.get(wire, end)
        if last > end:
            raise GraphError("truncated or damaged: not the wire format of ONNX")
        return _Field(number, wire, start, last)

    def _varint(self, start: int) -> tuple[int, int]:
        """Return an integer and the position after it."""
        first = self._content[start : start + 1]
        if first < b"\x80" and first:  # most have one byte
            return first[0], start + 1
        value = 0
        for position, byte in enumerate(self._content[start : start + _LONGEST_VARINT]):
            value |= (byte & 0x7F) << (7 * position)
            if byte < 0x80:
                return value, start + position + 1
        raise GraphError("truncated or damaged: not the wire format of ONNX")
