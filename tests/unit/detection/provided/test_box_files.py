"""Files of boxes; those of the simple CSV and JSON are in `test_boxes`."""

import json
import re

import pytest

from mien.detection.base import Detection
from mien.detection.provided import box_files
from mien.detection.provided.boxes import read_boxes
from mien.errors import DetectorError
from mien.labels import EMOTIONS
from mien.output.writers import open_writer
from result_builders import face, result
from result_files import write_results


def written(folder, name, *results):
    path = folder / f"result.{name}"
    with open_writer(name, path, EMOTIONS) as writer:
        for one in results:
            writer.write(one)
    return path


@pytest.mark.parametrize("name", ["csv", "json", "jsonl", "parquet"])
def test_the_boxes_of_a_result_are_those_of_its_faces_and_not_the_size_of_its_image(tmp_path, name):
    first = result("a.jpg", face(box=(10, 20, 30, 40)), face(box=(-1.5, 0, 8, 9.5)), size=(640, 480))
    found = read_boxes(written(tmp_path, name, first, result("none.jpg")))
    boxes = [detection.box for detection in found.of("a.jpg")]
    assert boxes == [(10, 20, 30, 40), (-1.5, 0, 8, 9.5)]
    assert found.of("a.jpg")[0].score == pytest.approx(0.9375)
    assert found.of("none.jpg") == []  # its image has no faces; no detector runs on it


def test_a_single_result_as_json_and_a_tilt_are_read(tmp_path):
    value = result("a.jpg", face(box=(1, 2, 3, 4))).to_dict()
    value["faces"][0]["tilt"] = 12.5
    (tmp_path / "one.json").write_text(json.dumps(value, indent=2))
    assert read_boxes(tmp_path / "one.json").of("a.jpg") == [Detection((1, 2, 3, 4), 0.9375, 12.5)]


@pytest.mark.parametrize("name", ["csv", "json", "jsonl", "parquet"])
def test_the_result_of_a_video_has_boxes_by_frame(tmp_path, name):
    boxes = [[(10, 20, 30, 40)], [], [(11, 20, 30, 40), (1, 2, 3, 4)]]
    frames = [
        result("film.mp4", *(face(box=box, track=1) for box in some), frame=number, time=number / 25)
        for number, some in enumerate(boxes)
    ]
    found = read_boxes(written(tmp_path, name, *frames)).of_video("film.mp4")
    assert [[one.box for one in found.of(number)] for number in range(4)] == [*boxes, []]
    assert found.last == 2


def test_boxes_of_a_csv_are_in_all_frames_or_in_one(tmp_path):
    text = "source,frame,left,top,width,height\na.mp4,3,1,2,3,4\na.mp4,,5,6,7,8\nb.mp4,,1,1,1,1\n"
    (tmp_path / "boxes.csv").write_text(text)
    found = read_boxes(tmp_path / "boxes.csv")
    assert [one.box for one in found.of_video("a.mp4").of(3)] == [(5, 6, 7, 8), (1, 2, 3, 4)]
    assert [one.box for one in found.of_video("a.mp4").of(0)] == [(5, 6, 7, 8)]
    assert found.of_video("b.mp4").of(99) == [Detection((1, 1, 1, 1), 1.0)]
    assert found.of_video("c.mp4") is None
    assert (found.unused, found.unknown) == ([], 1)


def test_boxes_by_frame_in_json(tmp_path):
    value = {"a.mp4": {"0": [[1, 2, 3, 4]], "7": []}, "b.mp4": [[5, 6, 7, 8]]}
    (tmp_path / "boxes.json").write_text(json.dumps(value))
    found = read_boxes(tmp_path / "boxes.json")
    assert found.of_video("a.mp4").frames == {0: [Detection((1, 2, 3, 4), 1.0)], 7: []}
    assert found.of_video("b.mp4").of(3) == [Detection((5, 6, 7, 8), 1.0)]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a.mp4": {"x": []}}, r"'a.mp4': frame 'x', expected the number of a frame, from 0"),
        ({"a.mp4": {"0": [[1, 2]]}}, r"'a.mp4', frame 0, box 1: \[1, 2\]; expected left, top"),
        ({"a.mp4": {"0": 5}}, r"'a.mp4', frame 0: 5; expected a list of boxes"),
    ],
)
def test_wrong_frames_in_json_are_named(tmp_path, value, message):
    (tmp_path / "boxes.json").write_text(json.dumps(value))
    with pytest.raises(DetectorError, match=message):
        read_boxes(tmp_path / "boxes.json")


