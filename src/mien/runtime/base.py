"""The protocol of a graph: an ONNX file that a runtime executes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from numpy.typing import NDArray

Precision = Literal["auto", "float32"]
"""Of the arithmetic: "auto" is the fastest of the runtime and the CPU, such as bfloat16; "float32" agrees
between runtimes within 1e-4."""


@dataclass(frozen=True)
class TensorSpec:
    """An input or an output of a graph.

    Attributes:
        name: Its name in the graph.
        shape: Its dimensions; None is a dynamic one.
    """

    name: str
    shape: tuple[int | None, ...]


@dataclass(frozen=True)
class GraphOptions:
    """How a runtime executes a graph.

    Attributes:
        threads: Threads of one call on the CPU; None is one per usable core.
        device: "cpu", or another device that the runtime knows, such as "cuda:1" or "gpu".
        precision: Of OpenVINO; ONNX Runtime always computes in the types of the graph.
        spinning: Of ONNX Runtime: threads spin for a while after a call instead of sleeping at once. This
            lowers the latency of single calls, and occupies cores between them.
    """

    threads: int | None = None
    device: str = "cpu"
    precision: Precision = "auto"
    spinning: bool = True


class Graph(Protocol):
    """Executes an ONNX file. Calls may come from several threads at a time."""

    @property
    def engine(self) -> str:
        """The name of the runtime: "onnx" or "openvino"."""
        ...

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """The inputs, in the order of the graph."""
        ...

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """The outputs, in the order of the graph."""
        ...

    def run(
        self, inputs: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None
    ) -> dict[str, NDArray[Any]]:
        """Return the outputs by name.

        Args:
            inputs: An array for each input, of its type and a shape that it allows; contiguous arrays are
                not copied.
            outputs: Names of the outputs to return, in this order; all by default.

        Raises:
            Exception: The graph can't be run on these inputs; see `failures_as`.
        """
        ...
