"""Faces and results from JSON: exactly what was written, or one line of error."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.detection.landmarks import Landmarks, Point
from mien.errors import MienError
from mien.recognition.face import Face, Result
from result_builders import face, result, results

POINTS = Landmarks(*(Point(x + 0.04, 2.0 * x) for x in range(5)))


def full_face():
    return Face.from_probabilities(
        (1.0, 2.25, 30.0, 40.0), 0.87654321, ("calm", "tense"), (0.1234567, 0.8765433), 0.9, 3,
        tilt=-12.34, landmarks=POINTS, doubt="orientation",
    )  # fmt: skip


@settings(max_examples=30)
@given(results(), st.none() | st.integers(0, 10**6), st.none() | st.floats(0, 1e6))
def test_results_read_from_json_are_written_as_the_same_json(drawn, frame, time):
    for one in drawn:
        text = Result(one.source, one.width, one.height, one.faces, frame, time).to_json()
        again = Result.from_dict(json.loads(text))
        assert again.to_json() == text
        assert Result.from_dict(again.to_dict()) == again


def test_all_fields_are_read():
    one = Face.from_dict(full_face().to_dict())
    assert (one.label, one.classes, one.track, one.uncertain_reason) == (
        "tense", ("calm", "tense"), 3, "orientation",
    )  # fmt: skip
    assert (one.box.left, one.landmarks.nose.y, one.tilt) == (1.0, 4.0, -12.3)
    assert one.to_dict() == full_face().to_dict()
    assert Face.from_dict(one.to_dict() | {"of a later version": [1]}) == one


CHANGES = {
    "box": [None, [1, 2, 3], [1, 2, 3, 4, 5], ["1", 2, 3, 4], [True, 2, 3, 4], [float("nan"), 2, 3, 4],
            "1234",
            [10**400, 2, 3, 4], {"left": 1}],
    "score": [None, -0.1, 1.1, "0.5", True, float("inf"), 10**5000],
    "tilt": [None, 361, "0"],
    "landmarks": [[], {}, {"nose": [1, 2]}, {name: [1] for name in Landmarks._fields},
                  dict.fromkeys(Landmarks._fields)],
    "label": [None, 7, "sad", ["calm"]],
    "confidence": [None, 2],
    "uncertain": [None, 0, "false"],
    "uncertain_reason": [5, []],
    "probabilities": [None, {}, [0.5, 0.5], {"calm": "1"}, {"calm": 1.5, "tense": 0}, {7: 0.5, "tense": 0.5},
                      {f"class {number}": 0.0 for number in range(2000)}],
    "track": ["1", 1.5, -1, True, 10**5000],
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value"),
    [(key, value) for key, some in CHANGES.items() for value in some],
    ids=lambda value: type(value).__name__,
)
def test_a_face_of_other_values_is_one_line(key, value):
    with pytest.raises(MienError, match=rf"^a face: {key} .*expected") as caught:
        Face.from_dict(full_face().to_dict() | {key: value})
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("source", None), ("width", -1), ("width", 1.5), ("height", "3"), ("frame", -1), ("frame", True),
        ("time", float("nan")), ("truncated", None), ("faces", {}), ("faces", "faces"),
    ],
)  # fmt: skip
def test_a_result_of_other_values_is_one_line(key, value):
    with pytest.raises(MienError, match=rf"^a result: {key} is .*expected"):
        Result.from_dict(result("a.jpg", face()).to_dict() | {key: value})


@pytest.mark.parametrize("key", list(CHANGES))
def test_a_missing_key_is_named(key):
    values = full_face().to_dict()
    del values[key]
    with pytest.raises(MienError, match=f"^a face: no key '{key}'"):
        Result.from_dict(result("a.jpg").to_dict() | {"faces": [values]})


@pytest.mark.parametrize("values", [None, [], "face", 5])
def test_what_is_no_object_is_refused(values):
    with pytest.raises(MienError, match=r"expected an object of JSON"):
        Face.from_dict(values)
    with pytest.raises(MienError, match=r"expected an object of JSON"):
        Result.from_dict(values)
    with pytest.raises(MienError, match=r"expected an object of JSON"):
        Result.from_dict(result("a.jpg").to_dict() | {"faces": [values]})
