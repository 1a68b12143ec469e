"""The engine of the extra `openvino`: OpenVINO, in bfloat16 where the CPU is faster with it."""

from threading import Lock
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mien.bundles.metadata import LOGITS, PROBABILITIES
from mien.bundles.onnx_session import blaming
from mien.bundles.reading import Bundle
from mien.errors import MienError, MissingExtraError
from mien.recognition.engines.base import EngineOptions, EngineOutput
from mien.recognition.engines.batches import run_in_batches
from mien.recognition.engines.threads import thread_count

Precision = Literal["auto", "float32"]


class OpenVinoEngine:
    """Runs a bundle with OpenVINO. Thread-safe: calls take turns, each with all threads.

    Args:
        bundle: What to run.
        threads: Threads of one call on the CPU; None is one per usable core.
        device: A device of OpenVINO, such as "cpu", "gpu" or "gpu.1".
        precision: "auto" is the fastest, bfloat16 on newer CPUs; "float32" agrees with other engines
            within 1e-4.

    Raises:
        MissingExtraError: OpenVINO is not installed.
        BundleError: OpenVINO can't run the graph.
        MienError: OpenVINO doesn't find the device.
    """

    name = "openvino"

    def __init__(
        self,
        bundle: Bundle,
        *,
        threads: int | None = None,
        device: str = "cpu",
        precision: Precision = "auto",
    ) -> None:
        try:
            import openvino
        except ModuleNotFoundError as error:
            raise MissingExtraError("openvino", "openvino") from error
        self._metadata = bundle.metadata
        self._lock = Lock()
        core = openvino.Core()
        target = device.upper()
        if target != "CPU" and target not in core.available_devices:
            known = ", ".join(core.available_devices).lower()
            raise MienError(f"device {device!r}: OpenVINO finds {known} on this machine")
        settings = _settings(thread_count(threads), precision) if target == "CPU" else {}
        with blaming(bundle.name):
            model = core.compile_model(core.read_model(bundle.content), target, settings)
            self._request = model.create_infer_request()

    def __call__(self, faces: NDArray[np.uint8]) -> EngineOutput:
        """Return the predictions for faces, as many as there are."""
        return run_in_batches(faces, self._metadata, self._run)

    def _run(self, faces: NDArray[np.uint8]) -> EngineOutput:
        # One request for all callers bounds memory; it uses every thread by itself.
        with self._lock:
            found = self._request.infer([faces], share_inputs=True)
        return EngineOutput(found[PROBABILITIES], found[LOGITS])


def make_engine(bundle: Bundle, options: EngineOptions) -> OpenVinoEngine:
    """Return the engine; see `OpenVinoEngine`."""
    return OpenVinoEngine(bundle, threads=options.threads, device=options.device)


def _settings(threads: int, precision: Precision) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads,
        # A pinned thread waits for its core, up to a second per call, while other programs compute.
        "ENABLE_CPU_PINNING": False,
    }
    return settings if precision == "auto" else settings | {"INFERENCE_PRECISION_HINT": "f32"}
