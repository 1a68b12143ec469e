"""Graphs by the name of their engine."""

from typing import Final

from mien.errors import MienError
from mien.runtime.base import Graph, GraphOptions, Precision
from mien.runtime.libraries import has_openvino

ENGINES: Final = ("auto", "onnx", "openvino")
"""Names of the engines; "auto" is `default_engine`."""


def default_engine(device: str = "cpu") -> str:
    """Return "openvino" on the CPU if it is installed, else "onnx"."""
    return "openvino" if device == "cpu" and has_openvino() else "onnx"


def open_graph(
    content: bytes,
    *,
    engine: str = "auto",
    threads: int | None = None,
    device: str = "cpu",
    precision: Precision = "auto",
    spinning: bool = True,
) -> Graph:
    """Return a graph that runs an ONNX file.

    Args:
        content: The bytes of the file.
        engine: One of `ENGINES`.
        threads: Threads of one call on the CPU; one per usable core by default.
        device: "cpu", or another device that the engine knows.
        precision: See `Precision`.
        spinning: See `GraphOptions`.

    Raises:
        MissingExtraError: The engine is not installed.
        MienError: There is no such engine or device.
        Exception: The engine can't run the graph; see `failures_as`.
    """
    options = GraphOptions(threads, device, precision, spinning)
    name = default_engine(device) if engine == "auto" else engine
    if name == "onnx":
        from mien.runtime.onnx_graph import OnnxGraph

        return OnnxGraph(content, options)
    if name == "openvino":
        from mien.runtime.openvino_graph import OpenVinoGraph

        return OpenVinoGraph(content, options)
    raise MienError(f"no engine {engine!r}; expected one of {', '.join(ENGINES)}")
