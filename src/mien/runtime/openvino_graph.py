"""Graphs that OpenVINO executes, in bfloat16 where the CPU is faster with it."""

from collections.abc import Mapping, Sequence
from functools import cache
from threading import Lock
from types import ModuleType
from typing import Any

from numpy.typing import NDArray

from mien.errors import MienError
from mien.runtime.base import GraphOptions, TensorSpec
from mien.runtime.libraries import import_openvino
from mien.runtime.threads import thread_count


class OpenVinoGraph:
    """A graph in OpenVINO. Thread-safe: calls take turns, each with all threads.

    Args:
        content: The bytes of an ONNX file.
        options: Its `device` is one of OpenVINO, such as "cpu", "gpu" or "gpu.1".

    Raises:
        MissingExtraError: OpenVINO is not installed.
        MienError: OpenVINO doesn't find the device.
        Exception: OpenVINO can't run the graph; see `failures_as`.
    """

    engine = "openvino"

    def __init__(self, content: bytes, options: GraphOptions) -> None:
        core = _core(import_openvino())
        target = _require_device(core, options.device)
        settings = _cpu_settings(options) if target == "CPU" else {}
        model = core.read_model(content)
        # Before compiling: a compiled output may also have the name of a tensor inside the graph.
        self.inputs = tuple(map(_spec, model.inputs))
        self.outputs = tuple(map(_spec, model.outputs))
        compiled = core.compile_model(model, target, settings)
        self._request, self._turn = compiled.create_infer_request(), Lock()

    def run(
        self, inputs: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None
    ) -> dict[str, NDArray[Any]]:
        """Return the outputs by name; see `Graph.run`."""
        with self._turn:
            found = self._request.infer(dict(inputs), share_inputs=True)
        names = [spec.name for spec in self.outputs] if outputs is None else outputs
        return {name: found[name] for name in names}


@cache
def _core(openvino: ModuleType) -> Any:  # noqa: ANN401 - OpenVINO's types are not installed
    """Return the core of this process, which is never closed.

    The CPU plugin of a core gives its thread a signal stack, and puts back the earlier one when the core is
    closed. With several cores that can be the stack of one that was closed before: the next signal, such as
    Ctrl-C, then ends the process with a segmentation fault.
    """
    return openvino.Core()


def _require_device(core: Any, device: str) -> str:  # noqa: ANN401 - OpenVINO's types are not installed
    """Return a device as OpenVINO writes it."""
    target = device.upper()
    if target != "CPU" and target not in core.available_devices:
        known = ", ".join(core.available_devices).lower()
        raise MienError(f"device {device!r}: OpenVINO finds {known} on this machine")
    return target


def _cpu_settings(options: GraphOptions) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": thread_count(options.threads),
        # A pinned thread waits for its core, up to a second per call, while other programs compute.
        "ENABLE_CPU_PINNING": False,
    }
    return settings if options.precision == "auto" else settings | {"INFERENCE_PRECISION_HINT": "f32"}


def _spec(port: Any) -> TensorSpec:  # noqa: ANN401
    shape = (None if size.is_dynamic else size.get_length() for size in port.get_partial_shape())
    return TensorSpec(port.get_any_name(), tuple(shape))
