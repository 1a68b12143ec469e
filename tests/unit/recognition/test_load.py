"""mien.load: a recognizer of a bundle, an engine and a detector."""

import logging

import numpy as np
import pytest

import mien
from bundle_builders import gray_of, tiny_bundle
from mien.errors import BundleError, DetectorError, MienError
from mien.recognition import load as module


@pytest.fixture
def bundle(tmp_path):
    return tiny_bundle(tmp_path / "tiny.onnx")


def test_a_recognizer_of_what_was_asked_for(bundle):
    recognizer = mien.load(bundle, engine="onnx", detector="whole", threads=1, threshold=0.8)
    assert isinstance(recognizer, mien.Recognizer)
    assert (recognizer.engine.name, recognizer.detector.name) == ("onnx", "whole")
    assert (recognizer.metadata.name, recognizer.threshold) == ("tiny", 0.8)
    (face,) = recognizer(np.full((60, 60), gray_of("sad"), np.uint8))
    assert isinstance(face, mien.Face)
    assert face.label == "sad"


def test_the_path_may_be_text_and_the_threshold_is_the_bundles(bundle):
    assert mien.load(str(bundle), detector="haar", engine="onnx").threshold == 0.55


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"bundle": "nowhere.onnx"}, BundleError, "nowhere.onnx"),
        ({"detector": "eyes"}, DetectorError, "no detector 'eyes'"),
        ({"detector": "yunet", "detector_model": "gone.onnx"}, DetectorError, "gone.onnx"),
        ({"detector": "whole", "threshold": 1.5}, MienError, "threshold 1.5: expected a probability, 0 to 1"),
        ({"detector": "whole", "threshold": float("nan")}, MienError, "threshold nan"),
        ({"detector": "whole", "threads": 0}, MienError, "threads"),
    ],
)
def test_what_is_wrong_is_refused(bundle, options, error, message):
    with pytest.raises(error, match=message):
        mien.load(**{"bundle": bundle, "engine": "onnx"} | options)


def test_hints_of_the_detector_are_warnings_of_a_logger_or_go_where_one_says(bundle, monkeypatch, caplog):
    def hinting(name, *, model, offline, notice):
        notice(f"a hint about {name}")

    monkeypatch.setattr(module, "make_detector", hinting)
    mien.load(bundle, engine="onnx")
    assert [(one.name, one.levelno, one.message) for one in caplog.records] == [
        ("mien", logging.WARNING, "a hint about auto")
    ]
    said = []
    mien.load(bundle, engine="onnx", notice=said.append)
    assert said == ["a hint about auto"]
