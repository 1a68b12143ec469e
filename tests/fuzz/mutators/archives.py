"""Changes of archives and compressed files: their headers, their members' names, and what is in them."""

import bz2
import gzip
import io
import lzma
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Sequence
from random import Random

from fuzz.mutators.base import Mutator, junk, number

NAMES = (
    "", ".", "..", "/x", "../x", "a/../../x", "a\\b", "C:/x", "\x1b[31m.png", "a\nb.png", "happy/é.png",
    "x" * 300,
    "x/" * 300 + "a.png", "happy/", "__MACOSX/._a.png", "a.npy", "images.npy", "run.json", "😀.png",
    "a\u2028.png",
)  # fmt: skip
"""Names of members."""

_SIGNATURES = {b"PK\x03\x04": 30, b"PK\x01\x02": 46, b"PK\x05\x06": 22}
_WIDTHS = {
    b"PK\x03\x04": (4, 6, 8, 10, 12, 14, 18, 22, 26, 28),
    b"PK\x01\x02": (4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 30, 32, 34, 36, 38, 42),
    b"PK\x05\x06": (4, 6, 8, 10, 12, 16, 20),
}
"""Size of each record of a zip, and the offsets of its fields."""


def _positions(content: bytes, signature: bytes) -> list[int]:
    found, at = [], content.find(signature)
    while at >= 0:
        found.append(at)
        at = content.find(signature, at + 1)
    return found


def zip_field(content: bytes, rng: Random) -> bytes:
    """Replace a field of a record of a zip; its checksums are those of the members."""
    signature = rng.choice(list(_SIGNATURES))
    start = rng.choice(_positions(content, signature))
    offsets = (*_WIDTHS[signature], _SIGNATURES[signature])
    field = rng.randrange(len(offsets) - 1)
    at, stop = start + offsets[field], start + offsets[field + 1]
    before = int.from_bytes(content[at:stop], "little")
    value = number(rng, before, len(content)) % (1 << 8 * (stop - at))
    return content[:at] + value.to_bytes(stop - at, "little") + content[stop:]


def zip_name(content: bytes, rng: Random) -> bytes:
    """Change a character of a member's name in one or in all of its records; no checksum covers it."""
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    name = rng.choice(names).encode()
    at = rng.randrange(len(name))
    changed = (
        name[:at]
        + bytes([rng.choice((0, 0x1B, 0x2F, 0x5C, 0xFF, 0x80, rng.randrange(256)))])
        + name[at + 1 :]
    )
    return content.replace(name, changed, rng.choice((1, -1)))


def zip_of_changed(inner: Callable[[str], Sequence[Mutator]]) -> Callable[[bytes, Random], bytes]:
    """Return a change that packs a zip again: with another member, name, order or method."""

    def rezip(content: bytes, rng: Random) -> bytes:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [(info.filename, archive.read(info)) for info in archive.infolist()]
        at, what = rng.randrange(len(members)), rng.randrange(8)
        name, data = members[at]
        if what < 4:
            members[at] = name, rng.choice(inner(name)).change(data, rng)
        elif what == 4:
            members[at] = rng.choice(NAMES), data
        elif what == 5:
            members.insert(rng.randrange(len(members)), (name, rng.choice((data, b"", junk(rng)))))
        elif what == 6:
            del members[at]
        else:
            members.append((rng.choice(NAMES), rng.choice((b"", junk(rng, 1000), data))))
        return _zipped(members, rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA)))

    return rezip


