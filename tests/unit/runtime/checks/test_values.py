"""Computed integers agree with ONNX's reference implementation."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from mien.runtime.checks.values import MAX_VALUES, Values

ONE = numpy_helper.from_array(np.array([1]))

CASES: list[tuple[str, list[Any], dict[str, Any]]] = [
    ("Range", [2, 11, 3], {}),
    ("Range", [5, -4, -2], {}),
    ("Range", [5, 1, 1], {}),
    ("Gather", [[4, 5, 6], [0, -1]], {"axis": 0}),
    ("Concat", [[1, 2], [3]], {"axis": 0}),
    ("Slice", [[1, 2, 3, 4, 5], [1], [4]], {}),
    ("Slice", [[1, 2, 3, 4, 5], [-1], [-6], [0], [-1]], {}),
    ("Slice", [[1, 2, 3, 4, 5], [3], [-(1 << 62)], [0], [-2]], {}),
    ("Slice", [[1, 2, 3, 4, 5], [1], [(1 << 63) - 1], [0], [2]], {}),
    ("Reshape", [[1, 2, 3, 4], [2, -1]], {}),
    ("Reshape", [[[1, 2], [3, 4]], [0, 2]], {}),
    ("Unsqueeze", [[1, 2], [0, 2]], {}),
    ("Squeeze", [[[1], [2]], [1]], {}),
    ("Expand", [[[1], [2]], [2, 3]], {}),
    ("ConstantOfShape", [[2, 2]], {"value": ONE}),
    ("Neg", [[1, -2]], {}),
    ("Add", [[1, 2], [[10], [20]]], {}),
    ("Sub", [[1, 2], 5], {}),
    ("Mul", [[1, 2], 5], {}),
    ("Div", [[7, -7, 7, -7], [2, 2, -2, -2]], {}),
    ("Where", [np.array([True, False]), [1, 2], [3, 4]], {}),
    ("Cast", [[1 << 33, 7]], {"to": TensorProto.INT32}),
    ("Cast", [[0, 7]], {"to": TensorProto.BOOL}),
    ("Equal", [[1, 2], [1, 3]], {}),
]


def computed(kind: str, inputs: list[Any], attributes: dict[str, Any]) -> NDArray[np.int64] | None:
    names = [f"i{at}" for at in range(len(inputs))]
    arrays = [np.asarray(one) for one in inputs]
    values = Values(numpy_helper.from_array(one, name) for one, name in zip(arrays, names, strict=True))
    values.compute(helper.make_node(kind, names, ["y"], **attributes), {})
    return values.arrays.get("y")


@pytest.mark.parametrize(("kind", "inputs", "attributes"), CASES)
def test_values_are_those_of_the_reference(kind: str, inputs: list[Any], attributes: dict[str, Any]) -> None:
    names = [f"i{at}" for at in range(len(inputs))]
    node = helper.make_node(kind, names, ["y"], **attributes)
    arrays = [np.asarray(one) for one in inputs]
    given = [
        helper.make_tensor_value_info(
            name, TensorProto.BOOL if one.dtype == bool else TensorProto.INT64, one.shape
        )
        for name, one in zip(names, arrays, strict=True)
    ]
    outputs = [helper.make_tensor_value_info("y", TensorProto.INT64, None)]
    model = helper.make_model(
        helper.make_graph([node], "g", given, outputs), opset_imports=[helper.make_opsetid("", 18)]
    )
    (expected,) = ReferenceEvaluator(model).run(None, dict(zip(names, arrays, strict=True)))
    np.testing.assert_array_equal(computed(kind, inputs, attributes), expected.astype(np.int64))


@pytest.mark.parametrize(
    ("kind", "inputs", "attributes"),
    [
        ("Range", [0, 1 << 40, 1], {}),
        ("Range", [0, 9, 0], {}),
        ("Div", [[1], [0]], {}),
        ("Expand", [[1], [MAX_VALUES + 1]], {}),
        ("ConstantOfShape", [[1 << 31, 1 << 31]], {"value": ONE}),
        ("ConstantOfShape", [[-1]], {"value": ONE}),
        ("ConstantOfShape", [[2]], {}),  # of floats
        ("Gather", [[1, 2], [5]], {"axis": 0}),
        ("Reshape", [[1, 2, 3], [2, 2]], {}),
        ("Concat", [[1], [2]], {}),
        ("Add", [[1, 2, 3], [1, 2]], {}),
    ],
)
def test_what_has_no_value_or_a_large_one_is_left_out(
    kind: str, inputs: list[Any], attributes: dict[str, Any]
) -> None:
    assert computed(kind, inputs, attributes) is None


def test_shapes_are_values() -> None:
    nodes = [
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("Shape", ["x"], ["part"], start=1),
        helper.make_node("Size", ["x"], ["size"]),
    ]
    values = Values(())
    for node in nodes:
        values.compute(node, {"x": (2, 3, 4)})
    assert {name: one.tolist() for name, one in values.arrays.items()} == {
        "shape": [2, 3, 4],
        "part": [3, 4],
        "size": 24,
    }


def test_the_values_of_a_graph_are_limited() -> None:
    nodes = [helper.make_node("Concat", [f"x{at}"] * 2, [f"x{at + 1}"], axis=0) for at in range(40)]
    values = Values([numpy_helper.from_array(np.array([1]), "x0")])
    for node in nodes:
        values.compute(node, {})
    assert 1 < sum(one.size for one in values.arrays.values()) <= 2 * MAX_VALUES
