"""Int8: smaller, nearly the same output, in every engine, with standard ONNX operators only."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from bundle_builders import tiny_card
from export_builders import ENGINES, conv_component
from mien.bundles.reading import Bundle
from mien.bundles.seal import sealed
from mien.config.training import TTA
from mien.exporting.convert import cleaned
from mien.exporting.ensemble import ensemble as put_together
from mien.exporting.quantize import quantized
from mien.recognition.engines.onnx_engine import OnnxEngine

BLUR = TTA(flip=False, shift=0, blur=True)


@pytest.fixture(scope="module")
def plain_int8(again, drawn):
    return quantized(again, drawn[:64])


@pytest.fixture(scope="module")
def ensemble_int8(ensemble, drawn):
    return quantized(cleaned(onnx.load_from_string(ensemble.bundle.content)), drawn[:8])


def bundle_of(model, like):
    return Bundle(sealed(model, like.metadata), like.metadata, "int8")


@pytest.mark.parametrize("which", ["single", "ensemble"])
@pytest.mark.parametrize("kind", ENGINES)
def test_the_output_is_nearly_the_same(which, kind, single, ensemble, plain_int8, ensemble_int8, drawn):
    float32, model = (single, plain_int8) if which == "single" else (ensemble, ensemble_int8)
    some = drawn[100:120]
    expected = ENGINES["onnx"](float32.bundle)(some).logits
    found = ENGINES[kind](bundle_of(model, float32.bundle))(some).logits
    assert np.abs(found - expected).mean() < 0.1 * expected.std(axis=0).mean()


@pytest.mark.parametrize("which", ["single", "ensemble"])
def test_openvino_computes_a_batch_like_single_faces(
    which, single, ensemble, plain_int8, ensemble_int8, drawn
):
    """OpenVINO computed the MatMul of attention incorrectly in int8 for more than one face."""
    float32, model = (single, plain_int8) if which == "single" else (ensemble, ensemble_int8)
    engine, some = ENGINES["openvino"](bundle_of(model, float32.bundle)), drawn[100:104]
    alone = np.concatenate([engine(some[position : position + 1]).logits for position in range(len(some))])
    np.testing.assert_allclose(engine(some).logits, alone, atol=0.05 * alone.std(axis=0).mean())


def test_it_has_standard_operators_only(ensemble_int8):
    assert {node.domain for node in ensemble_int8.graph.node} == {""}
    assert [opset.domain for opset in ensemble_int8.opset_import] == [""]
    assert not ensemble_int8.metadata_props


def test_first_and_last_layers_stay_in_float(plain_int8):
    kinds = {tensor.name: tensor.data_type for tensor in plain_int8.graph.initializer}
    assert kinds["0/network.stages.0.block1.conv.weight"] == TensorProto.FLOAT
    assert kinds["0/network.classifier.weight"] == TensorProto.FLOAT
    assert kinds["0/network.stages.1.block1.conv.weight_quantized"] == TensorProto.INT8
    assert kinds["0/network.dense.0.linear.weight_quantized"] == TensorProto.INT8


def test_weights_have_seven_bits(plain_int8):
    weights = [
        onnx.numpy_helper.to_array(t)
        for t in plain_int8.graph.initializer
        if t.name.endswith("weight_quantized")
    ]
    assert weights
    assert max(int(np.abs(values.astype(int)).max()) for values in weights) in (63, 64)


def test_the_model_is_not_modified(again, plain_int8, single):
    assert sealed(again, single.bundle.metadata) == single.bundle.content


def test_nothing_is_printed(again, drawn, capfd):
    quantized(again, drawn[:2])
    assert capfd.readouterr() == ("", "")


def test_first_and_last_layers_of_every_network_stay_in_float(drawn):
    joined = put_together(
        [conv_component(0).to_onnx(), conv_component(1).to_onnx()], BLUR, size=48, classes=7
    )
    model = quantized(cleaned(joined), drawn[:8])
    kinds = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
    for name in ("kernel", "weight"):
        assert kinds[f"0/{name}"] == kinds[f"1/{name}"] == TensorProto.FLOAT
    assert kinds["blur/kernel"] == TensorProto.FLOAT


def test_color_is_quantized():
    faces = np.random.default_rng(0).integers(0, 256, (20, 48, 48, 3), np.uint8)
    component = conv_component(channels=3)
    model = put_together([quantized(component.to_onnx(), faces)], None, size=48, channels=3, classes=7)
    metadata = tiny_card(channels=3)
    found = OnnxEngine(Bundle(sealed(model, metadata), metadata, "int8"), threads=1)(faces).logits
    expected = component.logits(faces)
    assert np.abs(found - expected).mean() < 0.1 * expected.std(axis=0).mean()
