import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given, settings

from mien.detection.landmarks import Landmarks, Point
from mien.errors import MienError
from mien.labels import EMOTIONS
from mien.output.writers import open_writer
from mien.output.writers.csv_table import CsvWriter
from mien.recognition.columns import COLUMNS
from mien.text import escape_name
from result_builders import face, result, results


def written(path, some, classes=EMOTIONS):
    with CsvWriter(path, classes) as writer:
        for one in some:
            writer.write(one)
    return path.read_bytes()


def table(content):
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_each_face_is_a_row(tmp_path):
    some = [result("a,b.jpg", face("sad", 0.4, (-1.26, 2.0, 30.04, 40.0)), face(track=2)), result("none.jpg")]
    content = written(tmp_path / "out.csv", some)
    assert content.splitlines()[:2] == [
        ",".join((*COLUMNS, *EMOTIONS)).encode(),
        b'"a,b.jpg",320,240,,,1,-1.3,2.0,30.0,40.0,0.9375,0.0,sad,0.4,true,low confidence,,'
        + b"," * 10
        + b"0.1,0.1,0.1,0.1,0.4,0.1,0.1",
    ]
    rows = table(content)
    assert [row["face"] for row in rows] == ["1", "2", ""]
    assert (rows[1]["track"], rows[1]["uncertain"], rows[1]["label"]) == ("2", "false", "happy")
    assert {name for name, cell in rows[2].items() if cell} == {"source", "width", "height"}


def test_frames_have_their_number_and_time(tmp_path):
    rows = table(written(tmp_path / "out.csv", [result("a.mp4", face(), frame=3, time=0.123456)]))
    assert (rows[0]["frame"], rows[0]["time"]) == ("3", "0.1235")


def test_small_probabilities_have_no_exponent(tmp_path):
    rows = table(written(tmp_path / "out.csv", [result("a.jpg", face("happy", 1 - 6e-5))]))
    assert rows[0]["sad"] == "0.00001"


@pytest.mark.parametrize("name", ["=1+1.jpg", "-a", "\ta", "\ra", "'=a", "''@a", "'a'"])
def test_names_are_not_altered(tmp_path, name):
    path = tmp_path / "out.csv"
    assert table(written(path, [result(name)]))[0]["source"] == name
    assert [one.source for one in CsvWriter.read_written(path)] == [name]


def test_classes_with_the_names_of_columns_are_marked(tmp_path):
    classes = ("label", "=x", "happy")
    row = table(written(tmp_path / "out.csv", [result("a", face("=x", 0.5, classes=classes))], classes))[0]
    assert (row["label"], row["label (class)"], row["=x"], row["happy"]) == ("=x", "0.25", "0.5", "0.25")


@settings(max_examples=30)
@given(results())
def test_any_csv_parser_reads_the_same_cells(tmp_path, some):
    rows = table(written(tmp_path / "out.csv", some))
    assert all(None not in row and None not in row.values() for row in rows)
    assert [row["face"] for row in rows] == [
        str(number) for one in some for number in range(1, len(one.faces) + 1) or [""]
    ]
    faces = [one for some_faces in (one.faces for one in some) for one in some_faces]
    filled = [row for row in rows if row["face"]]
    for row, one in zip(filled, faces, strict=True):
        assert [float(row[name]) for name in EMOTIONS] == [round(score, 5) for score in one.probabilities]
        assert float(row["left"]) == round(one.box.left, 1)
    names = [row["source"] for row in rows if row["face"] in ("", "1")]
    assert names == [escape_name(one.source) for one in some]


def test_an_incomplete_row_removes_all_rows_of_its_image(tmp_path):
    path = tmp_path / "out.csv"
    content = written(path, [result("a.jpg"), result("b.jpg", face(), face(), face())])
    path.write_bytes(content[:-10])
    assert [one.source for one in CsvWriter.read_written(path)] == ["a.jpg"]


def test_tilt_and_landmarks_are_columns(tmp_path):
    one = replace(face(), tilt=-12.34, landmarks=Landmarks(*(Point(x + 0.125, 10.0 * x) for x in range(5))))
    (row,) = table(written(tmp_path / "out.csv", [result("a.jpg", one)]))
    assert row["tilt"] == "-12.3"
    assert (row["right_eye_x"], row["left_mouth_x"], row["left_mouth_y"]) == ("0.1", "4.1", "40.0")


def test_a_file_of_another_version_is_not_resumed(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("source,width,height,frame,time,face,left,top,box_width,box_height,score,label\n")
    with pytest.raises(MienError, match=r"out\.csv: written by another version of mien, with other columns"):
        open_writer("csv", path, EMOTIONS, resume=True)
