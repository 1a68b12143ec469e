"""Changes of arrays and tensors: npy, safetensors, Parquet, and protobuf (ONNX)."""

import json
import struct
from random import Random

from fuzz.mutators.base import NUMBERS, Mutator, junk, number
from fuzz.mutators.raw import RAW
from fuzz.mutators.text import change_tree, token

_DTYPES = (
    "|O", "<f8", "<f4", ">f4", "<f2", "|u1", "|i1", "<u4", "<i8", "<U1", "<U100000000", "|S5", "|S0",
    "<c16", "<M8[s]",
    "|b1", "|V8", "<U0", "x", "[('a', '<f4')]", "<m8",
)  # fmt: skip
_SHAPES = (
    "()", "(0,)", "(-1,)", "(1,)", "(1000000000000,)", "(20, 48)", "(20, 48, 48, 3)", "(2, 3", "[20, 48, 48]",
    "(4294967296, 4294967296)", "(1,) * 40", "(20, 0, 48)",
    "(True,)", "(1.5,)", "('a',)", "(99999999999999999999,)",
)  # fmt: skip
_HEADERS = (
    "{}", "", "[]", "None", "{'descr': 1}", "{'descr': '<f4', 'fortran_order': 2, 'shape': (1,)}",
    "(" * 200, "1" * 5000,
    "{'descr': '<f4', 'fortran_order': True, 'shape': (4, 4)}", "\0" * 60, "-" * 3000 + "1",
    "__import__('os')",
)  # fmt: skip


def npy_header(content: bytes, rng: Random) -> bytes:
    """Replace type, shape, order or version in the header of an array, whose length stays true."""
    length = int.from_bytes(content[8:10], "little")
    header, data = content[10 : 10 + length].decode("latin-1"), content[10 + length :]
    what = rng.randrange(6)
    if what == 0:
        start = header.index("'descr': ") + 9
        dtype = rng.choice(_DTYPES)
        header = (
            header[:start] + (dtype if dtype[0] == "[" else repr(dtype)) + header[header.index(", 'fort") :]
        )
    elif what == 1:
        start = header.index("'shape': ") + 9
        header = header[:start] + rng.choice(_SHAPES) + ", }"
    elif what == 2:
        header = header.replace("False", "True")
    elif what == 3:
        header = rng.choice(_HEADERS)
    else:
        header = token(header.encode("latin-1"), rng).decode("utf-8", "replace")
    version = rng.choice((b"\1\0", b"\1\0", b"\1\0", b"\2\0", b"\3\0", b"\4\0", b"\0\0"))
    encoded = header.encode("utf-8", "replace") + b"\n"
    size = (
        len(encoded).to_bytes(2 if version[0] < 2 else 4, "little") if len(encoded) < 65536 else b"\xff\xff"
    )
    return b"\x93NUMPY" + version + size + encoded + data


def safetensors_header(content: bytes, rng: Random) -> bytes:
    """Change the JSON header of a safetensors file; its length stays true."""
    length = int.from_bytes(content[:8], "little")
    tree = change_tree(json.loads(content[8 : 8 + length]), rng)
    header = json.dumps(tree).encode()
    size = len(header) if rng.random() < 0.9 else number(rng, len(header), len(content)) % (1 << 64)
    return size.to_bytes(8, "little") + header + content[8 + length :]


def parquet_footer(content: bytes, rng: Random) -> bytes:
    """Change the footer of a Parquet file, whose length stays true."""
    length = int.from_bytes(content[-8:-4], "little")
    start = len(content) - 8 - length
    footer = rng.choice(RAW).change(content[start:-8], rng)
    return content[:start] + footer + len(footer).to_bytes(4, "little") + b"PAR1"


# --- protobuf ---------------------------------------------------------------------------------------

Field = tuple[int, int, object]
"""Number, wire type and value: an int, bytes, or the fields of a message."""


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80 or shift > 63:
            return value, at


def _encoded_varint(value: int) -> bytes:
    value %= 1 << 64
    result = bytearray()
    while value > 0x7F:
        result.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*result, value])


