"""mien.load: a recognizer of a bundle, an engine and a detector."""

import copy
import logging
import pickle
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

import mien
from bundle_builders import gray_of, tiny_bundle
from mien.detection.base import Detection, Framing
from mien.detection.box import Box
from mien.detection.whole import WholeImage
from mien.errors import BundleError, DetectorError, MienError
from mien.recognition import load as module
from mien.recognition.engines.base import EngineOutput


@pytest.fixture
def bundle(tmp_path):
    return tiny_bundle(tmp_path / "tiny.onnx")


def test_a_recognizer_of_a_bundle_an_engine_and_a_detector(bundle):
    recognizer = mien.load(bundle, engine="onnx", detector="whole", threads=1, threshold=0.8)
    assert isinstance(recognizer, mien.Recognizer)
    assert (recognizer.engine.name, recognizer.detector.name) == ("onnx", "whole")
    assert (recognizer.metadata.name, recognizer.threshold) == ("tiny", 0.8)
    (face,) = recognizer(np.full((60, 60), gray_of("sad"), np.uint8))
    assert isinstance(face, mien.Face)
    assert face.label == "sad"


def test_a_bundle_that_is_read_already_is_loaded(bundle):
    opened = mien.read_bundle(bundle)
    assert mien.load(opened, detector="whole", engine="onnx").metadata == opened.metadata


def test_the_path_may_be_text_and_the_threshold_is_the_bundles(bundle):
    assert mien.load(str(bundle), detector="mtcnn", engine="onnx").threshold == 0.55


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"bundle": "nowhere.onnx"}, BundleError, "nowhere.onnx"),
        ({"detector": "eyes"}, DetectorError, "no detector 'eyes'"),
        ({"detector": "yunet", "detector_model": "gone.onnx"}, DetectorError, "gone.onnx"),
        ({"detector": "whole", "threshold": 1.5}, MienError, "threshold 1.5: expected a probability, 0 to 1"),
        ({"detector": "whole", "threshold": float("nan")}, MienError, "threshold nan"),
        ({"detector": "whole", "threshold": "x"}, MienError, "threshold 'x': expected a probability"),
        ({"detector": "whole", "threads": 0}, MienError, "threads"),
        ({"bundle": 3}, BundleError, "bundle of type int, expected a path or a shipped name"),
        ({"detector": object()}, DetectorError, "an object of type object, .*with name, framing and detect"),
        ({"detector": WholeImage}, DetectorError, "the class WholeImage, expected .*Detector"),
        (
            {"detector": "whole", "engine": object()},
            MienError,
            "type object, .*Engine, with name and __call__",
        ),
    ],
)
def test_invalid_arguments_are_refused(bundle, options, error, message):
    with pytest.raises(error, match=message):
        mien.load(**{"bundle": bundle, "engine": "onnx"} | options)


def test_notices_of_the_detector_are_logged_or_passed_to_a_callback(bundle, monkeypatch, caplog):
    def hinting(name, options):
        options.notice(f"a hint about {name}")
        return WholeImage()

    monkeypatch.setattr(module, "make_detector", hinting)
    mien.load(bundle, engine="onnx")
    assert [(one.name, one.levelno, one.message) for one in caplog.records] == [
        ("mien", logging.WARNING, "a hint about auto")
    ]
    said = []
    mien.load(bundle, engine="onnx", notice=said.append)
    assert said == ["a hint about auto"]


def test_any_object_of_the_protocols_is_a_detector_or_an_engine(bundle):
    class Left:
        name, framing = "left", Framing()

        def detect(self, image):
            return [Detection(Box(0.0, 0.0, 20.0, 20.0), 0.75)]

    class Constant:
        name = "constant"

        def __call__(self, faces):
            rows = np.tile(np.array([0, 0, 0, 0, 0, 0, 1], np.float32), (len(faces), 1))
            return EngineOutput(rows, rows)

    recognizer = mien.load(bundle, detector=Left(), engine=Constant())
    (face,) = recognizer(np.zeros((40, 60), np.uint8))
    assert (face.box, face.score, face.label) == (Box(0, 0, 20, 20), 0.75, "neutral")
    assert "engine constant, detector left" in repr(recognizer)


