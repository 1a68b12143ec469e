"""Types of arguments of public functions."""

import io
import itertools
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import mien
from builders import predictions
from bundle_builders import tiny_recognizer
from mien.arguments import FLAG, FUNCTION, INTEGER, NAMES, NUMBER, PATH, TEXT, TEXTS, checked, optional
from mien.detection.whole import WholeImage
from mien.errors import DataError, MienError, PredictionsError
from mien.evaluation.scoring import evaluate


def name_of(value):
    """The representation of a value, without the address of an object."""
    return "object" if type(value) is object else repr(value)


WRONG = {
    FLAG: [None, 2, -1, "x", 0.5, np.zeros(2), NotImplemented],
    INTEGER: [None, True, 1.5, "1", math.nan, np.zeros(2), 1j],
    NUMBER: [None, True, "1", math.nan, 1j, np.zeros(2)],
    TEXT: [None, 1, b"x", ["x"]],
    PATH: [None, 1, b"x", ["x"]],
    TEXTS: [None, 1, "x", b"x"],
    NAMES: [None, 1, b"x", np.zeros(2), {1}],
    FUNCTION: [None, 1, "x"],
}


@pytest.mark.parametrize("kind", WRONG, ids=lambda kind: kind.expected)
def test_wrong_types_are_one_clear_error(kind):
    @checked(DataError, value=optional(kind))
    def function(value=None):
        return value

    assert function(None) is None
    for value in WRONG[kind][1:]:
        with pytest.raises(DataError, match=r"\Avalue=.*, expected .*, or None\Z") as caught:
            function(value)
        assert len(str(caught.value)) < 200


def test_values_of_the_recognizer_are_valid_fields():
    """It builds faces without the checks of the constructor."""
    (face,) = tiny_recognizer(WholeImage())(PIXELS)
    assert replace(face) == face


def test_types_of_numpy_are_accepted():
    assert FLAG.accepts(np.True_)
    assert INTEGER.accepts(np.int64(3))
    assert NUMBER.accepts(np.float32(0.5))


PIXELS = np.zeros((48, 48, 3), np.uint8)
CLOSED = io.BytesIO()
CLOSED.close()


def raise_(error):
    raise error


def face_with(**changes):
    (face,) = tiny_recognizer(WholeImage())(PIXELS)
    return replace(face, **changes)


WRONG_CALLS = {
    "boxes of a closed file": lambda: tiny_recognizer().recognize(PIXELS, boxes=[CLOSED]),
    "boxes of a scalar": lambda: tiny_recognizer().recognize(PIXELS, boxes=[np.array(1)]),
    "endless boxes": lambda: tiny_recognizer().recognize(PIXELS, boxes=itertools.repeat((1, 2, 3, 4))),
    "draw without faces": lambda: mien.draw(PIXELS, SimpleNamespace(faces=None)),
    "draw wrong faces": lambda: mien.draw(PIXELS, SimpleNamespace(faces=[object()])),
    "draw a closed file": lambda: mien.draw(PIXELS, SimpleNamespace(faces=CLOSED)),
    "Face label": lambda: face_with(label="c"),
    "Face probabilities": lambda: face_with(probabilities=(0.5,)),
    "Face score": lambda: face_with(score=math.nan),
    "Face box": lambda: face_with(box=(0, 0, math.inf, 1)),
    "Face doubt": lambda: mien.Face.from_probabilities((0, 0, 1, 1), 1.0, ("a",), (1.0,), doubt=1),
    "Face endless": lambda: mien.Face.from_probabilities((0, 0, 1, 1), 1.0, ("a",), itertools.count()),
    "Result faces": lambda: mien.Result("a", 1, 1, (None,)),
    "Result image": lambda: mien.Result("a", 1, 1, (), image=np.zeros((1, 1), np.uint8)),
    "Bundle": lambda: mien.Bundle(b"", None, "x"),
    "plot_confusion": lambda: evaluate(predictions(7)).plot_confusion(ax=1),
    "load threads": lambda: mien.load(threads="2"),
    "load nothing": lambda: mien.load(""),
    "recognize nothing": lambda: tiny_recognizer()(""),
    "take": lambda: mien.read_faces("synthetic:7").take(range(10**12)),
    "overrides": lambda: mien.read_recipe("fast", itertools.repeat("title=x")),
    "endless stages": lambda: mien.train({"network": {"kind": "plain", "stages": itertools.count()}}),
    "Recipe": lambda: mien.Recipe(train=5),
    "Recipe endless": lambda: mien.Recipe(network={"kind": "plain", "stages": itertools.count()}),
    "Evaluation": lambda: mien.Evaluation(n=1),
    "Evaluation endless": lambda: mien.Evaluation(confusion_matrix=[itertools.count()]),
    "Recognizer": lambda: mien.Recognizer(None, None, None),
    "MissingExtraError": lambda: raise_(mien.MissingExtraError(10**5000)),
    "read_faces size": lambda: mien.read_faces("synthetic:7", size=np.zeros(3)),
    "read_faces classes": lambda: mien.read_faces("synthetic:7", classes=True),
    "read_recipe": lambda: mien.read_recipe("fast", None),
    "draw": lambda: mien.draw(np.zeros((8, 8, 3), np.uint8), None),
    "load": lambda: mien.load(largest=np.zeros(3)),
    "evaluate": lambda: mien.evaluate("small", split=np.zeros(3)),
    "compare": lambda: mien.compare("small", "small", tta=np.zeros(3)),
    "export": lambda: mien.export("small", name=5),
    "train": lambda: mien.train("fast", overrides=None),
    "resume": lambda: mien.resume("nowhere", recover="x"),
    "crop_faces": lambda: mien.crop_faces("a", "b", interval=None),
    "crop_faces detector": lambda: mien.crop_faces("a", "b", detector=None),
    "FaceSet": lambda: mien.FaceSet([1], [1], [1], [1]),
    "Face": lambda: mien.Face.from_probabilities((0, 0, 1, 1), 1.0, ("a", "b"), ()),
}


_VALID = {
    "probabilities": np.full((3, 2), 0.5, np.float32), "labels": np.zeros(3, np.int64),
    "ids": np.array(["a", "b", "c"]), "classes": ("p", "q"), "split": "test",
    "images": np.zeros((3, 8, 8), np.uint8), "in_training": np.zeros(3, bool), "source": "s", "system": "y",
    "from_training_data": False, "leakage_warnings": (), "unfinished": "", "checkpoint_digest": "",
}  # fmt: skip


@pytest.mark.parametrize("name", _VALID)
@pytest.mark.parametrize("value", [1, 1j, object(), np.array(1), [None], {1: 2}], ids=name_of)
def test_predictions_of_wrong_types_are_refused(name, value):
    with pytest.raises(PredictionsError, match=r"\Ainvalid predictions: .*\Z"):
        mien.Predictions(**_VALID | {name: value})


@pytest.mark.parametrize(
    "index", [None, 0, "x", 1j, [99], [-8], [0.5], [True], [[0]], [None], 2**70, object()], ids=name_of
)
def test_wrong_positions_of_faces_are_refused(index):
    with pytest.raises(DataError, match="index of faces"):
        mien.read_faces("synthetic:7").take(index)


@pytest.mark.parametrize("call", WRONG_CALLS.values(), ids=WRONG_CALLS)
def test_public_functions_refuse_wrong_arguments(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MienError) as caught:
        call()
    assert "\n" not in str(caught.value)
