"""The interface of fer, compared with records of the package."""

import logging

import numpy as np
import pytest

from mien.compat import fer
from mien.compat.fer import FER, Video
from mien.errors import DetectorError, MienError
from record_peers import error_of, shape_of, signature_of

from .conftest import LARGE, SMALL

pytestmark = pytest.mark.usefixtures("loaded")

SCRIPT = """
from fer import FER
import cv2

img = cv2.imread("faces.png")
detector = FER(mtcnn=True)
for face in detector.detect_emotions(img):
    x, y, w, h = face["box"]
    print(x, y, w, h, max(face["emotions"], key=face["emotions"].get))
emotion, score = detector.top_emotion(img)
print(emotion, score)
"""


def test_arguments_are_those_of_fer(recorded):
    for name, theirs in recorded["fer"]["signatures"].items():
        cls, method = name.split(".")
        ours = signature_of(getattr({"FER": FER, "Video": Video}[cls], method))
        assert list(ours.items())[: len(theirs)] == list(theirs.items()), name


def test_results_have_the_recorded_shape(recorded, image, folder):
    detector, record = FER(), recorded["fer"]
    assert shape_of(detector.detect_emotions(image)) == record["detect_emotions"]
    assert shape_of(detector.detect_emotions("empty.png")) == record["detect_emotions, no face"]
    assert shape_of(detector.find_faces(image)) == record["find_faces"]
    assert shape_of(detector.top_emotion(image)) == record["top_emotion"]
    assert shape_of(detector.top_emotion("empty.png")) == record["top_emotion, no face"]
    assert list(detector._get_labels().values()) == record["labels"]


def test_the_largest_face_is_first(image):
    large, small = FER().detect_emotions(image)
    assert (tuple(large["box"]), tuple(small["box"])) == (LARGE, SMALL)
    assert large["emotions"]["sad"] == 0.99
    assert FER().top_emotion(image) == ("sad", 0.99)


def test_the_faces_of_the_last_image_are_kept(image):
    detector = FER()
    found = detector.detect_emotions(image)
    assert detector.emotions == found
    assert detector.batch_detect_emotions([image, image]) == [found, found]


def test_rectangles_replace_the_detector(image):
    detector = FER()
    outside = (900, 10, 40, 40)
    (face,) = detector.detect_emotions(image, [outside, np.array(SMALL)])
    assert tuple(face["box"]) == SMALL
    assert max(face["emotions"], key=face["emotions"].get) == "happy"
    with pytest.raises(DetectorError, match="face_rectangles"):
        detector.detect_emotions(image, [(1, 2)])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, ("small", "auto", 50.0)),
        ({"min_face_size": 20}, ("small", "auto", 20.0)),
        ({"mtcnn": True, "bundle": "large"}, ("large", "mtcnn", 0.0)),
    ],
)
def test_arguments_choose_detector_and_smallest_face(arguments, expected, loaded):
    FER(**arguments)
    assert loaded == [expected]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cascade_file": "x.xml"}, "cascade_file: mien has no Haar cascades"),
        ({"tfserving": True}, "tfserving: mien has no TensorFlow"),
        ({"scale_factor": 1.0}, "scale_factor must be greater than 1"),
        ({"min_face_size": 0}, "min_face_size must be at least 1"),
        ({"min_neighbors": -1}, "min_neighbors must be non-negative"),
        ({"offsets": 3}, "offsets must be a tuple or list of length 2"),
        ({"mtcnn": "yes"}, "mtcnn='yes', expected True or False"),
    ],
)
def test_what_mien_does_not_have_is_one_clear_error(arguments, message):
    with pytest.raises(fer.UnimplementedError, match=message) as error:
        FER(**arguments)
    assert isinstance(error.value, ValueError)


def test_arguments_without_effect_are_reported(caplog):
    with caplog.at_level(logging.WARNING, "mien"):
        FER(use_tflite=False)
        assert not caplog.messages
        FER(scale_factor=1.3, offsets=(20, 20))
    assert caplog.messages == ["scale_factor, offsets: no effect in mien, which has no Haar cascade"]


@pytest.mark.parametrize("image", ["nowhere.jpg", None, 3])
def test_what_is_no_image_is_the_error_of_fer(image, recorded):
    found = error_of(lambda: FER().detect_emotions(image))
    assert found[0][0] == recorded["fer"]["no image"][0][0] == "InvalidImage"
    assert MienError.__name__ in found[0]


def test_faces_are_drawn_into_a_copy(image):
    faces = FER().detect_emotions(image)
    before = image.copy()
    drawn = fer.draw_annotations(image, faces, lang="tr")
    assert drawn.shape == image.shape
    assert not np.array_equal(drawn, image)
    assert np.array_equal(image, before)
    assert fer.draw_annotations(image, []) is image
    assert fer.draw_annotations(image, faces, boxes=False, scores=False) is image
    with pytest.raises(fer.UnimplementedError, match="lang 'fr'"):
        fer.draw_annotations(image, faces, lang="fr")


def test_a_script_runs_with_only_the_import_changed(folder, capsys):
    exec(compile(SCRIPT.replace("from fer import", "from mien.compat.fer import"), "script", "exec"), {})
    assert capsys.readouterr().out == "150 40 120 140 sad\n20 30 60 80 happy\nsad 0.99\n"
