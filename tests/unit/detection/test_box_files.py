"""Files of boxes; those of the simple CSV and JSON are in `test_boxes`."""

import json

import pytest

from mien.detection.base import Detection
from mien.detection.boxes import read_boxes
from mien.errors import DetectorError
from mien.labels import EMOTIONS
from mien.output.writers import open_writer
from result_builders import face, result


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
def test_frames_of_a_video_are_refused(tmp_path, name):
    frames = [result("film.mp4", face(track=1), frame=number, time=number / 25) for number in (0, 1)]
    with pytest.raises(DetectorError, match="frame 0 of a video"):
        read_boxes(written(tmp_path, name, *frames))


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