def test_a_manifest_with_boxes_is_read(tmp_path):
    (tmp_path / "list.csv").write_text("path,label,left,top,width,height\na.jpg,happy,1,2,3,4\n")
    assert read_boxes(tmp_path / "list.csv").of("a.jpg") == [Detection((1, 2, 3, 4), 1.0)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{"source": "a.jpg", "width": 9, "faces": [{"box": [1, 2]}]}',
            r"result 1, face 1: \[1, 2\]; expected left",
        ),
        ('{"source": "a.jpg", "width": 9, "faces": [7]}', "result 1, face 1: None; expected left"),
        ('[{"source": "a.jpg", "width": 9, "faces": []}, 5]', "result 2: 5; expected an object"),
        ('{"source": "a", "width": 9, "faces": []}\n{"source', None),
        ('{"source": "a", "width": 9, "faces": []}\n{"x": 1}\n', "result 2: .*expected an object"),
    ],
)
def test_damaged_results_are_named_by_their_place(tmp_path, text, message):
    (tmp_path / "r.json").write_text(text)
    with pytest.raises(DetectorError, match=message or "not valid JSON"):
        read_boxes(tmp_path / "r.json")


@pytest.mark.parametrize("change", [("drop", ["top"]), ("text", "top")])
def test_a_parquet_result_of_other_columns_is_refused(tmp_path, change):
    import pyarrow as pa
    import pyarrow.parquet as pq

    write_results(tmp_path)
    table = pq.read_table(tmp_path / "result.parquet")
    what, value = change
    if what == "drop":
        table = table.drop_columns(value)
    else:
        table = table.set_column(table.column_names.index("top"), "top", pa.array(["x"] * len(table)))
    pq.write_table(table, tmp_path / "other.parquet")
    with pytest.raises(DetectorError, match=re.escape(str(tmp_path / "other.parquet"))):
        read_boxes(tmp_path / "other.parquet")


def test_a_frame_of_thousands_of_digits_is_refused(tmp_path):
    path = tmp_path / "boxes.csv"
    path.write_text(f"source,frame,left,top,width,height\na.mp4,{'9' * 5000},1,1,2,2\n")
    with pytest.raises(DetectorError, match="line 2: frame '9"):
        read_boxes(path)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", '{"a.jpg": ["1234"]}', "'a.jpg', box 1: 1234; expected left, top, width, height"),
        ("a.json", '{"a.jpg": [[true, 1, 2, 3]]}', r"box 1: \[True, 1, 2, 3\]; expected"),
        ("a.json", '{"a.jpg": [["1", "2", "3", "4"]]}', "box 1: .*; expected"),
        ("a.json", '{"a.jpg": [[1, 2, 3, 1e999]]}', "box 1: .*inf.*; expected"),
        ("a.json", '{"a.jpg": [[1, 2, 3, 4]], "a.jpg": []}', "the key 'a.jpg' occurs twice"),
        ("a.json", '{"a.jpg": [[1, 2, 3, NaN]]}', "NaN is not a number of JSON"),
        ("a.json", '{"a.jpg": [[0, 0, 2e9, 3]]}', r"up to 1e\+09"),
        ("a.json", '{"a.jpg": [{"left": 1}]}', "box 1: .*; expected"),
        ("a.json", '{"a.mp4": {"\u0661": [[1, 2, 3, 4]]}}', "expected the number of a frame"),
        ("a.json", '[{"source": "a.mp4", "frame": true, "faces": []}]', "frame 'True', expected"),
        ("a.csv", "source,left,top,width,height\na.jpg,1_0,2,3,4\n", "line 2: .*1_0.*; expected"),
        ("a.csv", "source,left,top,width,height\na.jpg,nan,2,3,4\n", "line 2: .*; expected"),
        ("a.csv", "source,left,top,width,height\na.jpg,True,2,3,4\n", "line 2: .*; expected"),
        ("a.csv", "source,left,top,width,height,left\na.jpg,1,2,3,4,5\n", "two columns 'left'"),
    ],
)
def test_values_that_are_not_clearly_boxes_are_refused(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(DetectorError, match=message):
        read_boxes(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "source,left,top,width,height\n" + "a,1,1,2,2\n" * 4),
        ("a.json", '{"a": [[1, 1, 2, 2], [1, 1, 2, 2]], "b": [[1, 1, 2, 2], [3, 1, 2, 2]]}'),
    ],
)
def test_a_file_has_a_limited_number_of_boxes(name, text, tmp_path, monkeypatch):
    (tmp_path / name).write_text(text)
    monkeypatch.setattr(box_files, "MAX_BOXES", 4)
    assert len(box_files.read_rows(tmp_path / name)) == 4
    monkeypatch.setattr(box_files, "MAX_BOXES", 3)
    with pytest.raises(DetectorError, match="over 3 boxes"):
        box_files.read_rows(tmp_path / name)
