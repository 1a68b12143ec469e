"""Invalid graphs: each test makes one change to a valid one."""

from collections.abc import Callable

import onnx
import pytest
from onnx import TensorProto, helper

from bundle_builders import tiny_card, tiny_model
from mien.bundles.metadata import INPUT, LOGITS, PROBABILITIES
from mien.bundles.validation import check_graph
from mien.errors import BundleError

METADATA = tiny_card(classes=("dark", "bright"), size=8)
Change = Callable[[onnx.ModelProto], object]


def check(model: onnx.ModelProto) -> None:
    check_graph(model.SerializeToString(), model, METADATA)


def outside(tensor: TensorProto) -> TensorProto:
    """Store the data of a tensor in a file."""
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    return tensor


def weight(name: str = "far") -> TensorProto:
    return helper.make_tensor(name, TensorProto.FLOAT, [1], [1.0])


def in_branch(model: onnx.ModelProto) -> None:
    """Hide an outside tensor in the branch of an If."""
    constant = helper.make_node("Constant", [], ["inner"], value=outside(weight()))
    output = helper.make_tensor_value_info("inner", TensorProto.FLOAT, [1])
    branch = helper.make_graph([constant], "branch", [], [output])
    model.graph.node.append(
        helper.make_node("If", ["condition"], ["outer"], then_branch=branch, else_branch=branch)
    )


def sparse(model: onnx.ModelProto) -> None:
    values = outside(weight("values"))
    indices = helper.make_tensor("indices", TensorProto.INT64, [1], [0])
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [4]))


def in_constant(model: onnx.ModelProto) -> None:
    model.graph.node.insert(0, helper.make_node("Constant", [], ["unused"], value=outside(weight())))


def with_function(model: onnx.ModelProto) -> None:
    node = helper.make_node("Identity", ["x"], ["y"])
    opset = helper.make_opsetid("", 18)
    model.functions.append(helper.make_function("own", "Own", ["x"], ["y"], [node], [opset]))


def opset(version: int, domain: str = "") -> Change:
    def change(model: onnx.ModelProto) -> None:
        model.opset_import[0].version = version
        model.opset_import[0].domain = domain

    return change


def domain(model: onnx.ModelProto) -> None:
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    model.graph.node[-1].domain = "com.microsoft"


def type_of(value: onnx.ValueInfoProto) -> onnx.TypeProto.Tensor:
    return value.type.tensor_type


@pytest.mark.parametrize("version", [13, 18, 20, 21])
def test_a_graph_that_matches_its_metadata_is_valid(version: int) -> None:
    model = tiny_model(METADATA, opset=version)
    check(model)
    model.graph.input[0].name = "pictures"  # it is checked: another name is refused
    with pytest.raises(BundleError):
        check(model)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (opset(12), "needs ONNX opset 12; this version of mien supports 13 to 21"),
        (opset(99), "needs ONNX opset 99"),
        (opset(18, "ai.onnx.ml"), "of no version"),
        (lambda model: setattr(model, "ir_version", 99), "has ONNX format 99"),
        (domain, r"needs the operator com\.microsoft\.Softmax"),
        (with_function, "functions or training data"),
        (lambda model: model.training_info.add(), "functions or training data"),
        (lambda model: outside(model.graph.initializer[1]), "data of 'weight' in another file"),
        (in_branch, "needs the operator If"),
        (in_constant, "data of 'far' in another file"),
        (sparse, "sparse_initializer"),
        (lambda model: model.ClearField("graph"), "its input is nothing"),
        (lambda model: setattr(model.graph.input[0], "name", "x"), "its input is x uint8"),
        (
            lambda model: setattr(type_of(model.graph.input[0]), "elem_type", TensorProto.FLOAT),
            r"its input is faces float \(n, 8, 8\), but its metadata states faces uint8 \(n, 8, 8\)",
        ),
        (lambda model: setattr(type_of(model.graph.input[0]), "elem_type", 4711), "type 4711"),
        (
            lambda model: setattr(type_of(model.graph.input[0]).shape.dim[0], "dim_value", 2),
            r"faces uint8 \(2, 8, 8\)",
        ),
        (lambda model: type_of(model.graph.input[0]).ClearField("shape"), r"faces uint8 \(\)"),
        (
            lambda model: setattr(type_of(model.graph.output[0]).shape.dim[1], "dim_value", 7),
            r"probabilities float \(n, 7\)",
        ),
        (lambda model: model.graph.output.pop(), "its output is probabilities float"),
        (lambda model: model.graph.output.add(name="more"), "more undefined"),
        (lambda model: model.graph.node.pop(), "not valid ONNX"),
        (lambda model: setattr(model.graph.node[0], "op_type", "Nonsense"), "the operator Nonsense"),
        (lambda model: setattr(model.graph.node[0], "op_type", "Relu"), "not valid ONNX"),
        (lambda model: model.graph.initializer.pop(0), "not valid ONNX"),
        (lambda model: setattr(model.graph.initializer[0], "raw_data", b"abc"), "not valid ONNX"),
        (lambda model: model.graph.initializer[0].dims.append(5), "not valid ONNX"),
    ],
)
def test_anything_else_is_refused(change: Change, message: str) -> None:
    model = tiny_model(METADATA)
    change(model)
    with pytest.raises(BundleError, match=message):
        check(model)


def test_weights_may_be_listed_among_the_inputs_as_old_writers_do() -> None:
    model = tiny_model(METADATA)
    model.graph.input.append(helper.make_tensor_value_info("white", TensorProto.FLOAT, []))
    check(model)
    model.graph.input.append(helper.make_tensor_value_info("black", TensorProto.FLOAT, []))  # no weight
    with pytest.raises(BundleError):
        check(model)


def test_outputs_may_come_in_any_order() -> None:
    model = tiny_model(METADATA)
    model.graph.output.reverse()
    assert [value.name for value in model.graph.output] == [LOGITS, PROBABILITIES]
    assert model.graph.input[0].name == INPUT
    check(model)


def test_the_input_of_color_faces_has_channels() -> None:
    metadata = tiny_card(classes=("dark", "bright"), size=8, channels=3)
    model = tiny_model(metadata)
    check_graph(model.SerializeToString(), model, metadata)
    with pytest.raises(
        BundleError, match=r"uint8 \(n, 8, 8, 3\), but its metadata states faces uint8 \(n, 8, 8\)"
    ):
        check(model)
