"""The graph of a bundle computes what its parts say on average, in every engine, for any number of faces."""

from functools import partial

import numpy as np
import onnx
import pytest

from bundle_builders import conv_bundle, tiny_card
from export_builders import conv_part, logits_of, softmax
from mien.bundles.reading import Bundle
from mien.bundles.seal import sealed
from mien.bundles.validation import check_graph
from mien.config.training import TTA
from mien.exporting.components import part_of_bundle, part_of_run
from mien.exporting.ensemble import LEAST, ensemble
from mien.exporting.quantize import quantized
from mien.recognition.engines.onnx_engine import OnnxEngine
from mien.recognition.engines.openvino_engine import OpenVinoEngine
from mien.training.inference import probabilities, read_network

ENGINES = {
    "onnx": lambda bundle: OnnxEngine(bundle, threads=1),
    "openvino": lambda bundle: OpenVinoEngine(bundle, threads=1, precision="float32"),
}

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
    """Faces in whole gray levels, each pixel 10/12 itself and 1/12 each neighbor, along both axes."""
    found = faces.astype(np.float64)
    for axis in (1, 2):
        wide = np.pad(found, [(0, 0), *((int(axis == other),) * 2 for other in (1, 2))], mode="edge")
        before, itself, after = (np.roll(wide, by, axis) for by in (1, 0, -1))
        inside = tuple(slice(1, -1) if axis == other else slice(None) for other in range(3))
        found = ((before + 10 * itself + after) / 12)[inside]
    return np.rint(found.round(6)).astype(np.uint8)


def seen(faces, tta):
    """The views of faces by numpy."""
    faces = blurred(faces) if tta.blur else faces
    wide = np.pad(faces, ((0, 0), *[(tta.shift,) * 2] * 2), mode="edge")
    corners = [(top, left) for top in (0, 2 * tta.shift) for left in (0, 2 * tta.shift)]
    shifted = [faces, *(wide[:, top : top + 48, left : left + 48] for top, left in corners if tta.shift)]
    return shifted + [view[:, :, ::-1] for view in shifted if tta.flip]


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("n", [1, 2, 70])
def test_two_bundles_are_their_mean(kind, n, drawn):
    parts = [conv_part(0, temperature=2.0), conv_part(1)]
    model = together([part.model() for part in parts], None, temperature=1.5)
    answers = ENGINES[kind](bundle_of(model))(drawn[:n])
    mean = np.mean([softmax(part.logits(drawn[:n])) for part in parts], axis=0)
    np.testing.assert_allclose(answers.logits, np.log(np.maximum(mean, LEAST)), atol=1e-4)
    np.testing.assert_allclose(answers.probabilities, softmax(np.log(mean) / 1.5), atol=1e-5)


@pytest.mark.parametrize("kind", ENGINES)
def test_int8_and_float_are_joined(kind, converted_plain, drawn):
    models = [quantized(converted_plain, drawn[:64]), conv_part().model()]
    each = [softmax(logits_of(bundle_of(together([model], None)), drawn[:20])) for model in models]
    joint = together(models, None)
    assert {"QuantizeLinear", "Conv"} <= {node.op_type for node in joint.graph.node}
    answers = ENGINES[kind](bundle_of(joint))(drawn[:20])
    np.testing.assert_allclose(answers.probabilities, np.mean(each, axis=0), atol=0.02)


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("tta", VIEWS, ids=str)
@pytest.mark.parametrize("n", [1, 3])
def test_views_are_averaged(kind, tta, n, drawn):
    some, parts = drawn[:n], [conv_part(0), conv_part(1)]
    expected = np.mean([softmax(part.logits(view)) for part in parts for view in seen(some, tta)], axis=0)
    answers = ENGINES[kind](bundle_of(together([part.model() for part in parts], tta)))(some)
    np.testing.assert_allclose(answers.probabilities, expected, atol=1e-5)


