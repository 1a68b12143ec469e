"""The engine that is always there: ONNX Runtime on the CPU, in float32."""

from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from mien.bundle.card import INPUT, LOGITS, PROBABILITIES
from mien.bundle.read import Bundle
from mien.predict.engine.base import Answers
from mien.predict.engine.batches import answers_in_batches, blaming
from mien.predict.engine.threads import thread_count

_SILENT: Final = 4
"""Fatal errors only: all others are raised, and stderr belongs to mien."""


class OnnxEngine:
    """Runs a bundle with ONNX Runtime. Thread-safe, as its sessions are.

    Args:
        bundle: What to run.
        threads: How many threads one call uses; None takes the cores this process may use.

    Raises:
        BundleError: ONNX Runtime can't run the graph.
    """

    name = "onnx"

    def __init__(self, bundle: Bundle, *, threads: int | None = None) -> None:
        self._card = bundle.card
        options = _options(thread_count(threads))
        onnxruntime.disable_telemetry_events()
        with blaming(bundle.name):
            self._session = onnxruntime.InferenceSession(
                bundle.content, options, providers=["CPUExecutionProvider"]
            )

    def __call__(self, faces: NDArray[np.uint8]) -> Answers:
        """Return the answers for faces (n, side, side), grey; n may be 0."""
        return answers_in_batches(faces, self._card, self._look)

    def _look(self, faces: NDArray[np.uint8]) -> Answers:
        return Answers(*self._session.run([PROBABILITIES, LOGITS], {INPUT: faces}))


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    # Told a number, ONNX Runtime doesn't pin its threads to cores, which fails in some containers.
    options.intra_op_num_threads = threads
    options.log_severity_level = _SILENT
    return options
