"""Single files in XZ and bzip2: as fer2013.csv, with a bound on memory."""

import bz2
import lzma
import zlib

import pytest

from builders import faces, fer_csv
from mien.data import read_faces
from mien.errors import DataError
from mien.media.archives.xz import open_xz

SOME = faces(20)


@pytest.fixture
def content(tmp_path):
    return fer_csv(tmp_path / "faces.csv", SOME).read_bytes()


@pytest.mark.parametrize(("suffix", "compress"), [("xz", lzma.compress), ("bz2", bz2.compress)])
@pytest.mark.parametrize("name", ["faces.csv.{}", "faces"])
def test_compressed_files_have_the_same_faces(tmp_path, content, suffix, compress, name):
    path = tmp_path / name.format(suffix)
    path.write_bytes(compress(content))
    assert read_faces(path, cache=False).fingerprint == SOME.fingerprint
    half = len(content) // 2
    path.write_bytes(compress(content[:half]) + compress(content[half:]))  # several streams
    assert read_faces(path, cache=False).fingerprint == SOME.fingerprint


@pytest.mark.parametrize(("suffix", "compress"), [("xz", lzma.compress), ("bz2", bz2.compress)])
def test_damaged_files_are_one_line(tmp_path, content, suffix, compress):
    packed = compress(content)
    path = tmp_path / f"faces.csv.{suffix}"
    for broken in (packed[: len(packed) // 2], packed[:100] + b"x" * 50 + packed[150:], packed[:8]):
        path.write_bytes(broken)
        with pytest.raises(DataError, match=r"damaged or cut off|can't be read|an empty file"):
            read_faces(path, cache=False)


def test_a_file_that_declares_too_much_memory_is_refused(tmp_path):
    packed = bytearray(lzma.compress(b"x" * 100, preset=0))
    packed[16] = 38  # the size of the dictionary, 2 GiB
    packed[20:24] = zlib.crc32(packed[12:20]).to_bytes(4, "little")
    path = tmp_path / "faces.csv.xz"
    path.write_bytes(packed)
    with pytest.raises(lzma.LZMAError, match=r"[Mm]emory"), open_xz(path) as stream:
        stream.read()
    with pytest.raises(DataError, match=r"faces\.csv\.xz: damaged or cut off \(.*[Mm]emory"):
        read_faces(path, cache=False)


def test_output_is_bounded_by_what_is_read(tmp_path):
    path = tmp_path / "zeros.xz"
    path.write_bytes(lzma.compress(bytes(50 << 20), preset=0))
    with open_xz(path) as stream:
        assert len(stream.read(1000)) == 1000
