"""Images and labels in arrays of numpy."""

import io

import numpy as np
import pytest

from builders import faces, folder_of, zip_of
from mien import limits
from mien.data import read_faces
from mien.errors import DataError
from mien.labels import EMOTIONS, SPLITS

SOME = faces(20)
SMALL = faces(6, 3, size=8)


def npz(path, **arrays):
    np.savez_compressed(path, **arrays)
    return path


def npy(array):
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


@pytest.fixture
def read(tmp_path):
    """A function that writes arrays as an `.npz` and reads them."""
    return lambda size=48, channels=1, **arrays: read_faces(
        npz(tmp_path / "faces.npz", **arrays), size=size, channels=channels, cache=False
    )


def test_images_labels_splits_and_names_of_classes_give_the_same_faces(read):
    found = read(images=SOME.images, labels=SOME.labels, splits=SOME.splits, classes=np.array(EMOTIONS))
    assert found.fingerprint == SOME.fingerprint
    words = np.array(SPLITS)[SOME.splits]
    named = np.array(EMOTIONS)[SOME.labels]
    assert read(x=SOME.images, y=named, usage=words).fingerprint == SOME.fingerprint


LAYOUTS = {
    "a channel": SMALL.images[..., None],
    "a channel first": SMALL.images[:, None],
    "flat": SMALL.images.reshape(6, 64),
    "floats of gray levels": SMALL.images.astype(np.float64),
    "floats from 0 to 1": SMALL.images.astype(np.float32) / 255,
    "int64": SMALL.images.astype(np.int64),
    "big-endian": SMALL.images.astype(">u2"),
    "three equal channels": np.repeat(SMALL.images[..., None], 3, 3),
    "three channels first": np.repeat(SMALL.images[:, None], 3, 1),
    "column-major": np.asfortranarray(SMALL.images),
}


@pytest.mark.parametrize("images", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_layouts_of_images(read, images):
    assert (read(size=8, images=images, labels=SMALL.labels).images == SMALL.images).all()


def test_color_is_kept_and_other_sizes_are_resized(read):
    color = faces(6, 3, size=8, channels=3)
    assert (read(8, 3, images=color.images, labels=color.labels).images == color.images).all()
    assert read(48, 3, images=SMALL.images, labels=SMALL.labels).images.shape == (6, 48, 48, 3)


@pytest.mark.parametrize(
    "labels",
    [SMALL.labels, SMALL.labels.astype(np.float32), SMALL.labels[:, None], np.eye(3)[SMALL.labels]],
    ids=["numbers", "floats", "a column", "one-hot"],
)
def test_numbers_without_names_are_the_names_of_the_classes(read, labels):
    found = read(size=8, images=SMALL.images, labels=labels)
    assert found.classes == ("0", "1", "2")
    assert (found.labels == SMALL.labels).all()


def test_arrays_by_split(read):
    found = read(
        size=8, x_train=SMALL.images[:3], y_train=SMALL.labels[:3], X_val=SMALL.images[3:5],
        Y_val=SMALL.labels[3:5], x_test=SMALL.images[5:], y_test=SMALL.labels[5:],
    )  # fmt: skip
    assert [SPLITS[split] for split in found.splits] == ["train"] * 3 + ["validation"] * 2 + ["test"]
    assert (found.images == SMALL.images).all()
    assert (found.labels == SMALL.labels).all()


def test_single_arrays_with_labels_beside_them_in_a_folder_and_in_a_zip(tmp_path):
    files = {"x.npy": npy(SMALL.images), "y.npy": npy(SMALL.labels)}
    folder, archive = folder_of(tmp_path / "arrays", files), zip_of(tmp_path / "arrays.zip", files)
    for source in (folder / "x.npy", folder, archive):
        found = read_faces(source, size=8, cache=False)
        assert (found.images == SMALL.images).all()
        assert (found.labels == SMALL.labels).all()


def test_changed_labels_beside_an_array_are_not_taken_from_the_cache(tmp_path):
    folder = folder_of(tmp_path / "a", {"x.npy": npy(SMALL.images), "y.npy": npy(SMALL.labels)})
    assert (read_faces(folder / "x.npy", size=8).labels == SMALL.labels).all()
    (folder / "y.npy").write_bytes(npy(SMALL.labels[::-1].copy()))
    assert (read_faces(folder / "x.npy", size=8).labels == SMALL.labels[::-1]).all()


def test_images_alone_are_unlabeled(tmp_path):
    (tmp_path / "faces.npy").write_bytes(npy(SMALL.images))
    found = read_faces(tmp_path / "faces.npy", size=8, cache=False)
    assert (found.labels == -1).all()
    assert found.classes == EMOTIONS


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": np.zeros(3), "b": np.zeros(3)}, "arrays are a, b; expected images and labels"),
        ({"images": np.zeros((3, 8, 9)), "labels": np.zeros(3)}, r"shape \(3, 8, 9\), expected square"),
        ({"images": np.zeros((0, 8, 8)), "labels": np.zeros(0)}, "expected square images"),
        ({"images": np.full((2, 8, 8), 300), "labels": np.zeros(2)}, "values from 300 to 300, expected"),
        ({"images": np.full((2, 8, 8), -1.0), "labels": np.zeros(2)}, "values from -1 to -1"),
        ({"images": np.full((2, 8, 8), np.nan), "labels": np.zeros(2)}, "values from nan"),
        ({"images": SMALL.images, "labels": np.zeros(3)}, "6 images, but 3 labels"),
        ({"images": SMALL.images, "labels": np.full(6, 0.5)}, "no whole number"),
        ({"images": SMALL.images, "labels": np.full(6, -7)}, "no whole number"),
        ({"images": SMALL.images, "labels": np.full((6, 3), 0.3)}, "one-hot"),
        ({"images": SMALL.images, "labels": np.full(6, 5), "classes": np.array(["a", "b"])}, "label 5, but"),
        ({"images": SMALL.images, "labels": SMALL.labels, "splits": np.full(6, 9)}, "expected train, valid"),
        ({"images": SMALL.images, "faces": SMALL.images, "labels": SMALL.labels}, "are faces, images"),
        ({"x_train": SMALL.images, "y_test": SMALL.labels}, "labels without images of their split"),
        ({"images": np.array([None, 1], object), "labels": np.zeros(2)}, "Python objects"),
    ],
)  # fmt: skip
def test_other_arrays_are_refused(read, arrays, message):
    with pytest.raises(DataError, match=message):
        read(size=8, **arrays)


