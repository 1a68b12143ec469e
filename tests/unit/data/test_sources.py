"""Formats are recognized by content; the errors for what is no source of faces."""

import gzip
import os
import sys
import tarfile
import types
import zipfile
from importlib.metadata import EntryPoint
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from builders import faces, fer_csv, folder_of, png, tar_of, zip_of
from mien import registry
from mien.data import Reading, read_faces, read_source
from mien.data.readers.base import Reader, SourceFiles
from mien.data.reading import FaceShape, Faults
from mien.errors import DataError
from mien.labels import EMOTIONS

SOME = faces(12)


@pytest.fixture
def table(tmp_path: Path) -> bytes:
    return fer_csv(tmp_path / "original.csv", SOME).read_bytes()


@pytest.mark.parametrize("name", ["fer2013.csv", "faces.zip", "faces", ".hidden.txt"])
def test_content_decides_and_not_the_name(tmp_path: Path, table: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(table)
    assert read_faces(tmp_path / name).fingerprint == SOME.fingerprint
    assert read_faces(zip_of(tmp_path / "some.csv", {"a/b.csv": table})).fingerprint == SOME.fingerprint
    assert read_faces(tar_of(tmp_path / "some.zip", {"b.CSV": table})).fingerprint == SOME.fingerprint


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tars_however_compressed(tmp_path: Path, table: bytes, mode: str) -> None:
    path = tar_of(tmp_path / "a", {"fer2013/README": b"x", "fer2013/fer2013.csv": table}, mode)
    assert read_faces(path).fingerprint == SOME.fingerprint


def test_a_compressed_csv_and_a_folder_with_one(tmp_path: Path, table: bytes) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(table))
    assert read_faces(tmp_path / "a.csv.gz").fingerprint == SOME.fingerprint
    assert read_faces(tmp_path).fingerprint == SOME.fingerprint


def test_of_several_tables_the_fullest_is_read(tmp_path: Path, table: bytes) -> None:
    train = b"emotion,pixels\n" + b"0," + b"0 " * 2304 + b"\n"
    files = {"train.csv": train, "icml_face_data.csv": table, "submission.csv": b"id,emotion\n"}
    files["__MACOSX/._icml_face_data.csv"] = table
    assert read_faces(zip_of(tmp_path / "a.zip", files)).fingerprint == SOME.fingerprint


def test_two_tables_of_one_kind_are_not_guessed_between(tmp_path: Path, table: bytes) -> None:
    with pytest.raises(DataError, match=r"2 files like fer2013\.csv in it \(a\.csv, b\.csv\)"):
        read_faces(zip_of(tmp_path / "a.zip", {"a.csv": table, "b.csv": table}))


def test_a_table_outside_of_its_archive_is_not_read(tmp_path: Path, table: bytes) -> None:
    with pytest.raises(DataError, match=r"\.\./a\.csv: its path leads out of the archive"):
        read_faces(zip_of(tmp_path / "a.zip", {"../a.csv": table}))


