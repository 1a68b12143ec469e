import sys

import pytest

from bundle_builders import in_memory
from mien.errors import MienError, MissingExtraError
from mien.recognition.engines.factory import make_engine


@pytest.fixture
def without_openvino(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)


@pytest.mark.parametrize(("kind", "name"), [("onnx", "onnx"), ("openvino", "openvino"), ("auto", "openvino")])
def test_an_engine_by_name(kind: str, name: str) -> None:
    assert make_engine(in_memory(), kind, threads=1).name == name


@pytest.mark.usefixtures("without_openvino")
def test_auto_is_onnx_runtime_without_openvino() -> None:
    assert make_engine(in_memory()).name == "onnx"


@pytest.mark.usefixtures("without_openvino")
def test_openvino_by_name_needs_its_extra() -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'mien\[openvino\]'"):
        make_engine(in_memory(), "openvino")


def test_an_engine_stays_itself_and_another_object_is_refused() -> None:
    bundle = in_memory()
    engine = make_engine(bundle, "onnx", threads=1)
    assert make_engine(bundle, engine) is engine
    with pytest.raises(MienError, match="an object of type int"):
        make_engine(bundle, 3)
