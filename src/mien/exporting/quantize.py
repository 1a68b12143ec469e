"""Int8 quantization: a quarter of the size, for about a tenth of a point of accuracy.

Static quantization (Jacob et al. 2018) by ONNX Runtime: weights per channel, activations per tensor, with
ranges from training faces. It inserts QuantizeLinear and DequantizeLinear of standard ONNX only, so every
engine reads the result.
"""

import contextlib
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray

from mien.bundles.metadata import INPUT, LOGITS
from mien.exporting.convert import cleaned
from mien.exporting.ensemble import BLUR_NODE
from mien.runtime.libraries import import_onnxruntime

BATCH: Final = 64
"""Faces whose activations are in memory at a time; also one step of the moving average of the ranges."""

WEIGHTED: Final = ("Conv", "Gemm")
QUANTIZED: Final = (*WEIGHTED, "MaxPool")
"""The operators that take time, and the pooling between them; preprocessing and softmax stay in float.
MatMul does too: it occurs in attention only and takes no time, and OpenVINO 2026.4 computes it incorrectly
in int8 for more than one face."""

RANGES: Final = {"CalibMovingAverage": True, "CalibMovingAverageConstant": 0.2}
"""Ranges follow the mean of the batches' extremes, so that one outlier doesn't widen them."""


def quantized(model: onnx.ModelProto, faces: NDArray[np.uint8]) -> onnx.ModelProto:
    """Return `model` in int8, with its first and last layers in float.

    Weights have seven bits: processors with AVX2 but without VNNI add two products in 16 bits, where eight
    bits would overflow. So the accuracy measured here holds on those processors as well.

    Args:
        model: As `to_onnx` returns it, or of a float32 bundle.
        faces: uint8, one or more, (m, size, size) or (m, size, size, 3), after CLAHE.
    """
    quantization = import_onnxruntime("onnxruntime.quantization")
    prepared = onnx.ModelProto()
    prepared.CopyFrom(model)
    quantization.quant_utils.add_pre_process_metadata(
        prepared
    )  # already done: BatchNorm folded, shapes inferred
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        target = Path(folder) / "int8.onnx"
        quantization.quantize_static(
            prepared,
            target,
            _Faces(faces),
            quant_format=quantization.QuantFormat.QDQ,
            op_types_to_quantize=list(QUANTIZED),
            per_channel=True,
            reduce_range=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            nodes_to_exclude=_float_nodes(model.graph),
            extra_options=RANGES,
        )
        return cleaned(onnx.load(target))


def _float_nodes(graph: onnx.GraphProto) -> list[str]:
    """Return the names of the nodes that stay in float: the first and last layers, and the blur."""
    nodes = list(graph.node)
    return [
        *_nearest([(node, node.input, node.output) for node in nodes], INPUT),
        *_nearest([(node, node.output, node.input) for node in reversed(nodes)], LOGITS),
        *(node.name for node in nodes if _is_blur(node)),
    ]


def _nearest(edges: Sequence[tuple[onnx.NodeProto, Sequence[str], Sequence[str]]], start: str) -> list[str]:
    """Return the first weighted node on each path from `start`.

    Args:
        edges: Nodes with the values that lead to them and that they lead to, in topological order.
        start: Name of a value.
    """
    reached, found = {start}, list[str]()
    for node, before, after in edges:
        if not reached.intersection(before):
            continue
        if node.op_type in WEIGHTED and not _is_blur(node):
            found.append(node.name)
        else:
            reached.update(after)
    return found


def _is_blur(node: onnx.NodeProto) -> bool:
    """Return whether a node is the convolution of the blur, at any depth of joined bundles."""
    return node.name.endswith(BLUR_NODE)


class _Faces:
    """Feeds the calibration its faces, a batch at a time; what ONNX Runtime calls a CalibrationDataReader."""

    def __init__(self, faces: NDArray[np.uint8]) -> None:
        self._batches = iter([faces[start : start + BATCH] for start in range(0, len(faces), BATCH)])

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        batch = next(self._batches, None)
        return None if batch is None else {INPUT: batch}