def test_an_error_in_an_archive_names_file_and_row(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", {"in/b.csv": b"emotion,pixels\n0,1\n"})
    with pytest.raises(DataError, match=rf"{path}: in/b\.csv: row 1 \(line 2\): 1 pixel, expected 2,304"):
        read_faces(path)


@pytest.mark.parametrize("kept", [0.02, 0.5, 0.99])
@pytest.mark.parametrize("kind", ["zip", "tar", "gz"])
def test_a_cut_archive_of_a_table(tmp_path: Path, table: bytes, kind: str, kept: float) -> None:
    path = tmp_path / "a"
    if kind == "gz":
        path.write_bytes(gzip.compress(table))
    else:
        (zip_of if kind == "zip" else tar_of)(path, {"a.csv": table})
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(DataError, match="damaged or cut off"):
        read_faces(path, skip_bad=True)


def test_a_damaged_checksum_in_an_archive(tmp_path: Path, table: bytes) -> None:
    for path in (tar_of(tmp_path / "a.tgz", {"a.csv": table}), tmp_path / "a.gz"):
        content = bytearray(path.read_bytes() if path.suffix == ".tgz" else gzip.compress(table))
        content[-6] ^= 0xFF
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"damaged or cut off \(CRC"):
            read_faces(path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "an empty file, expected faces"),
        (b"\n\n", "an empty file, expected faces"),
        (b"a,b\n1,2\n", "it begins with 'a,b', expected a CSV"),
        (b"0,1 2 3,Training\n", "it begins with '0,1 2 3,Training'"),
        (bytes(range(256)), "not a source of faces"),
        (b"\x89PNG\r\n\x1a\n", "this is an image, expected a data set of faces"),
        (b"e\0m\0o\0", "not a source of faces"),
    ],
)
def test_what_is_no_source_says_how_it_begins(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(DataError, match=problem):
        read_faces(tmp_path / "a.csv", skip_bad=True)


def test_a_missing_path_suggests_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "fer2013.csv").touch()
    with pytest.raises(
        DataError, match=r"fer2103\.csv: no such file or folder; did you mean .*fer2013\.csv\?"
    ):
        read_faces(tmp_path / "fer2103.csv")
    with pytest.raises(DataError, match="no such file or folder; give a file"):
        read_faces(tmp_path / "nothing" / "here")


def test_a_pipe_is_no_source(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="neither a file nor a folder"):
        read_faces(tmp_path / "pipe")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to the superuser")
def test_a_forbidden_file_says_so(tmp_path: Path, table: bytes) -> None:
    path = tmp_path / "original.csv"
    path.chmod(0)
    with pytest.raises(DataError, match=r"can't be read \(.*Permission denied"):
        read_faces(path)


@pytest.mark.parametrize("size", [0, 7, 513, -48])
def test_a_size_out_of_range(size: int) -> None:
    with pytest.raises(DataError, match=f"size={size}, expected 8 to 512"):
        read_faces("synthetic:7", size=size)


def test_drawn_faces() -> None:
    drawn = read_faces("synthetic:14:3")
    assert len(drawn) == 14
    assert drawn.classes == EMOTIONS
    assert drawn.source == "synthetic:14:3"
    assert drawn.fingerprint != read_faces("synthetic:14").fingerprint


@pytest.mark.parametrize(
    "source",
    ["synthetic:", "synthetic:x", "synthetic:0", "synthetic:7:", "synthetic:7:-1", "synthetic:7:1:1"],
)
def test_drawn_faces_that_are_not_to_be_had(source: str) -> None:
    with pytest.raises(DataError, match="expected synthetic, synthetic:COUNT or synthetic:COUNT:SEED"):
        read_faces(source)


# The published sizes of the splits; the rows of the test split are not needed for these.
PER_CLASS = {
    "train": [3995, 436, 4097, 7215, 4830, 3171, 4965],
    "validation": [467, 56, 496, 895, 653, 415, 607],
}