PLUGIN = """
from mien.detection.base import Detection, Framing
from mien.detection.box import Box
from mien.recognition.engines.onnx_engine import OnnxEngine

class Corner:
    name, framing = "corner", Framing()
    def detect(self, image):
        return [Detection(Box(0.0, 0.0, 8.0, 8.0), 1.0)]

def make_corner(options):
    options.require_no_model("corner")
    return Corner()

class Slow(OnnxEngine):
    name = "slow"

def make_slow(bundle, options):
    return Slow(bundle, threads=1)
"""


def test_a_package_adds_a_detector_and_an_engine_by_name(bundle, tmp_path, monkeypatch):
    (tmp_path / "corner_plugin.py").write_text(PLUGIN)
    info = tmp_path / "corner_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: corner-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[mien.detectors]\ncorner = corner_plugin:make_corner\n"
        "[mien.engines]\nslow = corner_plugin:make_slow\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    recognizer = mien.load(bundle, detector="corner", engine="slow")
    assert (recognizer.detector.name, recognizer.engine.name) == ("corner", "slow")
    assert recognizer(np.full((60, 60), gray_of("sad"), np.uint8))[0].label == "sad"
    with pytest.raises(DetectorError, match="a detector model is for yunet, not for corner"):
        mien.load(bundle, detector="corner", detector_model="a.onnx")
    monkeypatch.delitem(sys.modules, "corner_plugin")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "tpu"}, "no engine 'tpu'; expected one of auto, onnx, openvino"),
        (
            {"engine": "onnx", "device": "tpu"},
            "device 'tpu': not in this installation of ONNX Runtime, which has cpu",
        ),
        ({"engine": "onnx", "device": "cuda:x"}, "device 'cuda:x': not in this installation"),
        ({"engine": "openvino", "device": "tpu"}, "device 'tpu': OpenVINO finds .*cpu"),
    ],
)
def test_engines_and_devices_that_do_not_exist_are_named(bundle, options, message):
    with pytest.raises(MienError, match=message):
        mien.load(bundle, detector="whole", **options)


@pytest.mark.parametrize("engine", ["onnx", "openvino"])
def test_a_color_bundle_of_another_size(tmp_path, engine):
    bundle = tiny_bundle(tmp_path / "color.onnx", channels=3, size=64)
    recognizer = mien.load(bundle, engine=engine, detector="whole")
    image = np.full((50, 70, 3), gray_of("fear"), np.uint8)
    result = recognizer.recognize(image)
    assert [face.label for face in result.faces] == ["fear"]
    assert recognizer.batch([image])[0] == result.faces
    assert recognizer.classify(np.full((2, 48, 48), gray_of("sad"), np.uint8))[1].label == "sad"


def label_in_another_process(recognizer, level):
    return recognizer(np.full((60, 60), level, np.uint8))[0].label


def test_a_recognizer_is_loaded_again_in_another_process(bundle, monkeypatch):
    monkeypatch.chdir(bundle.parent)
    recognizer = mien.load(bundle.name, engine="onnx", detector="whole", threads=1, max_faces=2)
    recognizer.threshold = 0.9
    monkeypatch.chdir("/")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert pool.submit(label_in_another_process, recognizer, gray_of("sad")).result(60) == "sad"
    again = pickle.loads(pickle.dumps(recognizer))
    assert (again.threshold, again.arguments["max_faces"], again.detector.name) == (0.9, 2, "whole")
    assert copy.deepcopy(recognizer).classes == recognizer.classes


def test_a_recognizer_of_objects_cannot_be_pickled(bundle):
    recognizer = mien.load(bundle, engine="onnx", detector=WholeImage())
    with pytest.raises(MienError, match="can't be pickled or copied"):
        pickle.dumps(recognizer)
