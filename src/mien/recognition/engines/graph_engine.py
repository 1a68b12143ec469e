"""The engine over a graph of `mien.runtime`: what both built-in engines share."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mien.bundles.metadata import INPUT, LOGITS, PROBABILITIES
from mien.bundles.reading import Bundle
from mien.errors import BundleError
from mien.recognition.engines.base import EngineOutput
from mien.recognition.engines.batches import run_in_batches
from mien.runtime.base import Precision
from mien.runtime.failures import failures_as
from mien.runtime.opening import open_graph


class GraphEngine:
    """Runs a bundle with the runtime that the subclass names. Thread-safe.

    Args:
        bundle: What to run.
        threads: Threads of one call on the CPU; None is one per usable core.
        device: "cpu", or another device that the runtime knows.
        precision: Of OpenVINO; see `mien.runtime.base.Precision`.

    Raises:
        BundleError: The runtime can't run the graph.
        MienError: The runtime or its device is not available.
    """

    name: ClassVar[str]
    runtime: ClassVar[str]
    """One of `mien.runtime.opening.ENGINES`."""

    def __init__(
        self,
        bundle: Bundle,
        *,
        threads: int | None = None,
        device: str = "cpu",
        precision: Precision = "auto",
    ) -> None:
        self._bundle = bundle
        with failures_as(BundleError, f"bundle {bundle.name}"):
            self._graph = open_graph(
                bundle.content, engine=self.runtime, threads=threads, device=device, precision=precision
            )

    def __call__(self, faces: NDArray[np.uint8]) -> EngineOutput:
        """Return the predictions for faces, as many as there are."""
        return run_in_batches(faces, self._bundle, self._run)

    def _run(self, faces: NDArray[np.uint8]) -> EngineOutput:
        found = self._graph.run({INPUT: faces}, [PROBABILITIES, LOGITS])
        return EngineOutput(found[PROBABILITIES], found[LOGITS])
