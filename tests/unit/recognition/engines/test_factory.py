import sys

import pytest

from bundle_builders import in_memory
from mien.errors import MienError, MissingExtraError
from mien.recognition.engines import onnx_engine
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


def test_auto_leaves_other_devices_to_onnx_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: ["CUDAExecutionProvider"])
    opened = []
    monkeypatch.setattr(
        onnx_engine, "open_session", lambda content, threads, provider: opened.append(provider) or Session()
    )
    assert make_engine(in_memory(), device="cuda:1").name == "onnx"
    assert opened == [("CUDAExecutionProvider", {"device_id": "1"})]


def test_a_device_that_onnx_runtime_falls_back_from_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "get_providers", lambda self: ["CPUExecutionProvider"])
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: ["CUDAExecutionProvider"])
    monkeypatch.setattr(onnx_engine, "open_session", lambda content, threads, provider: Session())
    with pytest.raises(MienError, match="device 'cuda': ONNX Runtime can't use it on this machine"):
        make_engine(in_memory(), "onnx", device="cuda")


class Session:
    """A session of ONNX Runtime on a GPU."""

    def get_providers(self) -> list[str]:
        return ["CUDAExecutionProvider"]
