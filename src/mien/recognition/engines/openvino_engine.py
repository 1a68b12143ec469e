"""The fast engine of the extra `openvino`: OpenVINO on the CPU, in bfloat16 where that is quick."""

from threading import Lock
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mien.bundles.metadata import LOGITS, PROBABILITIES
from mien.bundles.onnx_session import blaming
from mien.bundles.reading import Bundle
from mien.errors import MissingExtraError
from mien.recognition.engines.base import Answers
from mien.recognition.engines.batches import answers_in_batches
from mien.recognition.engines.threads import thread_count

Precision = Literal["auto", "float32"]


class OpenVinoEngine:
    """Runs a bundle with OpenVINO. Thread-safe: calls take turns, each with all the threads.

    Args:
        bundle: What to run.
        threads: How many threads one call uses; None takes the cores this process may use.
        precision: "auto" is what OpenVINO finds fastest, bfloat16 on newer CPUs; "float32"
            gives the answers of other engines within 1e-4.

    Raises:
        MissingExtraError: OpenVINO is not installed.
        BundleError: OpenVINO can't run the graph.
    """

    name = "openvino"

    def __init__(self, bundle: Bundle, *, threads: int | None = None, precision: Precision = "auto") -> None:
        try:
            import openvino
        except ModuleNotFoundError as error:
            raise MissingExtraError("openvino", "openvino") from error
        self._card = bundle.metadata
        self._lock = Lock()
        settings = _settings(thread_count(threads), precision)
        with blaming(bundle.name):
            core = openvino.Core()
            model = core.compile_model(core.read_model(bundle.content), "CPU", settings)
            self._request = model.create_infer_request()

    def __call__(self, faces: NDArray[np.uint8]) -> Answers:
        """Return the answers for faces (n, side, side), gray; n may be 0."""
        return answers_in_batches(faces, self._card, self._look)

    def _look(self, faces: NDArray[np.uint8]) -> Answers:
        # One request for all callers keeps memory bounded, and it uses every thread by itself.
        with self._lock:
            found = self._request.infer([faces], share_inputs=True)
        return Answers(found[PROBABILITIES], found[LOGITS])


def _settings(threads: int, precision: Precision) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads,
        # A pinned thread waits for its core, up to a second a call, where others compute too.
        "ENABLE_CPU_PINNING": False,
    }
    return settings if precision == "auto" else settings | {"INFERENCE_PRECISION_HINT": "f32"}