def _zipped(members: Sequence[tuple[str, bytes]], method: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two members of the same name
        for name, data in members:
            info = zipfile.ZipInfo(name or "x")
            info.compress_type = method
            archive.writestr(info, data)
    return stream.getvalue()


_TAR_FIELDS = (0, 100, 108, 116, 124, 136, 156, 157, 257, 263, 265, 297, 329, 337, 345, 482, 483, 495)
_TAR_TYPES = b"0123456789xgLKSDMNVX\0\xff"
_TAR_TEXTS = (
    b"-1",
    b"77777777777",
    b"\x80" + b"\0" * 10,
    b"\xff" * 12,
    b"\x80" + b"\xff" * 11,
    b"x",
    b"",
    b" 12 ",
)
_TAR_TEXTS += (b"\xff" * 10 + b"\xfe\x00", b"-512", b"00000000000\0", b"99999999999", b"../x", b"/etc/passwd")


def _checked(block: bytearray) -> bytes:
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def tar_field(content: bytes, rng: Random) -> bytes:
    """Replace a field of a header of a tar; its checksum is valid afterwards."""
    starts = [at for at in range(0, len(content), 512) if content[at + 257 : at + 262] == b"ustar"]
    start = rng.choice(starts)
    block = bytearray(content[start : start + 512])
    field = rng.randrange(len(_TAR_FIELDS) - 1)
    at, stop = _TAR_FIELDS[field], _TAR_FIELDS[field + 1]
    if at == 156 or rng.random() < 0.2:
        block[156] = rng.choice(_TAR_TYPES)
    else:
        text = rng.choice((*_TAR_TEXTS, junk(rng, 12), rng.choice(NAMES).encode()))[: stop - at]
        block[at:stop] = text.ljust(stop - at, b"\0")
    return content[:start] + _checked(block) + content[start + 512 :]


_PAX = (
    "size=-1", "size=99999999999999999999", "size=x", "path=../x", "path=/x", "path=a\0b", "mtime=nan",
    "mtime=1e999",
    "GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.map=0,9999999999", "GNU.sparse.size=-1",
    "GNU.sparse.map=x",
    "GNU.sparse.realsize=99999999999", "GNU.sparse.name=../x", "GNU.sparse.numblocks=9",
    "GNU.sparse.offset=0",
    "linkpath=x", "uid=-1", "hdrcharset=BINARY", "hdrcharset=x", "charset=utf-16", "comment=\x1b[31m",
    "=", "x",
)  # fmt: skip


def tar_pax(content: bytes, rng: Random) -> bytes:
    """Put an extended header with any records before a member or at the beginning."""
    records = b""
    for text in rng.sample(_PAX, rng.choice((1, 2, 3))):
        line = f" {text}\n".encode()
        length = len(line) + len(str(len(line) + 2))
        records += str(rng.choice((length, length, length, 0, -1, length + 1, 10**20))).encode() + line
    info = tarfile.TarInfo("pax")
    info.size, info.type = (
        len(records),
        rng.choice((tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME)),
    )
    header = info.tobuf(tarfile.USTAR_FORMAT) + records.ljust(-(-len(records) // 512) * 512, b"\0")
    starts = [at for at in range(0, len(content), 512) if content[at + 257 : at + 262] == b"ustar"]
    at = rng.choice(starts)
    return content[:at] + header + content[at:]


def unpacked(change: Callable[[bytes, Random], bytes], kind: str) -> Callable[[bytes, Random], bytes]:
    """Return a change of what is compressed, compressed again."""
    module = {"gz": gzip, "bz2": bz2, "xz": lzma}[kind]

    def repacked(content: bytes, rng: Random) -> bytes:
        inner = change(module.decompress(content), rng)
        return gzip.compress(inner, mtime=0) if module is gzip else module.compress(inner)

    repacked.__name__ = f"{kind}_of_{change.__name__}"
    return repacked


def packed(mutators: Sequence[Mutator], kind: str) -> tuple[Mutator, ...]:
    """Return the changes of what is compressed."""
    return tuple(Mutator(unpacked(one.change, kind), valid_checksums=True) for one in mutators)


def zipped(inner: Callable[[str], Sequence[Mutator]]) -> tuple[Mutator, ...]:
    """Return the changes of zips whose members have the mutators that `inner` returns for their names."""
    change = zip_of_changed(inner)
    return (
        Mutator(zip_field),
        Mutator(zip_field),
        Mutator(zip_name, valid_checksums=True),
        *[Mutator(change, valid_checksums=True)] * 3,
    )


TAR = tuple(Mutator(change, valid_checksums=True) for change in (tar_field, tar_field, tar_field, tar_pax))
