"""The engine that is always available: ONNX Runtime, on the CPU or another of its execution providers."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mien.bundles.metadata import INPUT, LOGITS, PROBABILITIES
from mien.bundles.onnx_session import CPU_PROVIDER, blaming, open_session
from mien.bundles.reading import Bundle
from mien.errors import MienError
from mien.recognition.engines.base import EngineOptions, EngineOutput
from mien.recognition.engines.batches import run_in_batches
from mien.recognition.engines.threads import thread_count

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


class OnnxEngine:
    """Runs a bundle with ONNX Runtime. Thread-safe, as its sessions are.

    Args:
        bundle: What to run.
        threads: Threads of one call; None is one per usable core.
        device: One of `PROVIDERS`, or the name of an execution provider; a number after a colon
            chooses one of several devices, as in "cuda:1".

    Raises:
        BundleError: ONNX Runtime can't run the graph.
        MienError: This installation of ONNX Runtime doesn't have the device.
    """

    name = "onnx"

    def __init__(self, bundle: Bundle, *, threads: int | None = None, device: str = "cpu") -> None:
        self._metadata = bundle.metadata
        count, provider = thread_count(threads), provider_of(device)
        with blaming(bundle.name):
            self._session = open_session(bundle.content, count, provider=provider)
        if provider[0] not in self._session.get_providers():
            raise MienError(f"device {device!r}: ONNX Runtime can't use it on this machine; try 'cpu'")

    def __call__(self, faces: NDArray[np.uint8]) -> EngineOutput:
        """Return the predictions for faces, as many as there are."""
        return run_in_batches(faces, self._metadata, self._run)

    def _run(self, faces: NDArray[np.uint8]) -> EngineOutput:
        return EngineOutput(*self._session.run([PROBABILITIES, LOGITS], {INPUT: faces}))


def provider_of(device: str) -> Provider:
    """Return the execution provider of a device, and its options.

    Raises:
        MienError: This installation of ONNX Runtime doesn't have it.
    """
    import onnxruntime

    kind, _, number = device.partition(":")
    name = PROVIDERS.get(kind.lower(), kind)
    available = onnxruntime.get_available_providers()
    if name not in available or not (number == "" or number.isdecimal()):
        known = ", ".join([key for key, value in PROVIDERS.items() if value in available])
        raise MienError(
            f"device {device!r}: not in this installation of ONNX Runtime, which has {known}; "
            "other devices need another of its packages, such as onnxruntime-gpu"
        )
    return name, {"device_id": number} if number else {}


def make_engine(bundle: Bundle, options: EngineOptions) -> OnnxEngine:
    """Return the engine; see `OnnxEngine`."""
    return OnnxEngine(bundle, threads=options.threads, device=options.device)
