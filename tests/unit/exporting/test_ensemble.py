"""The graph of a bundle computes the mean of its components, in every engine, for any number of faces."""

from functools import partial

import numpy as np
import onnx
import pytest

from bundle_builders import conv_bundle, tiny_card
from export_builders import ENGINES, conv_component, logits_of, softmax
from mien.bundles.calibration import scaled
from mien.bundles.reading import Bundle
from mien.bundles.seal import sealed
from mien.bundles.validation import check_graph
from mien.config.training import TTA
from mien.exporting.components import component_of_bundle, component_of_run
from mien.exporting.ensemble import MIN_PROBABILITY, ensemble
from mien.exporting.quantize import quantized
from mien.training.inference import probabilities, read_network

VIEWS = [
    TTA(),
    TTA(flip=True, shift=0),
    TTA(flip=False, shift=3),
    TTA(blur=True),
    TTA(flip=False, shift=0, blur=True),
]

together = partial(ensemble, size=48, classes=7)


def bundle_of(model, **changes):
    metadata = tiny_card(**changes)
    content = sealed(model, metadata)
    check_graph(content, model, metadata)
    return Bundle(content, metadata, "made")


def blurred(faces):
    """Return faces in integer levels, each pixel 10/12 itself and 1/12 each neighbor, along both axes."""
    if faces.ndim == 4:
        return np.stack([blurred(faces[..., channel]) for channel in range(faces.shape[3])], axis=3)
    found = faces.astype(np.float64)
    for axis in (1, 2):
        wide = np.pad(found, [(0, 0), *((int(axis == other),) * 2 for other in (1, 2))], mode="edge")
        before, itself, after = (np.roll(wide, by, axis) for by in (1, 0, -1))
        inside = tuple(slice(1, -1) if axis == other else slice(None) for other in range(3))
        found = ((before + 10 * itself + after) / 12)[inside]
    return np.rint(found.round(6)).astype(np.uint8)


def views_by_numpy(faces, tta, size=48):
    """Return the views of faces."""
    faces = blurred(faces) if tta.blur else faces
    borders = ((0, 0), *[(tta.shift,) * 2] * 2, *[(0, 0)] * (faces.ndim - 3))
    wide = np.pad(faces, borders, mode="edge")
    corners = [(top, left) for top in (0, 2 * tta.shift) for left in (0, 2 * tta.shift)]
    shifted = [faces, *(wide[:, top : top + size, left : left + size] for top, left in corners if tta.shift)]
    return shifted + [view[:, :, ::-1] for view in shifted if tta.flip]


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("n", [1, 2, 70])
def test_two_bundles_are_averaged(kind, n, drawn):
    components = [conv_component(0, temperature=2.0), conv_component(1)]
    model = together([component.to_onnx() for component in components], None, calibration=scaled(1.5))
    answers = ENGINES[kind](bundle_of(model))(drawn[:n])
    mean = np.mean([softmax(component.logits(drawn[:n])) for component in components], axis=0)
    np.testing.assert_allclose(answers.logits, np.log(np.maximum(mean, MIN_PROBABILITY)), atol=1e-4)
    np.testing.assert_allclose(answers.probabilities, softmax(np.log(mean) / 1.5), atol=1e-5)


@pytest.mark.parametrize("kind", ENGINES)
def test_int8_and_float_components_are_joined(kind, converted_plain, drawn):
    models = [quantized(converted_plain, drawn[:64]), conv_component().to_onnx()]
    each = [softmax(logits_of(bundle_of(together([model], None)), drawn[:20])) for model in models]
    joint = together(models, None)
    assert {"QuantizeLinear", "Conv"} <= {node.op_type for node in joint.graph.node}
    answers = ENGINES[kind](bundle_of(joint))(drawn[:20])
    np.testing.assert_allclose(answers.probabilities, np.mean(each, axis=0), atol=0.02)


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("tta", VIEWS, ids=str)
def test_views_are_averaged(kind, tta, drawn):
    some, components = drawn[:3], [conv_component(0), conv_component(1)]
    expected = np.mean(
        [softmax(component.logits(view)) for component in components for view in views_by_numpy(some, tta)],
        axis=0,
    )
    answers = ENGINES[kind](bundle_of(together([component.to_onnx() for component in components], tta)))(some)
    np.testing.assert_allclose(answers.probabilities, expected, atol=1e-5)


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("tta", [None, *VIEWS], ids=str)
def test_color_has_the_same_views(kind, tta):
    faces = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), np.uint8)
    component = conv_component(size=64, channels=3)
    views = [faces] if tta is None else views_by_numpy(faces, tta, size=64)
    expected = np.mean([softmax(component.logits(view)) for view in views], axis=0)
    model = ensemble([component.to_onnx()], tta, size=64, channels=3, classes=7)
    answers = ENGINES[kind](bundle_of(model, size=64, channels=3))(faces)
    np.testing.assert_allclose(answers.probabilities, expected, atol=1e-5)


