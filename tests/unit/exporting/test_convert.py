"""The ONNX file: small, clean, reproducible, for any number of faces, in every engine."""

import os
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from export_builders import ENGINES
from mien.bundles.metadata import INPUT, LOGITS
from mien.bundles.seal import sealed
from mien.config.data import Preprocess
from mien.exporting.convert import cleaned, to_onnx
from mien.exporting.graph import RunGraph
from mien.exporting.verification import network_logits
from mien.models import build_network
from mien.models.resnet9 import ResNet9
from mien.runtime.opening import open_graph
from mien.training.inference import probabilities, read_network


def after_temperature(given, temperature):
    sharpened = given.astype(np.float64) ** (1 / temperature)
    return sharpened / sharpened.sum(1, keepdims=True)


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize("n", [1, 2, 300])
def test_it_computes_what_the_network_does(kind, n, plain, single, drawn):
    expected = probabilities(read_network(plain), drawn[:n], plain.recipe.preprocess, None)
    answers = ENGINES[kind](single.bundle)(drawn[:n])
    calibrated = after_temperature(expected, single.bundle.metadata.calibration.temperature)
    np.testing.assert_allclose(answers.probabilities, calibrated, atol=1e-5)


def test_the_logits_of_one_network_are_its_own(plain, single, drawn):
    seen = []
    network = read_network(plain)
    network.register_forward_hook(lambda *given: seen.append(given[-1].detach()))
    probabilities(network, drawn[:7], plain.recipe.preprocess, None)
    answers = ENGINES["onnx"](single.bundle)(drawn[:7])
    np.testing.assert_allclose(answers.logits, torch.cat(seen), atol=1e-4)


@pytest.mark.parametrize("kind", ENGINES)
def test_an_ensemble_averages_probabilities_over_networks_and_views(kind, plain, residual, ensemble, drawn):
    some, views = drawn[:5], plain.recipe.tta
    each = [probabilities(read_network(run), some, run.recipe.preprocess, views) for run in (plain, residual)]
    answers = ENGINES[kind](ensemble.bundle)(some)
    mean = np.mean(each, axis=0)
    np.testing.assert_allclose(np.exp(answers.logits), mean, atol=1e-5)
    calibrated = after_temperature(mean, ensemble.bundle.metadata.calibration.temperature)
    np.testing.assert_allclose(answers.probabilities, calibrated, atol=1e-5)


def test_weights_are_stored_once_for_all_views(plain, residual, ensemble):
    bytes_of_weights = 4 * sum(member.parameters for member in ensemble.bundle.metadata.members)
    assert len(ensemble.bundle.content) < bytes_of_weights + 60_000


@pytest.mark.parametrize("which", ["single", "ensemble"])
def test_no_path_of_the_machine_is_inside(which, plain, request):
    content = request.getfixturevalue(which).bundle.content
    for trace in (*Path(__file__).parents[3:-1], plain.path.parent, Path.home(), "site-packages", ".py"):
        assert os.fsencode(trace) not in content


def test_the_same_run_gives_the_same_bytes(single, again):
    assert sealed(again, single.bundle.metadata) == single.bundle.content


def test_batch_norm_and_dropout_are_gone(single):
    kinds = {node.op_type for node in onnx.load_from_string(single.bundle.content).graph.node}
    assert not kinds & {"BatchNormalization", "Dropout", "Identity"}


def test_all_weights_are_float32(single):
    graph = onnx.load_from_string(single.bundle.content).graph
    kinds = {tensor.data_type for tensor in graph.initializer if tensor.dims and np.prod(tensor.dims) > 8}
    assert kinds == {onnx.TensorProto.FLOAT}


def test_cleaning_drops_notes_at_any_depth_and_unused_domains():
    branch = onnx.helper.make_graph([node("Identity", ["x"], ["y"])], "branch", [], [])
    choice = node("If", ["x"], ["z"], then_branch=branch, else_branch=branch)
    opsets = [onnx.helper.make_opsetid("", 18), onnx.helper.make_opsetid("com.microsoft", 1)]
    graph = onnx.helper.make_graph([choice], "some", [], [], doc_string="/home/somebody")
    model = onnx.helper.make_model(graph, opset_imports=opsets, doc_string="/home/somebody")
    onnx.helper.set_model_props(model, {"made in": "/home/somebody"})
    clean = cleaned(model)
    assert b"somebody" in model.SerializeToString()
    assert b"somebody" not in clean.SerializeToString()
    assert [opset.domain for opset in clean.opset_import] == [""]


def node(*parts, **attributes):
    made = onnx.helper.make_node(*parts, doc_string="/home/somebody/code.py", **attributes)
    made.metadata_props.add(key="stack", value="/home/somebody/code.py")
    return made


@pytest.mark.parametrize(("pool", "size"), [("max", 64), ("avg", 24)])
def test_pooling_to_a_grid_that_does_not_divide_the_map_is_exported(pool, size):
    stages = [{"channels": 8, "pairs": 0}] * 3
    config = ResNet9.model_validate({"kind": "resnet9", "stages": stages, "grid": 3, "pool": pool})
    graph = RunGraph(build_network(config, 7, size=size, channels=3).eval(), Preprocess())
    faces = np.random.default_rng(0).integers(0, 256, (3, size, size, 3), np.uint8)
    exported = open_graph(to_onnx(graph, size, 3).SerializeToString(), engine="onnx", threads=1)
    logits = exported.run({INPUT: faces})[LOGITS]
    np.testing.assert_allclose(logits, network_logits(graph, faces), atol=1e-4)
