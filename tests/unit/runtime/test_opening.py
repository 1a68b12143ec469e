import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from mien.errors import MienError, MissingExtraError
from mien.runtime import onnx_graph, openvino_graph
from mien.runtime.base import GraphOptions, TensorSpec
from mien.runtime.libraries import import_onnxruntime
from mien.runtime.opening import default_engine, open_graph
from mien.runtime.shapes import with_dynamic_shapes

BOTH = ["onnx", "openvino"]


def doubling(shape: list[int | str]) -> bytes:
    """A graph with the outputs x + x and, by the name "negative", -x."""
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("x", "twice", "negative")
    ]
    nodes = [helper.make_node("Add", ["x", "x"], ["twice"]), helper.make_node("Neg", ["x"], ["negative"])]
    graph = helper.make_graph(nodes, "doubling", values[:1], values[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString())


def ones(*shape: int) -> NDArray[np.float32]:
    return np.ones(shape, np.float32)


@pytest.mark.parametrize("engine", BOTH)
def test_a_graph_returns_its_outputs_by_name_for_any_dynamic_shape(engine: str) -> None:
    graph = open_graph(doubling([1, "height", "width"]), engine=engine, threads=1, precision="float32")
    assert graph.engine == engine
    assert graph.inputs == (TensorSpec("x", (1, None, None)),)
    assert [spec.name for spec in graph.outputs] == ["twice", "negative"]
    for height, width in ((2, 3), (5, 4), (2, 3)):
        found = graph.run({"x": ones(1, height, width)})
        np.testing.assert_array_equal(found["twice"], 2 * ones(1, height, width))
        np.testing.assert_array_equal(found["negative"], -ones(1, height, width))
    assert list(graph.run({"x": ones(1, 1, 1)}, ["negative"])) == ["negative"]


@pytest.mark.parametrize("engine", BOTH)
def test_a_fixed_shape_is_freed_without_warnings(engine: str, capfd: pytest.CaptureFixture[str]) -> None:
    content = with_dynamic_shapes(doubling([1, 3, 4]), {"x": (1, None, None)})
    graph = open_graph(content, engine=engine, threads=1)
    assert graph.run({"x": ones(1, 7, 9)})["twice"].shape == (1, 7, 9)
    assert capfd.readouterr() == ("", "")


def test_freed_shapes_keep_the_given_dimensions() -> None:
    model = onnx.load_model_from_string(with_dynamic_shapes(doubling([1, 3, 4]), {"x": (1, 3, None)}))
    dimensions = model.graph.input[0].type.tensor_type.shape.dim
    assert [size.dim_value for size in dimensions] == [1, 3, 0]


@pytest.mark.parametrize("engine", BOTH)
def test_threads_share_a_graph(engine: str) -> None:
    graph = open_graph(doubling(["n"]), engine=engine, threads=1, precision="float32")
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda value: graph.run({"x": value * ones(50)})["twice"], range(40)))
    assert [set(one) for one in found] == [{2.0 * value} for value in range(40)]


@pytest.mark.parametrize("spinning", [True, False], ids=["spinning", "resting"])
def test_onnx_runtime_uses_the_given_threads_of_the_cpu(spinning: bool) -> None:
    session = onnx_graph.OnnxGraph(doubling([1]), GraphOptions(threads=2, spinning=spinning))._session
    assert session.get_session_options().intra_op_num_threads == 2
    assert session.get_providers() == ["CPUExecutionProvider"]


def test_openvino_gets_the_given_threads() -> None:
    assert openvino_graph._cpu_settings(GraphOptions(threads=2))["INFERENCE_NUM_THREADS"] == 2


def test_what_onnx_runtime_refuses_is_raised_in_silence(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Exception, match=r"."):
        open_graph(b"\x08no graph", engine="onnx", threads=1)
    assert capfd.readouterr().err == "", "stderr belongs to mien"


def test_an_unknown_engine_is_an_error() -> None:
    with pytest.raises(MienError, match="no engine 'tpu'; expected one of auto, onnx, openvino"):
        open_graph(b"", engine="tpu")


def test_the_default_is_openvino_on_the_cpu_if_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [default_engine(), default_engine("cuda")] == ["openvino", "onnx"]
    monkeypatch.setitem(sys.modules, "openvino", None)
    assert default_engine() == "onnx"
    with pytest.raises(MissingExtraError, match=r"pip install 'mien\[openvino\]'"):
        open_graph(doubling([1]), engine="openvino")


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """An ONNX Runtime with CUDA: the providers that a session was opened with, and those that it has."""
    state: dict[str, Any] = {"has": ["CUDAExecutionProvider"]}

    def session(content: bytes, options: object, providers: list[Any]) -> SimpleNamespace:
        state["opened"] = providers
        return SimpleNamespace(get_providers=lambda: state["has"], get_inputs=list, get_outputs=list)

    monkeypatch.setattr(import_onnxruntime(), "get_available_providers", lambda: ["CUDAExecutionProvider"])
    monkeypatch.setattr(import_onnxruntime(), "InferenceSession", session)
    return state


def test_another_device_is_an_execution_provider_with_the_cpu_as_fallback(sessions: dict[str, Any]) -> None:
    assert open_graph(b"", device="cuda:1").engine == "onnx"
    assert sessions["opened"] == [("CUDAExecutionProvider", {"device_id": "1"}), "CPUExecutionProvider"]


def test_a_device_that_onnx_runtime_falls_back_from_is_an_error(sessions: dict[str, Any]) -> None:
    sessions["has"] = ["CPUExecutionProvider"]
    with pytest.raises(MienError, match="device 'cuda': ONNX Runtime can't use it on this machine"):
        open_graph(b"", device="cuda")


def test_signals_arrive_after_graphs_of_openvino_are_closed_in_any_order() -> None:
    script = """
import signal, sys
from mien.runtime.opening import open_graph
content, got = sys.stdin.buffer.read(), []
graphs = [open_graph(content, engine="openvino", threads=1) for _ in range(2)]
while graphs:
    del graphs[0]  # the first one first
signal.signal(signal.SIGTERM, lambda *_: got.append("SIGTERM"))
signal.raise_signal(signal.SIGTERM)
print(*got)
"""
    pytest.importorskip("openvino")
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", script],
        input=doubling([1, "height", "width"]), capture_output=True, timeout=100, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.split()) == (0, [b"SIGTERM"]), done.stderr.decode()
