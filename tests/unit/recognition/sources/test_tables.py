"""Sets of faces as rows."""

import io

import numpy as np
import pytest

from builders import faces, fer_csv, png, tar_of
from mien.data.reading import Reading
from mien.recognition.sources import tables
from mien.recognition.sources.finding import find_inputs
from mien.recognition.sources.items import FaceRows, FaceTable, Failure
from mien.recognition.sources.tables import read_table


def table_of(source, size=48, channels=1, notice=None):
    return list(read_table(FaceTable(str(source)), size, channels, notice or [].append))


def test_rows_are_named_after_file_and_row(tmp_path):
    some = faces(5)
    path = fer_csv(tmp_path / "fer.csv", some)
    (rows,) = table_of(path)
    assert list(rows.sources) == [f"{path}#{row}" for row in ("1", "2", "3", "4", "5")]
    assert np.array_equal(rows.faces, some.images)


def test_faces_come_in_the_size_of_the_bundle(tmp_path):
    (rows,) = table_of(fer_csv(tmp_path / "fer.csv", faces(2)), size=64)
    assert rows.faces.shape == (2, 64, 64)
    (rows,) = table_of(fer_csv(tmp_path / "fer.csv", faces(2)), channels=3)
    assert rows.faces.shape == (2, 48, 48, 3)


def test_synthetic_faces():
    (rows,) = table_of("synthetic:3")
    assert list(rows.sources) == [f"synthetic:3#synthetic-{number:05d}" for number in range(3)]


def test_bad_rows_are_failures(tmp_path):
    good = [(3, np.full((48, 48), 100, np.uint8), "Training")] * 3
    path = fer_csv(tmp_path / "fer.csv", [*good, (3, "1 2 3", "Training")])
    failure, rows = table_of(path)
    assert failure.source.startswith(f"{path}#")
    assert failure.message.startswith(f"{path}: ")
    assert len(rows) == 3


def test_an_unreadable_table_is_a_failure(tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("name,price\napple,1\n")
    (failure,) = table_of(path)
    assert isinstance(failure, Failure)
    assert failure.source == str(path)
    assert "not a source of faces" in failure.message


def test_photographs_by_place_are_not_taken_for_faces(tmp_path):
    path = tar_of(tmp_path / "a.tar.gz", {"rome/1.png": png(1), "oslo/2.png": png(2)})
    (failure,) = table_of(path)
    assert failure.message == f"{path}: an archive of images not sorted by emotion; unpack it first"


def test_images_by_emotion_are_faces(tmp_path):
    path = tar_of(tmp_path / "a.tar.gz", {"angry/1.png": png(1), "happy/2.png": png(2)})
    (rows,) = table_of(path)
    assert list(rows.sources) == [f"{path}#angry/1.png", f"{path}#happy/2.png"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.csv", "path,label\na.png,smile\nb.png,frown\n"),
        ("list.tsv", "path\tlabel\na.png\tsmile\nb.png\tfrown\n"),
        ("labels.txt", "train_a.png 4\ntest_b.png 5\n"),
    ],
)
def test_a_list_of_faces_may_have_any_classes(tmp_path, name, text):
    for image in ("a.png", "b.png", "train_a.png", "test_b.png"):
        (tmp_path / image).write_bytes(png(1))
    path = tmp_path / name
    path.write_text(text)
    inputs = find_inputs([str(path)], io.BytesIO())
    assert not inputs.needs_detector
    (table,) = inputs
    (rows,) = table_of(table.source)
    assert len(rows) == 2


def test_remarks_are_handed_on(monkeypatch):
    reading = Reading(faces(2), notes=("not cached",))
    monkeypatch.setattr(tables, "read_source", lambda *_, **__: reading)
    said = []
    (rows,) = table_of("x.csv", notice=said.append)
    assert said == ["not cached"]
    assert len(rows) == 2


def test_rows_of_a_mask():
    rows = FaceRows(["a", "b", "c"], np.arange(3 * 4).reshape(3, 2, 2).astype(np.uint8))
    some = rows.where([True, False, True])
    assert list(some.sources) == ["a", "c"]
    assert np.array_equal(some.faces, rows.faces[[0, 2]])
    assert rows.where([False] * 3).faces.shape == (0, 2, 2)
