"""A file of predictions holds all of them; any damage is one clear line."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from builders import predictions, probabilities
from mien import predictions_file
from mien.errors import PredictionsError
from mien.predictions_file import read_predictions, write_predictions

FIELDS = ("probabilities", "labels", "ids", "images", "in_training")
OTHERS = (
    "classes",
    "split",
    "source",
    "system",
    "checkpoint_digest",
    "from_training_data",
    "leakage_warnings",
    "only_classes",
)


@pytest.mark.parametrize("trained", [True, False])
@pytest.mark.parametrize("missing", [(), ("images",), ("in_training",), ("images", "in_training")])
@pytest.mark.parametrize("warnings", [(), ("One.", "Two.")])
def test_a_file_holds_everything(tmp_path, missing, trained, warnings):
    made = predictions(
        checkpoint_digest="abc",
        from_training_data=trained,
        leakage_warnings=warnings,
        only_classes=trained,
        **dict.fromkeys(missing),
    )
    write_predictions(tmp_path / "some" / "validation.npz", made)
    read = read_predictions(tmp_path / "some" / "validation.npz")
    for name in FIELDS:
        expected, found = getattr(made, name), getattr(read, name)
        assert (expected is None) == (found is None)
        if expected is not None:
            np.testing.assert_array_equal(expected, found)
            assert expected.dtype == found.dtype
    assert [getattr(read, name) for name in OTHERS] == [getattr(made, name) for name in OTHERS]


def test_a_file_of_an_earlier_version_is_one_clear_line(tmp_path):
    path = tmp_path / "old.npz"
    np.savez(path, format=np.array("mien predictions 1"), probabilities=probabilities(3))
    with pytest.raises(PredictionsError, match=r"another version of mien .*; predict again"):
        read_predictions(path)


def test_color_images(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (70, 5, 5, 3), np.uint8)
    write_predictions(tmp_path / "color.npz", predictions(images=images))
    np.testing.assert_array_equal(read_predictions(tmp_path / "color.npz").images, images)


def damaged(path, how):
    write_predictions(path, predictions())
    content = path.read_bytes()
    path.write_bytes(how(content))


@pytest.mark.parametrize(
    "how",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content[:200] + bytes(400) + content[600:],
        lambda content: b"emotion,pixels\n0,1 2 3\n",
        lambda content: b"\x80\x04\x95",
    ],
)
def test_a_damaged_file_is_one_clear_line(tmp_path, how):
    path = tmp_path / "validation.npz"
    damaged(path, how)
    with pytest.raises(PredictionsError, match=r"validation\.npz: damaged") as caught:
        read_predictions(path)
    assert "\n" not in str(caught.value)


def test_foreign_files_are_refused(tmp_path):
    path = tmp_path / "other.npz"
    np.savez(path, probabilities=probabilities(3))
    with pytest.raises(PredictionsError, match="not predictions of mien"):
        read_predictions(path)
    np.savez(path, format=np.array("mien predictions 2"), probabilities=probabilities(3))
    with pytest.raises(PredictionsError, match="'labels' is missing"):
        read_predictions(path)
    np.savez(path, format=np.array([None], object))
    with pytest.raises(PredictionsError, match="damaged"):
        read_predictions(path)
    np.save(tmp_path / "bare.npy", probabilities(3))
    with pytest.raises(PredictionsError, match="damaged"):
        read_predictions(tmp_path / "bare.npy")


@pytest.mark.parametrize("name", ["nowhere.npz", "."])
def test_no_such_file(tmp_path, name):
    with pytest.raises(PredictionsError, match="can't read predictions"):
        read_predictions(tmp_path / name)


def test_a_path_may_be_a_string(tmp_path):
    write_predictions(tmp_path / "some.npz", predictions())
    assert len(read_predictions(str(tmp_path / "some.npz"))) == len(predictions())


def array_bytes(array, allow_pickle=False) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asarray(array), allow_pickle=allow_pickle)
    return stream.getvalue()


def rewritten(path: Path, name: str, content: bytes | None, compression: int = zipfile.ZIP_STORED) -> Path:
    """Write predictions whose member `name` has other bytes."""
    write_predictions(path, predictions())
    with zipfile.ZipFile(path) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    members[name] = members.get(name, b"") if content is None else content
    with zipfile.ZipFile(path, "w", compression) as archive:
        for member, data in members.items():
            archive.writestr(member, data)
    return path


LABELS = array_bytes(np.zeros(70, np.int64))
BAD_TEXT = np.frombuffer(b"\xff" * 4 * 70, np.dtype("<U1"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("labels", b"raw bytes", "damaged"),
        ("labels", b"", "damaged"),
        ("labels", LABELS[:60], "damaged"),
        ("labels", LABELS[:-8], "header doesn't fit its content"),
        ("labels", LABELS + b"more", "header doesn't fit its content"),
        ("labels", LABELS.replace(b"(70,)", b"(-1,)"), "header doesn't fit its content"),
        ("labels", LABELS.replace(b"(70,), }", b"(70000000000000,), }"), "damaged"),
        ("labels", LABELS.replace(b"'<i8'", b"'|O' "), "header doesn't fit its content"),
        ("labels", LABELS.replace(b"{'descr'", b"{{{{{{{{"), "damaged"),
        ("labels", LABELS[:6] + b"\x09" + LABELS[7:], "damaged"),
        ("labels", array_bytes(np.int64(3)), "labels has 0 dimensions, expected 1"),
        ("labels", array_bytes(np.zeros((70, 1), np.int64)), "labels has 2 dimensions"),
        ("labels", array_bytes(np.zeros(70, np.int32)), "type int32"),
        ("labels", array_bytes(np.zeros(70, ">i8")), "type >i8"),
        ("labels", array_bytes(np.zeros(70, "M8[s]")), "invalid values"),
        ("labels", array_bytes(np.array([None] * 70), allow_pickle=True), "header doesn't fit its content"),
        ("ids", array_bytes(np.arange(70)), "ids of type int64 has invalid values"),
        ("ids", array_bytes(BAD_TEXT), "ids of type <U1 has invalid values"),
        ("classes", array_bytes(np.array("angry")), "classes has 0 dimensions"),
        ("classes", array_bytes(np.arange(7)), "invalid values"),
        ("leakage_warnings", array_bytes(np.array("text")), "leakage_warnings has 0 dimensions"),
        ("from_training_data", array_bytes(np.array([True, False])), "has 1 dimension, expected 0"),
        ("from_training_data", array_bytes(np.array(b"\x07").view(np.bool_)), "invalid values"),
        ("format", array_bytes(np.array([1, 2])), "format has 1 dimension"),
        ("format", array_bytes(np.array("x" * 5000)), "not predictions of mien"),
        ("probabilities", array_bytes(np.float32(1)), "probabilities has 0 dimensions"),
        (
            "probabilities",
            array_bytes(np.full((70, 7), np.nan, np.float32)),
            "row 0 is not a distribution: nan",
        ),
        ("probabilities", array_bytes(np.zeros((70, 7), np.float64)), "type float64"),
        ("probabilities", array_bytes(np.zeros((70, 7), "V4")), "invalid values"),
        ("images", array_bytes(np.zeros((70, 0, 0), np.uint8)), "which are empty"),
        ("images", array_bytes(np.zeros(70, np.uint8)), "images of shape"),
        ("in_training", array_bytes(np.zeros(70, np.uint8)), "invalid values"),
    ],
)
def test_hostile_arrays_are_one_clear_line(tmp_path, name, content, message):
    path = rewritten(tmp_path / "validation.npz", f"{name}.npy", content)
    with pytest.raises(PredictionsError, match=message) as caught:
        read_predictions(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert len(str(caught.value)) < 500


def test_an_unknown_compression_is_damage(tmp_path):
    path = rewritten(tmp_path / "validation.npz", "labels.npy", None)
    content = bytearray(path.read_bytes())
    content[8] = 99
    content[content.rindex(b"PK\x01\x02") + 10] = 99
    path.write_bytes(bytes(content))
    with pytest.raises(PredictionsError, match=r"damaged, or not an \.npz of predictions"):
        read_predictions(path)


def test_other_members_are_refused(tmp_path):
    path = rewritten(tmp_path / "more.npz", "more.npy", b"")
    with pytest.raises(PredictionsError, match="unknown array 'more'"):
        read_predictions(path)


def test_large_members_are_not_unpacked(tmp_path, monkeypatch):
    path = rewritten(tmp_path / "more.npz", "more.npy", bytes(1_000_000), zipfile.ZIP_DEFLATED)
    monkeypatch.setattr(predictions_file, "unpacked_limit", lambda _: 100_000)
    with pytest.raises(PredictionsError, match="its arrays take more than"):
        read_predictions(path)


def test_two_members_of_one_name_are_refused(tmp_path):
    path = rewritten(tmp_path / "twice.npz", "labels.npy", None)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("labels.npy", LABELS)
    with pytest.raises(PredictionsError, match="two of one name"):
        read_predictions(path)


def test_no_faces_are_refused(tmp_path):
    write_predictions(tmp_path / "none.npz", predictions(0))
    with pytest.raises(PredictionsError, match="no faces; predict again"):
        read_predictions(tmp_path / "none.npz")


def test_a_member_that_declares_more_than_the_file_has_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    write_predictions(path, predictions())
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + 20 : entry + 24] = b"\xff\xff\xff\x7f"  # its compressed size in the directory
    path.write_bytes(content)
    with pytest.raises(PredictionsError, match="a member is larger than the file"):
        read_predictions(path)
