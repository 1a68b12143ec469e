"""The engine that is always available: ONNX Runtime, on the CPU or another of its execution providers."""

from mien.bundles.reading import Bundle
from mien.recognition.engines.base import EngineOptions
from mien.recognition.engines.graph_engine import GraphEngine


class OnnxEngine(GraphEngine):
    """Runs a bundle with ONNX Runtime.

    A device is one of `mien.runtime.onnx_graph.PROVIDERS`, or the name of an execution provider; a number
    after a colon chooses one of several devices, as in "cuda:1".
    """

    name = runtime = "onnx"

    def __init__(self, bundle: Bundle, *, threads: int | None = None, device: str = "cpu") -> None:
        super().__init__(bundle, threads=threads, device=device)

    multiple = 8
    """ONNX Runtime adds the numbers of the last few faces of a batch in another order than those of others,
    so only batches of such multiples give the same bits for a face, whatever faces are beside it."""


def make_engine(bundle: Bundle, options: EngineOptions) -> OnnxEngine:
    """Return the engine; see `OnnxEngine`."""
    return OnnxEngine(bundle, threads=options.threads, device=options.device)
