"""The interface of deepface, compared with records of the package."""

import base64
import json
import logging

import numpy as np
import pytest

from mien.compat import deepface
from mien.compat.deepface import DeepFace
from mien.errors import MienError
from record_peers import error_of, shape_of, signature_of

from .conftest import LARGE, SMALL

pytestmark = pytest.mark.usefixtures("loaded")

EMOTION = {"actions": ["emotion"]}

SCRIPT = """
from deepface import DeepFace
import cv2

result = DeepFace.analyze(
    img_path = cv2.imread("faces.png"), actions = ['emotion'], detector_backend = "retinaface"
)
for face in result:
    x, y, w, h = (face["region"][key] for key in "xywh")
    print(face["dominant_emotion"], round(face["emotion"]["happy"]), x, y, w, h)
try:
    DeepFace.analyze("empty.png", actions=("emotion",))
except ValueError as error:
    print(error)
"""


@pytest.mark.parametrize("name", ["analyze", "extract_faces"])
def test_arguments_are_those_of_deepface(name, recorded):
    theirs = recorded["deepface"]["signatures"][name]
    ours = signature_of(getattr(DeepFace, name))
    assert list(ours)[: len(theirs)] == list(theirs)
    differing = {key for key, default in theirs.items() if ours[key] != default}
    assert differing <= {"actions"}  # by default all of theirs


@pytest.mark.parametrize(
    ("record", "source", "options"),
    [
        ("analyze", "faces.png", {}),
        ("analyze, no face", "empty.png", {"enforce_detection": False}),
        ("analyze, skip", "faces.png", {"detector_backend": "skip"}),
        ("analyze, list", ["faces.png", "empty.png"], {"enforce_detection": False}),
    ],
)
def test_results_have_the_recorded_shape(record, source, options, recorded, folder):
    assert shape_of(DeepFace.analyze(source, **EMOTION, **options)) == recorded["deepface"][record]


def test_labels_are_in_the_recorded_order(recorded, folder):
    assert list(DeepFace.analyze("faces.png")[0]["emotion"]) == recorded["deepface"]["labels"]


def test_the_largest_face_is_first(image):
    large, small = DeepFace.analyze(image, **EMOTION)
    assert (large["dominant_emotion"], small["dominant_emotion"]) == ("sad", "happy")
    assert tuple(large["region"][key] for key in "xywh") == LARGE
    assert tuple(small["region"][key] for key in "xywh") == SMALL


def test_emotions_are_percents_and_json_can_represent_all(image):
    (face, _) = DeepFace.analyze(image, **EMOTION)
    assert sum(face["emotion"].values()) == pytest.approx(100)
    assert face["emotion"]["sad"] == max(face["emotion"].values()) > 90
    assert json.loads(json.dumps(face))["face_confidence"] == 0.88


def test_eyes_are_left_and_right_of_the_person(image):
    region = DeepFace.analyze(image, **EMOTION)[0]["region"]
    assert (region["left_eye"], region["right_eye"]) == ((234, 96), (186, 96))


def test_the_regions_of_retinaface_have_nose_and_mouth(image):
    region = DeepFace.analyze(image, **EMOTION, detector_backend="retinaface")[0]["region"]
    assert (region["nose"], region["mouth_left"], region["mouth_right"]) == (
        (210, 124),
        (222, 152),
        (198, 152),
    )


def test_an_image_without_a_face_is_one_unless_detection_is_enforced(recorded, folder):
    with pytest.raises(deepface.FaceNotDetected, match=r"Face could not be detected in empty\.png"):
        DeepFace.analyze("empty.png", **EMOTION)
    (face,) = DeepFace.analyze("empty.png", **EMOTION, enforce_detection=False)
    assert face["face_confidence"] == 0
    size = {"w": 319, "h": 239}
    assert face["region"] == recorded["deepface"]["region, no face"] | size
    assert face["dominant_emotion"] == "angry"  # that of black faces


def test_all_errors_are_the_recorded_classes(recorded, folder):
    for text, classes, _ in recorded["deepface"]["errors"]:
        options = EMOTION | eval(text.replace("empty.png", str(folder / "empty.png")))
        image = options.pop("image", "faces.png")
        with pytest.raises(ValueError) as error:
            DeepFace.analyze(image, **options)
        assert isinstance(error.value, MienError)
        if classes[0] != "ValueError":
            assert type(error.value).__name__ == classes[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"actions": ["emotion", "age"]}, "action 'age': mien recognizes expressions only"),
        ({"anti_spoofing": True}, "anti_spoofing: mien has no check"),
        ({"align": "no"}, "align='no', expected True or False"),
    ],
)
def test_what_mien_does_not_have_is_one_clear_error(options, message, image):
    with pytest.raises(deepface.UnimplementedError, match=message):
        DeepFace.analyze(image, **EMOTION | options)


