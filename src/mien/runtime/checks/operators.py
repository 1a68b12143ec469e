"""The operators that a graph may have: deterministic, standard, with outputs of known size.

Operators with subgraphs (Loop, If, Scan), recurrent and random ones, those whose output size depends on
values (NonZero, TopK, Unique), and those that read or write at computed positions (GatherND, ScatterND,
GridSample) are left out: runtimes check too little of what they are given.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import onnx
from onnx import AttributeProto, TensorProto

from mien.errors import GraphError

DOMAINS: Final = ("", "ai.onnx")
"""The two names of the standard operator domain, the only one allowed."""

_ELEMENTWISE: Final = """
    Abs Ceil Celu Clip Cos Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity LeakyRelu Log Mish Neg Not
    Reciprocal Relu Round Selu Sigmoid Sign Sin Softplus Softsign Sqrt Tanh ThresholdedRelu Cast
    Add And Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Mul Or Pow PRelu Sub Sum Where
    QuantizeLinear DequantizeLinear
"""
_LAYERS: Final = """
    AveragePool BatchNormalization Conv Einsum Gemm GlobalAveragePool GlobalMaxPool GroupNormalization
    InstanceNormalization LayerNormalization LogSoftmax LpNormalization LRN MatMul MaxPool
    ReduceL1 ReduceL2 ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare
    Resize Softmax
"""
_SHAPES: Final = """
    Concat Constant ConstantOfShape DepthToSpace Expand Flatten Gather Pad Range Reshape Shape Size Slice
    SpaceToDepth Split Squeeze Tile Transpose Unsqueeze
"""

OPERATORS: Final = frozenset(f"{_ELEMENTWISE} {_LAYERS} {_SHAPES}".split())
"""Names of the operators of a graph."""

_KINDS: Final = frozenset(
    {
        AttributeProto.FLOAT,
        AttributeProto.INT,
        AttributeProto.STRING,
        AttributeProto.TENSOR,
        AttributeProto.FLOATS,
        AttributeProto.INTS,
    }
)
"""Types of attributes; strings that are tensors, graphs and sparse tensors are not among them."""

_COUNTS: Final = frozenset(
    {"strides", "dilations", "kernel_shape", "group", "num_groups", "blocksize", "num_outputs"}
)
"""Attributes that are 1 or more."""

_WORDS: Final = {
    "auto_pad": b"NOTSET SAME_UPPER SAME_LOWER VALID",
    "mode": b"constant edge reflect nearest linear cubic",
    "coordinate_transformation_mode": b"half_pixel half_pixel_symmetric pytorch_half_pixel align_corners "
    b"asymmetric",
    "nearest_mode": b"round_prefer_floor round_prefer_ceil floor ceil",
    "keep_aspect_ratio_policy": b"stretch not_larger not_smaller",
    "approximate": b"none tanh",
}
"""Strings that an attribute may have: OpenVINO crashes on others. Equations are checked elsewhere."""

_MOST_NUMBERS: Final = 64
"""Most numbers in an attribute, two for each axis and more."""

_LARGEST: Final = 1 << 16
"""Largest number in an attribute; a constant may have any."""

_CONSTANTS: Final = frozenset({"Constant", "ConstantOfShape"})
"""Operators that have a tensor as an attribute."""


def check_nodes(nodes: Iterable[onnx.NodeProto]) -> None:
    """Check operators and attributes.

    Raises:
        GraphError: An operator is not allowed, or an attribute is out of range.
    """
    for node in nodes:
        _check_operator(node)
        for attribute in node.attribute:
            _check_attribute(node, attribute)


def _check_operator(node: onnx.NodeProto) -> None:
    if node.domain not in DOMAINS:
        raise GraphError(
            f"needs the operator {node.domain}.{node.op_type}, which is not a standard ONNX operator"
        )
    if node.op_type not in OPERATORS or node.overload:
        raise GraphError(
            f"needs the operator {node.op_type}, which mien doesn't run; docs/guides/export.md lists "
            "those of bundles"
        )


def _check_attribute(node: onnx.NodeProto, attribute: AttributeProto) -> None:
    where = f"{described(node)}: attribute {attribute.name}"
    if attribute.type not in _KINDS or attribute.ref_attr_name:
        raise GraphError(f"{where} is not a number, a word or a tensor")
    if attribute.type == AttributeProto.STRING and not _is_known_word(attribute):
        raise GraphError(f"{where} is {attribute.s[:40]!r}, which is not one of the standard's")
    if attribute.type == AttributeProto.TENSOR and node.op_type not in _CONSTANTS:
        raise GraphError(f"{where} is a tensor")
    if node.op_type in _CONSTANTS:
        return
    numbers = [attribute.i, *attribute.ints]
    if len(numbers) > _MOST_NUMBERS or not all(-_LARGEST <= number <= _LARGEST for number in numbers):
        raise GraphError(f"{where} is out of range")
    if attribute.name in _COUNTS and not min([*attribute.ints] or [attribute.i]) >= 1:
        raise GraphError(f"{where} is less than 1")
    if attribute.name == "pads" and min(attribute.ints, default=0) < 0:
        raise GraphError(f"{where} is negative")
    if attribute.name == "training_mode" and attribute.i:
        raise GraphError(f"{where}: a graph of a bundle doesn't train")


def _is_known_word(attribute: AttributeProto) -> bool:
    return attribute.name == "equation" or attribute.s in _WORDS.get(attribute.name, b"").split()


def described(node: onnx.NodeProto) -> str:
    """Return a node in an error: its operator and the name of its first output."""
    return f"{node.op_type} {next(iter(node.output), node.name)!r}"


ITEM_BYTES: Final[Mapping[int, int]] = {
    TensorProto.FLOAT: 4,
    TensorProto.UINT8: 1,
    TensorProto.INT8: 1,
    TensorProto.UINT16: 2,
    TensorProto.INT16: 2,
    TensorProto.INT32: 4,
    TensorProto.INT64: 8,
    TensorProto.BOOL: 1,
    TensorProto.FLOAT16: 2,
    TensorProto.DOUBLE: 8,
    TensorProto.UINT32: 4,
    TensorProto.UINT64: 8,
    TensorProto.BFLOAT16: 2,
}
"""Bytes of a number by the type of a tensor: the types that a graph may have."""
