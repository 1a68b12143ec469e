"""Int8: a quarter of the size, for a tenth of a point of accuracy or so.

Static quantization (Jacob et al. 2018) by ONNX Runtime: weights by channel, activations by tensor,
their ranges from training faces. It only inserts QuantizeLinear and DequantizeLinear of plain ONNX,
so that every engine reads the result.
"""

import contextlib
import io
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.quant_utils import add_pre_process_metadata

from mien.bundles.metadata import INPUT
from mien.exporting.convert import cleaned

BATCH: Final = 64
"""Faces whose activations are held at a time; also what one step of the moving average sees."""

QUANTIZED: Final = ("Conv", "Gemm", "MaxPool")
"""What costs time, and the pooling between; preparation and softmax stay in float. So does MatMul,
which is only in attention and costs nothing: OpenVINO 2026.4 computes it wrongly in int8 for more
than one face."""

CLASSIFIER: Final = "classifier.weight"
"""How the last layer's weight is called in every family of networks."""

RANGES: Final = {"CalibMovingAverage": True, "CalibMovingAverageConstant": 0.2}
"""Ranges follow the mean of the batches' extremes: one odd face doesn't coarsen all others."""


def quantized(model: onnx.ModelProto, faces: NDArray[np.uint8]) -> onnx.ModelProto:
    """Return `model` in int8, its first and last layers left in float.

    Weights keep to seven bits: processors with AVX2 but without VNNI add two products in 16 bits, and
    eight bits would overflow there. What was measured here thus holds elsewhere.

    Args:
        model: As `to_onnx` wrote it, or of a float32 bundle.
        faces: uint8, (m, side, side), one or more, as the graph takes them.
    """
    prepared = onnx.ModelProto()
    prepared.CopyFrom(model)
    add_pre_process_metadata(prepared)  # its point, BatchNorm folded and shapes inferred, is done
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        target = Path(folder) / "int8.onnx"
        quantize_static(
            prepared,
            target,
            _Faces(faces),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(QUANTIZED),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=_ends(model.graph),
            extra_options=RANGES,
        )
        return cleaned(onnx.load(target))


def _ends(graph: onnx.GraphProto) -> list[str]:
    """Names of the nodes that see the gray face, and of those that give the logits."""
    shapes = {tensor.name: tensor.dims for tensor in graph.initializer}
    weighted = [node for node in graph.node if len(node.input) > 1]
    first = [n.name for n in weighted if n.op_type == "Conv" and shapes.get(n.input[1], (0, 0))[1] == 1]
    last = [n.name for n in weighted if n.input[1].endswith(CLASSIFIER)]
    return first + last


class _Faces(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime brings no types
    """Hands the calibration its faces, a batch at a time."""

    def __init__(self, faces: NDArray[np.uint8]) -> None:
        self._batches = iter([faces[start : start + BATCH] for start in range(0, len(faces), BATCH)])

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        batch = next(self._batches, None)
        return None if batch is None else {INPUT: batch}
