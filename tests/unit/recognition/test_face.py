import copy
import io
import json
import pickle
import re
from base64 import b64decode
from dataclasses import asdict

import numpy as np
import pytest
from PIL import Image
from pydantic import TypeAdapter

from mien.detection.box import Box
from mien.detection.landmarks import Landmarks, Point
from mien.errors import ImageError
from mien.recognition.columns import COLUMNS, columns_of
from mien.recognition.face import Face, Result, top_two
from result_builders import face, result

CLASSES = ("calm", "tense", "other")


def made(probabilities=(0.2, 0.7, 0.1), **more):
    return Face.from_probabilities(Box(1, 2.25, 30, 40), 0.9, CLASSES, probabilities, **more)


def test_label_and_confidence_follow_from_the_probabilities():
    one = made()
    assert (one.label, one.confidence, one.uncertain) == ("tense", 0.7, False)
    assert one.probabilities == (0.2, 0.7, 0.1)
    assert one.track is None


@pytest.mark.parametrize(("threshold", "uncertain"), [(0.0, False), (0.7, False), (0.71, True)])
def test_a_face_below_the_threshold_is_uncertain(threshold, uncertain):
    assert made(threshold=threshold).uncertain is uncertain


@pytest.mark.parametrize(
    ("doubt", "threshold", "reason"),
    [
        (None, 0.5, None),
        (None, 0.9, "low confidence"),
        ("orientation", 0.5, "orientation"),
        ("low detector score", 0.9, "low detector score"),
    ],
)
def test_an_uncertain_face_has_a_reason(doubt, threshold, reason):
    one = made(doubt=doubt, threshold=threshold)
    assert (one.uncertain, one.uncertain_reason) == (reason is not None, reason)
    assert one.to_dict()["uncertain_reason"] == reason


def test_tilt_and_landmarks_are_data():
    points = Landmarks(*(Point(x + 0.04, 2.0 * x) for x in range(5)))
    one = made(tilt=12.34, landmarks=points)
    found = one.to_dict()
    assert found["tilt"] == 12.3
    assert found["landmarks"]["right_eye"] == [0.0, 0.0]
    assert list(found["landmarks"]) == ["right_eye", "left_eye", "nose", "right_mouth", "left_mouth"]
    assert made().to_dict()["landmarks"] is None
    assert asdict(one)["landmarks"] == points
    row = dict(zip(columns_of(CLASSES), next(result("a.jpg", one).rows()), strict=True))
    assert (row["tilt"], row["left_mouth_x"], row["left_mouth_y"]) == (12.34, 4.04, 8.0)


def test_the_first_of_equal_probabilities_is_the_label():
    assert made((0.4, 0.4, 0.2)).label == "calm"


def test_probabilities_of_numpy_become_python_numbers():
    one = made(np.array([0.25, 0.5, 0.25], np.float32))
    assert one.probabilities == (0.25, 0.5, 0.25)
    assert {type(value) for value in (*one.probabilities, one.confidence)} == {float}


def test_label_confidence_and_uncertainty_are_data():
    one = made(threshold=0.9, track=3)
    fields = asdict(one)
    assert (fields["label"], fields["confidence"], fields["uncertain"]) == ("tense", 0.7, True)
    assert fields["box"] == Box(1, 2.25, 30, 40)
    assert Face(**fields) == one


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_faces_and_results_can_be_copied_and_pickled(again):
    one = result("a.jpg", made(), image=True)
    assert again(one) == one
    assert again(one).image.shape == one.image.shape


def test_repr_fits_a_notebook():
    assert repr(made()) == "Face(tense 0.70, box=(1, 2.2, 30, 40))"
    assert repr(made(threshold=0.9, track=3)) == (
        "Face(tense 0.70, uncertain: low confidence, box=(1, 2.2, 30, 40), track=3)"
    )
    two = result("a.jpg", face("happy", 0.9), face("sad", 0.55), frame=7)
    assert repr(two) == "Result('a.jpg', frame 7, 320x240: happy 0.90, sad 0.55)"
    assert repr(result("b.jpg", image=True)) == "Result('b.jpg', 320x240: no faces)"


def test_a_dictionary_that_json_represents():
    one = result("a.jpg", made((0.1234567, 0.7765433, 0.1)), time=1.23456)
    found = json.loads(one.to_json())
    assert found == one.to_dict()
    assert found["time"] == 1.2346
    assert found["faces"][0]["box"] == [1, 2.2, 30, 40]
    assert found["faces"][0]["label"] == "tense"
    assert found["faces"][0]["uncertain"] is False
    assert found["faces"][0]["probabilities"] == {"calm": 0.12346, "tense": 0.77654, "other": 0.1}


