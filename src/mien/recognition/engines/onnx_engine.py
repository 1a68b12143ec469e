"""The engine that is always there: ONNX Runtime on the CPU, in float32."""

import numpy as np
from numpy.typing import NDArray

from mien.bundles.metadata import INPUT, LOGITS, PROBABILITIES
from mien.bundles.onnx_session import blaming, open_session
from mien.bundles.reading import Bundle
from mien.recognition.engines.base import Answers
from mien.recognition.engines.batches import answers_in_batches
from mien.recognition.engines.threads import thread_count


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
        self._card = bundle.metadata
        wanted = thread_count(threads)
        with blaming(bundle.name):
            self._session = open_session(bundle.content, wanted)

    def __call__(self, faces: NDArray[np.uint8]) -> Answers:
        """Return the answers for faces (n, side, side), gray; n may be 0."""
        return answers_in_batches(faces, self._card, self._look)

    def _look(self, faces: NDArray[np.uint8]) -> Answers:
        return Answers(*self._session.run([PROBABILITIES, LOGITS], {INPUT: faces}))
