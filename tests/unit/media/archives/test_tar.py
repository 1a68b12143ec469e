"""Tars whose headers declare absurd sizes and counts are refused, without a loop."""

import bz2
import gzip
import io
import tarfile
from pathlib import Path

import pytest

from mien.errors import DataError
from mien.limits import MAX_HEADER_BYTES
from mien.media.archives import tar
from mien.media.archives.compressed import TAR
from mien.media.archives.members import named_damage
from mien.media.archives.tar import BoundedTar


def header(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, **pax: str) -> bytes:
    """Return the header of a file in the format of GNU or, with `pax`, of POSIX."""
    info = tarfile.TarInfo(name)
    info.size, info.type, info.pax_headers = size, kind, pax
    return info.tobuf(tarfile.PAX_FORMAT if pax else tarfile.GNU_FORMAT)


def pax_header(content: bytes, kind: bytes = tarfile.XHDTYPE) -> bytes:
    return header("pax", len(content), kind) + content + bytes(-len(content) % 512)


FIRST = header("happy/1.png", 3) + b"png".ljust(512, b"\0")
END = bytes(1024)

HOSTILE = {
    "negative size": header("a", -512),
    "negative size of a pax header": pax_header(b"13 size=-512\n") + header("a"),
    "size zero that goes back": pax_header(b"14 size=-1024\n") + header("a"),
    "long name of a negative size": header("a", -512, tarfile.GNUTYPE_LONGNAME) + header("b"),
    "large long name": header("a", 1 << 32, tarfile.GNUTYPE_LONGNAME) + header("b"),
    "large pax header": header("a", MAX_HEADER_BYTES + 1, tarfile.XHDTYPE) + header("b"),
    "pax header of digits": pax_header(b"1" * 60_000) + header("b"),
    "pax header of digits and a charset": pax_header(b"1" * 60_000 + b" hdrcharset=x\n") + header("b"),
    "chain of pax headers": pax_header(b"9 a=bcde\n") * 2000 + header("b"),
    "old sparse file": header("a", 3, tarfile.GNUTYPE_SPARSE) + bytes(1024),
    "sparse map": pax_header(b"21 GNU.sparse.major=1\n21 GNU.sparse.minor=0\n")
    + header("a", 512)
    + b"9" * 512,
    "broken sparse map": pax_header(b"24 GNU.sparse.map=1,x,2\n") + header("a", 512) + bytes(512),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_headers_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(FIRST + HOSTILE[name] + END)
    with pytest.raises(DataError, match=r"a\.tar: damaged"), named_damage(path), TAR.members(path):
        pass
    path.write_bytes(HOSTILE[name] + END)  # the first header decides whether it is a tar at all
    assert not TAR.recognizes(path) or name.startswith("negative size of")


def test_usual_headers_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for name in ("happy/" + "x" * 300 + ".png", "sad/ä.png"):
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.pax_headers = 3, 1.5, {"SCHILY.xattr.user.a": "b" * 3000}
            archive.addfile(info, io.BytesIO(b"png"))
    with TAR.members(path) as members:
        assert [(member.path[:5], member.size, member.open().read()) for member in members] == [
            ("happy", 3, b"png"),
            ("sad/ä", 3, b"png"),
        ]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
@pytest.mark.parametrize("content", [header("a", 1 << 40), END * 2000])
def test_what_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch, pack, content: bytes) -> None:
    monkeypatch.setattr("mien.media.archives.compressed.streamed_limit", lambda size: 1 << 20)
    path = tmp_path / "a.tar.gz"
    path.write_bytes(pack(FIRST + content))
    with pytest.raises(DataError, match="unpacks to over 1 MB"), named_damage(path), TAR.members(path):
        pass


def test_files_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar, "MAX_MEMBERS", 2)
    assert len(BoundedTar(io.BytesIO(FIRST * 2 + END), 1 << 20).getnames()) == 2
    with pytest.raises(tarfile.ReadError, match="over 2 files"):
        BoundedTar(io.BytesIO(FIRST * 4 + END), 1 << 20).getnames()


def test_attributes_of_all_files_are_limited() -> None:
    some = b"".join(
        b"%d %s=b\n" % (len(b"10 %s=b\n" % name), name) for name in (b"%05d" % n for n in range(1200))
    )
    with pytest.raises(tarfile.ReadError, match="over 1000 attributes"):
        BoundedTar(io.BytesIO(FIRST + pax_header(some, tarfile.XGLTYPE) + FIRST + END), 1 << 20).getnames()