def test_a_data_frame_has_a_row_for_each_face():
    pytest.importorskip("pandas")
    frame = result("a.jpg", made(), made((0.8, 0.1, 0.1), track=2)).to_frame()
    assert tuple(frame.columns) == (*COLUMNS, *CLASSES)
    assert frame["label"].tolist() == ["tense", "calm"]
    assert frame["face"].tolist() == [1, 2]
    assert frame.loc[0, "tense"] == 0.7


def test_a_data_frame_without_faces_has_the_columns():
    pytest.importorskip("pandas")
    frame = result("a.jpg").to_frame()
    assert tuple(frame.columns) == COLUMNS
    assert len(frame) == 0


def test_a_class_named_like_a_column_is_marked():
    pytest.importorskip("pandas")
    one = Face.from_probabilities(Box(0, 0, 1, 1), 1.0, ("left", "right"), (0.3, 0.7))
    assert "left (class)" in result("a.jpg", one).to_frame().columns


def test_the_two_most_probable_classes():
    assert top_two(made()) == (1, 0)


def test_plot_returns_the_image_with_the_faces_drawn_in():
    one = result("a.jpg", face(box=(100, 80, 60, 60)), image=True)
    drawn = one.plot()
    assert drawn.size == (320, 240)
    assert np.array(drawn).std() > 0
    assert np.ptp(one.image) == 0


@pytest.mark.parametrize(("frame", "option"), [(None, "keep_image"), (3, "keep_images")])
def test_plot_needs_the_image(frame, option):
    with pytest.raises(ImageError, match=rf"^a\.jpg: this result has no image; pass {option}=True"):
        result("a.jpg", face(), frame=frame).plot()


def test_a_notebook_shows_the_image():
    one = result("<a>.jpg", face(box=(100, 80, 60, 60)), image=True, size=(2400, 1200))
    found = re.fullmatch(
        r'<img src="data:image/png;base64,([^"]+)" alt="([^"]+)" style=.*>', one._repr_html_()
    )
    assert Image.open(io.BytesIO(b64decode(found[1]))).size == (1024, 512)
    assert found[2].startswith("Result(&#x27;&lt;a&gt;.jpg&#x27;, 2400x1200: happy 0.80")


def test_a_notebook_shows_text_without_the_image():
    assert "Result(" in result("a.jpg", face())._repr_html_()


def test_crops_need_the_image():
    with pytest.raises(ImageError, match="keep_image=True"):
        result("a.jpg", face()).crops()
    crops = result("a.jpg", face(box=(5, 5, 16, 25)), face(), image=True).crops()
    assert [crop.shape for crop in crops] == [(20, 20, 3), (35, 35, 3)]
    assert result("a.jpg", face(), image=True).crops(48)[0].shape == (48, 48, 3)
    assert result("a.jpg", face(box=(0, 0, 9e8, 9e8)), image=True).crops()[0].shape == (320, 320, 3)


def test_a_pydantic_type_keeps_label_confidence_and_uncertainty():
    """FastAPI validates and serializes the values of a route in this way."""
    one = made(threshold=0.9, track=3)
    adapter = TypeAdapter(Face)
    found = json.loads(adapter.dump_json(one))
    assert (found["label"], found["confidence"], found["uncertain"]) == ("tense", 0.7, True)
    assert found["box"] == [1, 2.25, 30, 40]
    assert adapter.validate_json(adapter.dump_json(one)) == one
    assert {"label", "confidence", "uncertain"} <= set(adapter.json_schema()["properties"])


def test_a_pydantic_type_of_results_leaves_out_their_image():
    one = result("a.jpg", made(), image=True, frame=2, time=0.5)
    adapter = TypeAdapter(Result)
    found = json.loads(adapter.dump_json(one))
    assert (found["image"], found["faces"][0]["label"]) == (None, "tense")
    assert adapter.validate_json(adapter.dump_json(one)) == one
    assert adapter.validate_python(one) == one
    schema = adapter.json_schema(mode="serialization")
    assert schema["properties"]["image"]["type"] == "null"


def test_a_data_frame_of_faces_has_their_fields():
    pandas = pytest.importorskip("pandas")
    found = pandas.DataFrame([made(), made((0.6, 0.3, 0.1), threshold=0.7)])
    assert found["label"].tolist() == ["tense", "calm"]
    assert found["confidence"].tolist() == [0.7, 0.6]
    assert found["uncertain"].tolist() == [False, True]
