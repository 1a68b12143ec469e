"""The engine of the extra `openvino`: OpenVINO, in bfloat16 where the CPU is faster with it."""

from mien.bundles.reading import Bundle
from mien.recognition.engines.base import EngineOptions
from mien.recognition.engines.graph_engine import GraphEngine
from mien.runtime.base import Precision


class OpenVinoEngine(GraphEngine):
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
        super().__init__(bundle, "openvino", threads=threads, device=device, precision=precision)


def make_engine(bundle: Bundle, options: EngineOptions) -> OpenVinoEngine:
    """Return the engine; see `OpenVinoEngine`."""
    return OpenVinoEngine(bundle, threads=options.threads, device=options.device)