@pytest.mark.parametrize("tta", VIEWS, ids=str)
def test_views_are_those_of_an_evaluation_with_torch(tta, plain, drawn):
    preprocess = plain.recipe.preprocess.model_copy(update={"clahe": None})
    expected = probabilities(read_network(plain), drawn[:5], preprocess, tta)
    answers = ENGINES["onnx"](bundle_of(together([component_of_run(plain).to_onnx()], tta)))(drawn[:5])
    np.testing.assert_allclose(answers.probabilities, expected, atol=1e-5)


@pytest.mark.parametrize("tta", [None, TTA(flip=False, shift=0)], ids=["none", "one view"])
def test_one_component_with_one_view_keeps_its_logits(tta, drawn):
    component = conv_component()
    model = together([component.to_onnx()], tta)
    np.testing.assert_array_equal(logits_of(bundle_of(model), drawn[:9]), component.logits(drawn[:9]))
    assert len(model.graph.node) == len(component.to_onnx().graph.node)


def test_an_ensemble_can_be_a_component(drawn):
    components = [conv_component(seed) for seed in range(3)]
    pair = component_of_bundle(
        bundle_of(together([component.to_onnx() for component in components[:2]], VIEWS[0]))
    )
    answers = ENGINES["onnx"](bundle_of(together([pair.to_onnx(), components[2].to_onnx()], None)))(drawn[:4])
    expected = np.mean([softmax(pair.logits(drawn[:4])), softmax(components[2].logits(drawn[:4]))], axis=0)
    np.testing.assert_allclose(answers.probabilities, expected, atol=1e-5)


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("tta", [None, VIEWS[1]], ids=str)
def test_a_component_is_weighted_by_its_networks(kind, tta, drawn):
    some, components, counts = drawn[:4], [conv_component(0), conv_component(1)], [3, 1]
    model = together([component.to_onnx() for component in components], tta, counts=counts)
    views = views_by_numpy(some, tta or TTA(flip=False, shift=0))
    each = [np.mean([softmax(component.logits(view)) for view in views], axis=0) for component in components]
    answers = ENGINES[kind](bundle_of(model))(some)
    np.testing.assert_allclose(answers.probabilities, np.average(each, axis=0, weights=counts), atol=1e-5)


def test_equal_numbers_of_networks_give_the_plain_mean():
    models = [conv_component(seed).to_onnx() for seed in range(3)]
    plain, once, twice = (together(models, None, counts=counts) for counts in (None, [1] * 3, [2] * 3))
    assert plain == once == twice
    assert [len(node.input) for node in plain.graph.node if node.op_type == "Mean"] == [3]


def test_logits_are_finite_at_a_probability_of_zero(drawn):
    sure = conv_bundle()
    model = onnx.load_from_string(sure.content)
    bias = next(tensor for tensor in model.graph.initializer if tensor.name == "bias")
    bias.CopyFrom(onnx.numpy_helper.from_array(np.array([900.0] + [0.0] * 6, np.float32), "bias"))
    logits = logits_of(bundle_of(together([model, model], None)), drawn[:2])
    assert np.isfinite(logits).all()


def test_the_same_components_give_the_same_bytes(converted_plain, drawn):
    def made():
        return together([conv_component().to_onnx(), quantized(converted_plain, drawn[:64])], VIEWS[0])

    assert made().SerializeToString(deterministic=True) == made().SerializeToString(deterministic=True)


def test_unused_nodes_and_weights_are_dropped():
    model = together(
        [conv_component(0).to_onnx(), conv_component(1).to_onnx()], None, calibration=scaled(3.0)
    )
    asked = {name for node in model.graph.node for name in node.input} | {"probabilities", "logits"}
    made = [name for node in model.graph.node for name in node.output]
    weights = [tensor.name for tensor in model.graph.initializer]
    assert set(made) | set(weights) == asked - {"faces"}
    assert len(made) + len(weights) == len(set(made) | set(weights))
    assert not any("temperature" in name for name in weights if name != "temperature")
    nodes = [node.name for node in model.graph.node if node.name]
    assert len(set(nodes)) == len(nodes)


def test_the_components_are_not_modified():
    model = conv_component().to_onnx()
    before = model.SerializeToString(deterministic=True)
    together([model, model], VIEWS[0])
    assert model.SerializeToString(deterministic=True) == before
