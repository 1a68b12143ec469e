import json

import pytest

from mien.detection.base import Detection
from mien.detection.box import Box
from mien.detection.provided.boxes import ProvidedBoxes, detections_of, read_boxes
from mien.errors import DetectorError

HEADER = "source,left,top,width,height\n"


def csv_of(folder, text, name="boxes.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def json_of(folder, value):
    return csv_of(folder, value if isinstance(value, str) else json.dumps(value), "boxes.json")


def boxes(found):
    return [detection.box for detection in found]


def test_boxes_become_detections_in_their_order():
    assert detections_of([(5, 6, 7, 8), [1.5, -2, 3, 4], Box(0, 0, 1, 1)]) == [
        Detection(Box(5, 6, 7, 8), 1.0),
        Detection(Box(1.5, -2, 3, 4), 1.0),
        Detection(Box(0, 0, 1, 1), 1.0),
    ]
    assert detections_of([]) == []


@pytest.mark.parametrize(
    "box",
    [(1, 2, 3), (1, 2, 3, 4, 5), (1, 2, 0, 4), (1, 2, 3, -4), (1, 2, float("nan"), 4),
     (float("inf"), 2, 3, 4), (1, 2, "x", 4), None, 7, (1, 2, None, 4), (10**400, 1, 1, 1)],
)  # fmt: skip
def test_an_invalid_box_is_named_by_its_number(box):
    with pytest.raises(DetectorError, match=r"boxes, box 2: .*expected left, top, width, height in pixels"):
        detections_of([(1, 2, 3, 4), box])


def test_a_csv_has_several_boxes_per_image(tmp_path):
    found = read_boxes(csv_of(tmp_path, HEADER + "a.jpg,1,2,3,4\nb.jpg,5,6,7,8\n\na.jpg,-1.5,0,10,20\n"))
    assert len(found) == 2
    assert boxes(found.of("a.jpg")) == [(1, 2, 3, 4), (-1.5, 0, 10, 20)]
    assert boxes(found.of("b.jpg")) == [(5, 6, 7, 8)]
    assert found.of("c.jpg") is None


def test_columns_go_by_their_names(tmp_path):
    text = "\ufeffheight, width ,label,top,left,source\n4,3,x,2,1,a.jpg\n"
    assert boxes(read_boxes(csv_of(tmp_path, text)).of("a.jpg")) == [(1, 2, 3, 4)]


def test_a_quoted_name_may_have_commas(tmp_path):
    found = read_boxes(csv_of(tmp_path, HEADER + '"a, b.jpg",1,2,3,4\n'))
    assert boxes(found.of("a, b.jpg")) == [(1, 2, 3, 4)]


def test_json_is_a_list_of_boxes_by_image(tmp_path):
    found = read_boxes(json_of(tmp_path, {"a.jpg": [[1, 2, 3, 4], [5, 6, 7, 8]], "empty.jpg": []}))
    assert boxes(found.of("a.jpg")) == [(1, 2, 3, 4), (5, 6, 7, 8)]
    assert found.of("empty.jpg") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column source, left, top, width, height in the first line"),
        ("source,left,top,width\n", "no column height"),
        (HEADER, "no boxes in it"),
        (HEADER + "a.jpg,1,2,3,4\na.jpg,1,2,x,4\n", "line 3: .*'x'.*expected left, top"),
        (HEADER + "\na.jpg,1,2,3\n", "line 3: 4 values, expected at least 5"),
        (HEADER + "a.jpg,1,2,0,4\n", "line 2: .*width and height above 0"),
        (HEADER + "a.jpg,1,2,nan,4\n", "line 2: "),
        (HEADER + "a.jpg,,,,\n", "line 2: "),
        (HEADER + ",1,2,3,4\n", "line 2: no source"),
    ],
)
def test_an_invalid_csv_is_named_by_file_and_line(tmp_path, text, message):
    with pytest.raises(DetectorError, match=rf"boxes\.csv.*{message}"):
        read_boxes(csv_of(tmp_path, text))