@pytest.mark.real_data
def test_split_and_class_of_all_images_of_the_real_archive(
    real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blank(encoded: list[object], faults: Faults, shape: FaceShape) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros(shape.array(len(encoded)), np.uint8), np.ones(len(encoded), np.bool_)

    monkeypatch.setattr("mien.data.readers.image_tree.decode_faces", blank)
    read = read_faces(real_data / "archive.zip", cache=False)
    for split, counts in PER_CLASS.items():
        assert read.of_split(split).counts().tolist() == counts


@pytest.mark.real_data
def test_images_of_the_real_archive_are_decoded(real_data: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(real_data / "archive.zip") as archive:
        names = [info.filename for info in archive.infolist() if not info.is_dir()][::20]
        some = {name: archive.read(name) for name in names}
    read = read_faces(zip_of(tmp_path / "archive.zip", some))
    assert read.ids.tolist() == sorted(names)
    for image, name in zip(read.images[::100], sorted(names)[::100], strict=True):
        np.testing.assert_array_equal(image, cv2.imdecode(np.frombuffer(some[name], np.uint8), 0))


@pytest.mark.real_data
def test_the_real_table_unpacked_and_with_votes(real_data: Path, tmp_path: Path) -> None:
    rows = 2_000  # of the unpacked table, for time
    with tarfile.open(real_data / "fer2013.tar.gz") as archive:
        table = archive.extractfile("fer2013/fer2013.csv")
        assert table is not None
        (tmp_path / "fer2013.csv").write_bytes(b"".join(islice(table, rows + 1)))
    with (real_data / "fer2013new.csv").open("rb") as votes:
        (tmp_path / "votes.csv").write_bytes(b"".join(islice(votes, rows + 1)))
    unpacked = read_source(tmp_path / "fer2013.csv", ferplus=tmp_path / "votes.csv")
    packed = read_faces(real_data / "fer2013.tar.gz")
    assert unpacked.faces.fingerprint == packed.take(np.arange(len(packed)) < rows).fingerprint
    assert unpacked.skipped == ()
    assert unpacked.faces.votes is not None
    assert set(np.unique(unpacked.faces.votes.sum(1)).tolist()) <= {9, 10}
    for split, counts in PER_CLASS.items():
        assert packed.of_split(split).counts().tolist() == counts


@pytest.mark.parametrize("channels", [0, 2, 4])
def test_other_channels_than_gray_and_rgb_are_an_error(channels: int) -> None:
    with pytest.raises(DataError, match=f"channels={channels}, expected 1 .* or 3"):
        read_faces("synthetic:7", channels=channels)


def test_gray_pixels_read_in_color_have_equal_channels(tmp_path: Path) -> None:
    path = fer_csv(tmp_path / "a.csv", SOME)
    color = read_faces(path, channels=3)
    assert color.images.shape == (len(SOME), 48, 48, 3)
    assert all((color.images[..., channel] == SOME.images).all() for channel in range(3))
    assert read_faces(path).fingerprint == SOME.fingerprint


def test_an_image_folder_is_read_in_color(tmp_path: Path) -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    image[..., 2] = 200  # OpenCV writes BGR: this is red
    content = bytes(cv2.imencode(".png", image)[1])
    color = read_faces(folder_of(tmp_path, {"happy/a.png": content}), size=64, channels=3)
    assert color.images[0, 0, 0].tolist() == [200, 0, 0]
    gray = read_faces(tmp_path, size=64)
    assert gray.images.shape == (1, 64, 64)
    assert gray.images[0, 0, 0] == round(0.299 * 200)


class Dots(Reader):
    """Reads a text file of dots, one face a dot."""

    def recognizes(self, source: SourceFiles) -> bool:
        return source.single and source.head(source.members[0]).startswith(b"...")

    def read(self, source: SourceFiles, faults: Faults, shape: FaceShape) -> Reading:
        count = len(source.head(source.members[0]))
        return Reading(faces(count, size=shape.size, channels=shape.channels))


def test_a_reader_of_another_package_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.dots").write_text("....")
    with pytest.raises(DataError, match="not a source of faces"):
        read_faces(tmp_path / "a.dots")
    monkeypatch.setitem(sys.modules, "dots_package", types.SimpleNamespace(DOTS=Dots()))
    entry = EntryPoint("dots", "dots_package:DOTS", "mien.readers")
    monkeypatch.setattr(registry, "_entry_points", lambda group: [entry] if group == entry.group else [])
    read = read_faces(tmp_path / "a.dots", size=32, channels=3)
    assert read.images.shape == (4, 32, 32, 3)


def test_tables_beside_folders_of_images_are_ignored_unless_they_are_data_sets(tmp_path: Path) -> None:
    files = {"train/happy/1.png": png(1), "train/sad/2.png": png(2), "notes.csv": b"name,date\n1,2\n"}
    for source in (folder_of(tmp_path / "a", files), zip_of(tmp_path / "a.zip", files)):
        assert len(read_faces(source, cache=False)) == 2


def test_an_existing_file_named_as_synthetic_faces_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fer_csv(Path("synthetic:5.csv"), faces(3))
    assert len(read_faces("synthetic:5.csv", cache=False)) == 3