def test_a_header_that_declares_too_much_is_refused_unread(tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": (10**9, 48, 48)}
    )
    (tmp_path / "x.npy").write_bytes(header.getvalue())
    with pytest.raises(DataError, match="its header declares 2304000000000 bytes"):
        read_faces(tmp_path / "x.npy", cache=False)
    (tmp_path / "y.npy").write_bytes(npy(SMALL.images)[:200])
    with pytest.raises(DataError, match="damaged"):
        read_faces(tmp_path / "y.npy", cache=False)


def test_what_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, images=np.zeros((600, 48, 48), np.uint8), labels=np.zeros(600, np.uint8))
    monkeypatch.setattr(limits, "MAX_UNPACKED", 1 << 20)
    with pytest.raises(DataError, match="arrays of 1 MB; the limit of it is 1 MB"):
        read_faces(path, cache=False)
    np.savez_compressed(path, images=np.zeros((600, 8, 8), np.uint8), labels=np.zeros(600, np.uint8))
    with pytest.raises(DataError, match="600 faces or more in 38400 bytes"):
        read_faces(path, cache=False)
    np.savez_compressed(
        path, images=np.zeros((3, 48, 48), np.uint8), landmarks=np.zeros((1 << 20) + 9, np.uint8)
    )
    assert len(read_faces(path, cache=False)) == 3  # what is not used may be large


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("labels", np.zeros(3, "U1000")),
        ("classes", np.full(1001, "a")),
        ("splits", np.zeros((3, 2), np.uint8)),
        ("labels", np.zeros((), np.int64)),
    ],
)
def test_labels_that_are_none_are_refused(tmp_path, name, array):
    path = tmp_path / "a.npz"
    arrays = {"images": np.zeros((3, 48, 48), np.uint8), "labels": np.zeros(3), name: array}
    np.savez_compressed(path, **arrays)
    with pytest.raises(DataError):
        read_faces(path, cache=False)