def parse(content: bytes, depth: int = 0) -> list[Field]:
    """Return the fields of a message.

    Raises:
        ValueError: It is none.
    """
    fields: list[Field] = []
    at = 0
    while at < len(content):
        try:
            key, at = _varint(content, at)
            kind = key & 7
            if kind == 0:
                value: object
                value, at = _varint(content, at)
            elif kind in (1, 5):
                width = 8 if kind == 1 else 4
                value, at = content[at : at + width], at + width
            elif kind == 2:
                length, at = _varint(content, at)
                value, at = _nested(content[at : at + length], depth), at + length
            else:
                raise ValueError(kind)
        except IndexError as error:
            raise ValueError(content) from error
        if not key >> 3 or at > len(content):
            raise ValueError(key)
        fields.append((key >> 3, kind, value))
    return fields


def _nested(content: bytes, depth: int) -> object:
    if depth > 6 or not 2 <= len(content) < 20_000 or (content.isascii() and content.decode().isprintable()):
        return content
    try:
        return parse(content, depth + 1)
    except ValueError:
        return content


def serialize(fields: list[Field]) -> bytes:
    """Return the bytes of a message."""
    parts = []
    for tag, kind, value in fields:
        parts.append(_encoded_varint(tag << 3 | kind))
        if kind == 0:
            parts.append(_encoded_varint(value))  # type: ignore[arg-type]
        else:
            data = serialize(value) if isinstance(value, list) else value
            parts.append((_encoded_varint(len(data)) if kind == 2 else b"") + data)  # type: ignore[arg-type]
    return b"".join(parts)


def change_message(fields: list[Field], rng: Random) -> None:
    """Change, remove, repeat or exchange a field at any depth of a message."""
    at = rng.randrange(len(fields))
    tag, kind, value = fields[at]
    if isinstance(value, list) and value and rng.random() < 0.85:
        change_message(value, rng)
        return
    what = rng.randrange(8)
    if what == 0:
        del fields[at]
    elif what == 1:
        fields[at:at] = [fields[at]] * rng.choice((1, 2, 100))
    elif what == 2:
        fields[at] = (rng.choice((tag + 1, max(1, tag - 1), 1, 99)), kind, value)
    elif what == 3:
        other = rng.randrange(len(fields))
        fields[at], fields[other] = fields[other], fields[at]
    elif kind == 0:
        fields[at] = (tag, kind, number(rng, value, 1000))  # type: ignore[arg-type]
    elif kind in (1, 5):
        fields[at] = (tag, kind, _float(rng, kind))
    elif isinstance(value, bytes):
        fields[at] = (tag, kind, _bytes(value, rng))


def _float(rng: Random, kind: int) -> bytes:
    value = rng.choice((0.0, -1.0, float("nan"), float("inf"), 1e30, 1e-30, 0.5))
    return struct.pack("<d" if kind == 1 else "<f", value)


def _bytes(value: bytes, rng: Random) -> bytes:
    what = rng.randrange(4)
    if what == 0:
        return rng.choice((b"", b"\xff", b"x", b"a" * 10_000, b"\0", junk(rng)))
    if what == 1 and value:
        return value[: rng.randrange(len(value))]
    if what == 2 and len(value) >= 8:
        at = rng.randrange(len(value) // 8) * 8
        return value[:at] + (rng.choice(NUMBERS) % (1 << 64)).to_bytes(8, "little") + value[at + 8 :]
    return rng.choice(RAW).change(value, rng) if value else b"x"


def protobuf(content: bytes, rng: Random) -> bytes:
    """Change a field of a protobuf message, whose lengths stay true."""
    fields = parse(content)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        change_message(fields, rng)
        if not fields:
            break
    return serialize(fields)


NPY = tuple([Mutator(npy_header, valid_checksums=True)] * 4)
SAFETENSORS = tuple([Mutator(safetensors_header, valid_checksums=True)] * 4)
PARQUET = tuple([Mutator(parquet_footer, valid_checksums=True)] * 4)
PROTOBUF = tuple([Mutator(protobuf)] * 6)
