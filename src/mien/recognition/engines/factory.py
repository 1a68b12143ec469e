"""The entrance to the engines: a name and a bundle in, an engine out."""

from importlib.util import find_spec
from typing import Literal

from mien.bundles.reading import Bundle
from mien.recognition.engines.base import Engine

Kind = Literal["auto", "onnx", "openvino"]


def make_engine(bundle: Bundle, kind: Kind = "auto", threads: int | None = None) -> Engine:
    """Return an engine that runs `bundle`.

    Args:
        bundle: What to run.
        kind: "auto" is "openvino" where it is installed, else "onnx".
        threads: How many threads one call uses; None takes the cores this process may use.

    Raises:
        BundleError: The engine can't run the graph.
        MissingExtraError: OpenVINO was asked for and is not installed.
    """
    if kind == "auto":
        kind = "openvino" if find_spec("openvino") else "onnx"
    if kind == "openvino":
        from mien.recognition.engines.openvino_engine import OpenVinoEngine

        return OpenVinoEngine(bundle, threads=threads)
    from mien.recognition.engines.onnx_engine import OnnxEngine

    return OnnxEngine(bundle, threads=threads)
