"""The engine of the extra `openvino`: OpenVINO, in bfloat16 where the CPU is faster with it."""

from mien.bundles.reading import Bundle
from mien.recognition.engines.base import EngineOptions
from mien.recognition.engines.graph_engine import GraphEngine


class OpenVinoEngine(GraphEngine):
    """Runs a bundle with OpenVINO: calls take turns, each with all threads.

    A device is one of OpenVINO, such as "cpu", "gpu" or "gpu.1".
    """

    name = runtime = "openvino"


def make_engine(bundle: Bundle, options: EngineOptions) -> OpenVinoEngine:
    """Return the engine; see `OpenVinoEngine`."""
    return OpenVinoEngine(bundle, threads=options.threads, device=options.device)