def test_lines_are_counted_as_an_editor_counts_them(tmp_path):
    with pytest.raises(DetectorError, match="line 4: "):
        read_boxes(csv_of(tmp_path, HEADER + '"two\nlines.jpg",1,2,3,4\na.jpg,1,2,3,x\n'))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("{", "not valid JSON"),
        ("{" * 100, "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ([[1, 2, 3, 4]], "expected an object"),
        ({}, "no boxes in it"),
        ({"a.jpg": 7}, "'a.jpg': 7; expected a list of boxes"),
        ({"a.jpg": [1, 2, 3, 4]}, "'a.jpg', box 1: 1; expected left"),
        ({"a.jpg": [[1, 2, 3, 4], [1, 2, 3]]}, "'a.jpg', box 2: "),
        ('{"a.jpg": [[1, 2, NaN, 4]]}', "NaN is not a number of JSON"),
        ({"a.jpg": [{"left": 1}]}, "'a.jpg', box 1: "),
    ],
)
def test_invalid_json_is_named_by_file_and_image(tmp_path, value, message):
    with pytest.raises(DetectorError, match=rf"boxes\.json.*{message}"):
        read_boxes(json_of(tmp_path, value))


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(DetectorError, match=r"nothing\.csv: can't read the boxes \(No such file"):
        read_boxes(tmp_path / "nothing.csv")
    with pytest.raises(DetectorError, match="can't read the boxes"):
        read_boxes(tmp_path)
    (tmp_path / "picture.csv").write_bytes(b"so\xff\xfe")
    with pytest.raises(DetectorError, match="not UTF-8 text"):
        read_boxes(tmp_path / "picture.csv")


def test_images_are_known_by_path_absolute_path_and_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    some = ProvidedBoxes(
        {
            "photos/a.jpg": detections_of([(1, 2, 3, 4)]),
            str(tmp_path / "b.jpg"): detections_of([(5, 6, 7, 8)]),
        }
    )
    for source in ("photos/a.jpg", "./photos/a.jpg", str(tmp_path / "photos" / "a.jpg"), "elsewhere/a.jpg"):
        assert boxes(some.of(source)) == [(1, 2, 3, 4)]
    for source in ("b.jpg", "photos/../b.jpg", str(tmp_path / "b.jpg")):
        assert boxes(some.of(source)) == [(5, 6, 7, 8)]


def test_a_name_that_several_images_have_needs_the_path():
    some = ProvidedBoxes({"x/a.jpg": detections_of([(1, 2, 3, 4)]), "y/a.jpg": detections_of([(5, 6, 7, 8)])})
    assert boxes(some.of("y/a.jpg")) == [(5, 6, 7, 8)]
    assert some.of("a.jpg") is None
    assert some.of("z/a.jpg") is None


def test_what_a_path_means_goes_before_a_name():
    some = ProvidedBoxes({"a.jpg": detections_of([(1, 2, 3, 4)]), "x/b.jpg": []})
    assert some.of("x/b.jpg") == []
    assert some.of("/other/b.jpg") == []


def test_boxes_handed_out_are_the_callers_own():
    some = ProvidedBoxes({"a.jpg": detections_of([(1, 2, 3, 4)])})
    some.of("a.jpg").clear()
    assert len(some.of("a.jpg")) == 1


def test_unused_entries_and_images_without_an_entry_are_counted():
    some = ProvidedBoxes({"a.jpg": detections_of([(1, 2, 3, 4)]), "b.jpg": [], "c.jpg": []})
    assert (some.unused, some.unknown) == (["a.jpg", "b.jpg", "c.jpg"], 0)
    for source in ("b.jpg", "x/a.jpg", "b.jpg", "d.jpg", "e.jpg"):
        some.of(source)
    assert (some.unused, some.unknown) == (["c.jpg"], 2)
