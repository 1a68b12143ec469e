"""Graphs that ONNX Runtime executes, on the CPU or another of its execution providers."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from numpy.typing import NDArray

from mien.errors import MienError
from mien.runtime.base import GraphOptions, TensorSpec
from mien.runtime.libraries import import_onnxruntime
from mien.runtime.threads import thread_count

CPU_PROVIDER: Final = "CPUExecutionProvider"

PROVIDERS: Final[Mapping[str, str]] = {
    "cpu": CPU_PROVIDER,
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "migraphx": "MIGraphXExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
}
"""Execution provider by device. A provider's own name is a device, too."""

Provider = tuple[str, dict[str, Any]]
"""Name and options of an execution provider."""

_SILENT: Final = 4
"""Log fatal errors only: all others are raised, and stderr belongs to mien."""

_STOP_SPINNING: Final = "session.force_spinning_stop"


class OnnxGraph:
    """A graph in ONNX Runtime. Thread-safe, as its sessions are.

    Args:
        content: The bytes of an ONNX file.
        options: Its `device` is one of `PROVIDERS` or the name of an execution provider; a number after a
            colon chooses one of several devices, as in "cuda:1".

    Raises:
        MienError: This installation of ONNX Runtime doesn't have the device.
        Exception: ONNX Runtime can't run the graph; see `failures_as`.
    """

    engine = "onnx"

    def __init__(self, content: bytes, options: GraphOptions) -> None:
        count, provider = thread_count(options.threads), provider_of(options.device)
        self._session = _open_session(content, count, provider, spinning=options.spinning)
        if provider[0] not in self._session.get_providers():
            raise MienError(
                f"device {options.device!r}: ONNX Runtime can't use it on this machine; try 'cpu'"
            )
        self.inputs = tuple(map(_spec, self._session.get_inputs()))
        self.outputs = tuple(map(_spec, self._session.get_outputs()))

    def run(
        self, inputs: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None
    ) -> dict[str, NDArray[Any]]:
        """Return the outputs by name; see `Graph.run`."""
        names = [spec.name for spec in self.outputs] if outputs is None else list(outputs)
        return dict(zip(names, self._session.run(names, dict(inputs)), strict=True))


def devices() -> list[str]:
    """Return the names of `PROVIDERS` that this installation of ONNX Runtime has."""
    available = import_onnxruntime().get_available_providers()
    return [device for device, provider in PROVIDERS.items() if provider in available]


def provider_of(device: str) -> Provider:
    """Return the execution provider of a device, and its options.

    Raises:
        MienError: This installation of ONNX Runtime doesn't have it.
    """
    kind, _, number = device.partition(":")
    name = PROVIDERS.get(kind.lower(), kind)
    available = import_onnxruntime().get_available_providers()
    if name not in available or not (number == "" or number.isdecimal()):
        raise MienError(
            f"device {device!r}: not in this installation of ONNX Runtime, which has {', '.join(devices())}; "
            "other devices need another of its packages, such as onnxruntime-gpu"
        )
    return name, {"device_id": number} if number else {}


def _open_session(content: bytes, threads: int, provider: Provider, *, spinning: bool) -> Any:  # noqa: ANN401
    onnxruntime = import_onnxruntime()
    options = onnxruntime.SessionOptions()
    # With an explicit number, ONNX Runtime doesn't pin threads to cores, which fails in some containers.
    options.intra_op_num_threads = threads
    options.log_severity_level = _SILENT
    if not spinning:
        options.add_session_config_entry(_STOP_SPINNING, "1")
    providers = [provider] if provider[0] == CPU_PROVIDER else [provider, CPU_PROVIDER]
    return onnxruntime.InferenceSession(content, options, providers=providers)


def _spec(argument: Any) -> TensorSpec:  # noqa: ANN401 - ONNX Runtime has no types
    shape = (size if isinstance(size, int) else None for size in argument.shape)
    return TensorSpec(argument.name, tuple(shape))