@pytest.mark.parametrize("tta", VIEWS, ids=str)
def test_views_are_those_that_torch_evaluates_a_run_with(tta, plain, drawn):
    preprocess = plain.recipe.preprocess.model_copy(update={"clahe": None})
    expected = probabilities(read_network(plain), drawn[:5], preprocess, tta)
    answers = ENGINES["onnx"](bundle_of(together([part_of_run(plain).model()], tta)))(drawn[:5])
    np.testing.assert_allclose(answers.probabilities, expected, atol=1e-5)


@pytest.mark.parametrize("tta", [None, TTA(flip=False, shift=0)], ids=["none", "one look"])
def test_one_part_that_looks_once_keeps_its_logits(tta, drawn):
    part = conv_part()
    model = together([part.model()], tta)
    np.testing.assert_array_equal(logits_of(bundle_of(model), drawn[:9]), part.logits(drawn[:9]))
    assert len(model.graph.node) == len(part.model().graph.node)


def test_an_ensemble_may_be_a_part(drawn):
    parts = [conv_part(seed) for seed in range(3)]
    pair = part_of_bundle(bundle_of(together([part.model() for part in parts[:2]], VIEWS[0])))
    answers = ENGINES["onnx"](bundle_of(together([pair.model(), parts[2].model()], None)))(drawn[:4])
    expected = np.mean([softmax(pair.logits(drawn[:4])), softmax(parts[2].logits(drawn[:4]))], axis=0)
    np.testing.assert_allclose(answers.probabilities, expected, atol=1e-5)


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("tta", [None, VIEWS[1]], ids=str)
def test_a_part_counts_as_often_as_it_has_networks(kind, tta, drawn):
    some, parts, counts = drawn[:4], [conv_part(0), conv_part(1)], [3, 1]
    model = together([part.model() for part in parts], tta, counts=counts)
    looks = seen(some, tta or TTA(flip=False, shift=0))
    each = [np.mean([softmax(part.logits(look)) for look in looks], axis=0) for part in parts]
    answers = ENGINES[kind](bundle_of(model))(some)
    np.testing.assert_allclose(answers.probabilities, np.average(each, axis=0, weights=counts), atol=1e-5)


def test_parts_of_as_many_networks_each_are_their_plain_mean():
    models = [conv_part(seed).model() for seed in range(3)]
    plain, once, twice = (together(models, None, counts=counts) for counts in (None, [1] * 3, [2] * 3))
    assert plain == once == twice
    assert [len(node.input) for node in plain.graph.node if node.op_type == "Mean"] == [3]


def test_logits_are_finite_where_nobody_believes(drawn):
    sure = conv_bundle()
    model = onnx.load_from_string(sure.content)
    bias = next(tensor for tensor in model.graph.initializer if tensor.name == "bias")
    bias.CopyFrom(onnx.numpy_helper.from_array(np.array([900.0] + [0.0] * 6, np.float32), "bias"))
    logits = logits_of(bundle_of(together([model, model], None)), drawn[:2])
    assert np.isfinite(logits).all()


def test_the_same_parts_give_the_same_bytes(converted_plain, drawn):
    def made():
        return together([conv_part().model(), quantized(converted_plain, drawn[:64])], VIEWS[0])

    assert made().SerializeToString(deterministic=True) == made().SerializeToString(deterministic=True)


def test_nothing_is_left_that_leads_nowhere():
    model = together([conv_part(0).model(), conv_part(1).model()], None, temperature=3.0)
    asked = {name for node in model.graph.node for name in node.input} | {"probabilities", "logits"}
    made = [name for node in model.graph.node for name in node.output]
    weights = [tensor.name for tensor in model.graph.initializer]
    assert set(made) | set(weights) == asked - {"faces"}
    assert len(made) + len(weights) == len(set(made) | set(weights))
    assert not any("temperature" in name for name in weights if name != "temperature")
    nodes = [node.name for node in model.graph.node if node.name]
    assert len(set(nodes)) == len(nodes)


def test_parts_stay_as_they_were():
    model = conv_part().model()
    before = model.SerializeToString(deterministic=True)
    together([model, model], VIEWS[0])
    assert model.SerializeToString(deterministic=True) == before