@pytest.mark.parametrize("name", ["verify", "find", "represent", "stream", "build_model", "identify"])
def test_other_functions_of_deepface_say_what_to_do(name):
    found = error_of(lambda: getattr(DeepFace, name)("a.jpg", img2_path="b.jpg"))
    assert found[0][0] == "UnimplementedError"
    assert f"DeepFace.{name} is not part of mien.compat" in found[1]


def test_other_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="'nothing'"):
        DeepFace.nothing  # noqa: B018


def test_without_actions_a_warning_says_once_that_age_is_left_out(image, caplog):
    deepface._note_actions.cache_clear()
    with caplog.at_level(logging.WARNING, "mien"):
        DeepFace.analyze(image, silent=True)
        assert not caplog.messages
        for _ in range(2):
            DeepFace.analyze(image)
    assert len(caplog.messages) == 1
    assert "without age, gender and race" in caplog.messages[0]


@pytest.mark.parametrize(
    ("backend", "detector"),
    [
        ("opencv", "auto"),
        ("retinaface", "auto"),
        ("yunet", "yunet"),
        ("fastmtcnn", "mtcnn"),
        ("skip", "whole"),
    ],
)
def test_backends_are_detectors_of_mien(backend, detector, image, loaded):
    DeepFace.analyze(image, **EMOTION, detector_backend=backend, bundle="large")
    assert loaded == [("large", detector)]


def test_images_of_any_kind(image, folder):
    content = (folder / "faces.png").read_bytes()
    uri = "data:image/png;base64," + base64.b64encode(content).decode()
    expected = DeepFace.analyze(image, **EMOTION)
    with (folder / "faces.png").open("rb") as file:
        for source in ("faces.png", folder / "faces.png", uri, file, image / 255, image.astype(float)):
            assert DeepFace.analyze(source, **EMOTION) == expected
    assert DeepFace.analyze(np.stack([image, image]), **EMOTION) == [expected, expected]


def test_boxes_are_enlarged(image):
    region = DeepFace.analyze(image, **EMOTION, expand_percentage=50)[1]["region"]
    assert (region["x"], region["y"], region["w"], region["h"]) == (5, 10, 90, 120)
    assert DeepFace.analyze(image, **EMOTION, expand_percentage=-5) == DeepFace.analyze(image, **EMOTION)


def test_faces_are_extracted(recorded, image):
    faces = DeepFace.extract_faces(image)
    assert shape_of(faces) == recorded["deepface"]["extract_faces"]
    assert faces[0]["face"].shape == (140, 120, 3)
    assert np.allclose(faces[0]["face"], image[40:180, 150:270, ::-1] / 255)
    assert DeepFace.extract_faces(image, color_face="gray", normalize_face=False)[1]["face"].shape == (80, 60)
    assert shape_of(DeepFace.extract_faces([image]))[0] == "list"
    with pytest.raises(deepface.UnimplementedError, match="color_face 'x'"):
        DeepFace.extract_faces(image, color_face="x")


def test_tilted_faces_are_extracted_upright(image, recognizer, monkeypatch):
    monkeypatch.setattr(recognizer.detector, "tilt", 90.0, raising=False)
    image[40:110, 150:270] = 255  # the upper half
    aligned, _ = DeepFace.extract_faces(image, normalize_face=False)
    as_it_is, _ = DeepFace.extract_faces(image, normalize_face=False, align=False)
    assert as_it_is["face"][20, 60, 0] == 255 > as_it_is["face"][120, 60, 0]
    assert aligned["face"][70, 20, 0] == 255 > aligned["face"][70, 100, 0]


def test_a_script_runs_with_only_the_import_changed(folder, capsys):
    changed = SCRIPT.replace("from deepface import", "from mien.compat.deepface import")
    exec(compile(changed, "script", "exec"), {})
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["sad 0 150 40 120 140", "happy 99 20 30 60 80"]
    assert lines[2].startswith("Face could not be detected")
