"""Engines by name: `ENGINES` has the built-in ones and those of installed packages."""

from typing import Final

from mien.bundles.reading import Bundle
from mien.recognition.engines.base import Engine, EngineFactory, EngineOptions, require_engine
from mien.registry import Registry
from mien.runtime.opening import default_engine

ENGINES: Final = Registry[EngineFactory](
    "mien.engines",
    {
        "auto": "mien.recognition.engines.factory:make_default",
        "onnx": "mien.recognition.engines.onnx_engine:make_engine",
        "openvino": "mien.recognition.engines.openvino_engine:make_engine",
    },
    noun="engine",
)
"""Factories of engines by name."""


def make_engine(
    bundle: Bundle, engine: str | Engine = "auto", threads: int | None = None, device: str = "cpu"
) -> Engine:
    """Return an engine that runs `bundle`, by its name, or the given one.

    Args:
        bundle: What to run.
        engine: One of `ENGINES`, or an engine, to which the other arguments don't apply; "auto" is
            `make_default`.
        threads: Threads of one call; None is one per usable core.
        device: "cpu", or another device that the engine knows, such as "cuda".

    Raises:
        BundleError: The engine can't run the graph.
        MissingExtraError: The engine is not installed.
        MienError: There is no such engine or device, or the object is not an engine.
    """
    if isinstance(engine, str):
        return ENGINES.get(engine)(bundle, EngineOptions(threads, device))
    require_engine(engine)
    return engine


def make_default(bundle: Bundle, options: EngineOptions) -> Engine:
    """Return OpenVINO on the CPU if it is installed, else ONNX Runtime."""
    return ENGINES.get(default_engine(options.device))(bundle, options)
