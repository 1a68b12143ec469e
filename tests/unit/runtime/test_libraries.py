import sys

import pytest

from mien.runtime.libraries import has_openvino, import_onnxruntime, import_openvino


def test_the_switch_of_onnx_runtime_is_set_unless_the_user_set_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for before, after in ((None, "1"), ("0", "0")):
        monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
        if before is not None:
            monkeypatch.setenv("ORT_DISABLE_TELEMETRY", before)
        import_onnxruntime()
        assert os.environ["ORT_DISABLE_TELEMETRY"] == after


def test_a_module_of_onnx_runtime_is_returned() -> None:
    assert hasattr(import_onnxruntime("onnxruntime.quantization"), "quantize_static")


def test_the_telemetry_of_openvino_is_hidden_during_the_import_only(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = object()
    monkeypatch.setitem(sys.modules, "openvino_telemetry", mine)
    assert import_openvino().__name__ == "openvino"
    assert sys.modules["openvino_telemetry"] is mine
    monkeypatch.delitem(sys.modules, "openvino_telemetry")
    import_openvino()
    assert "openvino_telemetry" not in sys.modules


def test_whether_openvino_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert has_openvino()
    monkeypatch.setitem(sys.modules, "openvino", None)
    assert not has_openvino()
