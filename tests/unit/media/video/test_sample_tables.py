import struct
from pathlib import Path

import pytest

from mien.errors import ImageError
from mien.limits import MAX_EDITED_SAMPLES, MAX_SAMPLES
from mien.media.video.sample_tables import check_sample_tables


def box(kind: bytes, content: bytes = b"", *, long: bool = False) -> bytes:
    if long:
        return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), kind) + content


def stsz(samples: int) -> bytes:
    return box(b"stsz", struct.pack(">III", 0, 1, samples))


def trun(samples: int) -> bytes:
    return box(b"trun", struct.pack(">II", 0, samples))


def elst(edits: int) -> bytes:
    return box(b"elst", struct.pack(">II", 0, edits))


FTYP = box(b"ftyp", b"isom")
MANY = MAX_SAMPLES + 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.mp4"


@pytest.mark.parametrize(
    ("content", "is_boxed"),
    [
        (FTYP + box(b"moov", stsz(100)), True),
        (box(b"wide") + box(b"mdat", stsz(MANY)) + box(b"moov", stsz(MAX_SAMPLES)), True),
        (FTYP + box(b"mdat", trun(MANY), long=True), True),
        (FTYP + struct.pack(">I4s", 0, b"mdat") + stsz(MANY), True),
        (FTYP + box(b"moov", b"st"), True),
        (box(b"abcd") + box(b"moov", stsz(MANY)), False),
        (b"\x1aE\xdf\xa3" + stsz(MANY), False),
        (b"", False),
    ],
)
def test_plausible_tables_and_data_pass(path: Path, content: bytes, is_boxed: bool) -> None:
    path.write_bytes(content)
    assert check_sample_tables(path) == is_boxed


@pytest.mark.parametrize(
    "boxes",
    [
        box(b"moov", box(b"trak", stsz(MANY))),
        box(b"moov", stsz(MAX_SAMPLES // 2 + 1) + stsz(MAX_SAMPLES // 2 + 1)),
        box(b"free", stsz(MANY)),
        box(b"moof", trun(1)) + box(b"moof", trun(MAX_SAMPLES)),
        box(b"moov", stsz(MANY), long=True),
        box(b"moov", b"\0" * (1 << 22) + stsz(1 << 31)),
        *(box(b"moov", b"\0" * ((1 << 22) - at) + stsz(1 << 31)) for at in (9, 13, 21, 25)),
        box(b"moov", stsz(MAX_EDITED_SAMPLES // 100) + elst(101)),
        struct.pack(">I4s", 0, b"moov") + stsz(MANY),
    ],
)
def test_more_samples_than_the_file_has_room_for_are_refused(path: Path, boxes: bytes) -> None:
    path.write_bytes(FTYP + boxes)
    with pytest.raises(ImageError, match="more than a file of"):
        check_sample_tables(path)


def test_a_large_file_may_declare_a_sample_for_each_byte(path: Path) -> None:
    path.write_bytes(FTYP + box(b"moov", stsz(2 * MANY)))
    with path.open("r+b") as stream:
        stream.truncate(3 * MANY)
    assert check_sample_tables(path)


def test_a_compressed_header_is_refused(path: Path) -> None:
    path.write_bytes(FTYP + box(b"moov", box(b"cmov", bytes(20))))
    with pytest.raises(ImageError, match="compressed"):
        check_sample_tables(path)
