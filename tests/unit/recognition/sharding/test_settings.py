from dataclasses import replace

import pytest

from bundle_builders import tiny_bundle, tiny_recognizer
from mien.detection.whole import WholeImage
from mien.recognition.load import load
from mien.recognition.sharding.settings import difference, settings_of
from mien.recognition.video import VideoOptions


def test_a_recognizer_of_objects_has_settings():
    settings = settings_of(tiny_recognizer(WholeImage()))
    assert (settings["bundle"], settings["detector"], settings["boxes"]) == ("tiny", "whole", "none")


def test_equal_files_at_other_paths_are_equal(tmp_path):
    options = {"engine": "onnx", "detector": "whole"}
    one, other = (load(tiny_bundle(tmp_path / name), **options) for name in ("a.onnx", "b.onnx"))
    assert difference(settings_of(one), settings_of(other)) is None


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("threshold", {"threshold": 0.3}),
        ("min_face", {"min_face": 50}),
        ("max_faces", {"max_faces": 2}),
        ("largest", {"largest": True}),
        ("detector_threshold", {"detector_threshold": 0.7}),
        ("any_orientation", {"any_orientation": True}),
        ("tolerate_truncated", {"tolerate_truncated": True}),
        ("detector", {"detector": "mtcnn"}),
    ],
)
def test_each_option_that_changes_results_is_a_setting(tmp_path, name, changes):
    path = tiny_bundle(tmp_path / "tiny.onnx")
    options = {"engine": "onnx", "detector": "whole"}
    one, other = load(path, **options), load(path, **options | changes)
    assert difference(settings_of(one), settings_of(other)) == name


def test_files_and_videos_are_settings(tmp_path):
    recognizer, boxes = tiny_recognizer(WholeImage()), tmp_path / "boxes.csv"
    boxes.write_text("x")
    plain = settings_of(recognizer)
    assert difference(plain, settings_of(recognizer, boxes=boxes)) == "boxes"
    options = replace(VideoOptions(), every=2)
    assert difference(plain, settings_of(recognizer, options)) == "every"


def test_threads_are_no_setting(tmp_path):
    path = tiny_bundle(tmp_path / "tiny.onnx")
    one, other = (load(path, engine="onnx", detector="whole", threads=count) for count in (1, 2))
    assert difference(settings_of(one), settings_of(other)) is None
