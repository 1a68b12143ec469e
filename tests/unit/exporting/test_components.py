"""Runs and bundles as components, and what is refused."""

import re
from pathlib import Path

import numpy as np
import onnx
import pytest

from bundle_builders import conv_bundle, tiny_bundle, tiny_card, tiny_model
from export_builders import with_epochs
from mien.bundles.reading import Bundle, find_bundle, read_bundle
from mien.bundles.seal import sealed
from mien.config.training import TTA
from mien.errors import BundleError, RunError
from mien.exporting.components import component_of_bundle, open_component
from mien.exporting.resolve import open_components
from mien.training.inference import probabilities, read_network
from training_builders import tiny_run


def test_a_folder_is_opened_as_a_run(plain, drawn):
    component = open_component(plain.path)
    assert (component.name, component.run, component.int8, component.tta) == (
        str(plain.path),
        plain,
        False,
        None,
    )
    assert (component.classes, component.size, component.clahe) == (
        plain.classes,
        48,
        plain.recipe.preprocess.clahe,
    )
    expected = probabilities(
        read_network(plain), drawn[:3], plain.recipe.preprocess.model_copy(update={"clahe": None}), None
    )
    odds = np.exp(component.logits(drawn[:3]).astype(np.float64))
    np.testing.assert_allclose(odds / odds.sum(1, keepdims=True), expected, atol=1e-5)
    assert [value.name for value in component.to_onnx().graph.output] == ["logits"]


def test_a_file_is_opened_as_a_bundle(tmp_path):
    path = tiny_bundle(tmp_path / "face.onnx", tta=TTA(shift=4), precision="int8", notes="Mind the gap.")
    component, metadata = open_component(path), read_bundle(path).metadata
    assert (component.name, component.run, component.int8, component.tta) == (
        str(path),
        None,
        True,
        TTA(shift=4),
    )
    assert (component.members, component.notes) == (metadata.members, "Mind the gap.")


def test_a_name_is_a_shipped_bundle_unless_a_run_folder_has_it(tmp_path, monkeypatch):
    networks = [member.weights for member in read_bundle("small").metadata.members]
    assert [member.weights for member in open_component(Path("small")).members] == networks
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small").mkdir()
    assert [member.weights for member in open_component(Path("small")).members] == networks
    tiny_run(tmp_path / "small")
    with pytest.raises(RunError, match="small: it has no checkpoint yet"):
        open_component(Path("small"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("face.onnx", "face.onnx"),
        ("face.onnx", "folder/../face.onnx"),
        ("face.onnx", "link"),
        ("net", "same"),
        ("small", "small"),
        ("small", "SHIPPED"),
    ],
)
def test_a_component_given_twice_is_refused(first, second, tmp_path, monkeypatch, plain):
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("link").symlink_to(tiny_bundle(tmp_path / "face.onnx"))
    for name in ("net", "same"):
        Path(name).symlink_to(plain.path)
    second = find_bundle("small") if second == "SHIPPED" else Path(second)
    with pytest.raises(RunError, match="^" + re.escape(f"{first} and {second} are the same component; ")):
        open_components([Path(first), second])


def test_several_components_keep_their_order(tmp_path):
    paths = [tiny_bundle(tmp_path / name) for name in ("b.onnx", "a.onnx")]
    assert [component.name for component in open_components(paths)] == [str(path) for path in paths]


def test_runs_and_bundles_are_passed_through(plain, single):
    assert open_component(plain).run is plain
    assert open_component(str(plain.path)).run == plain
    component = open_component(single.bundle)
    assert (component.name, component.path, component.run) == (str(single.path), single.path, None)
    assert component.members == single.bundle.metadata.members


def test_an_object_and_its_path_are_the_same_component(plain, single):
    for one, other in [(plain, plain.path), (single.bundle, str(single.path))]:
        with pytest.raises(RunError, match="are the same component"):
            open_components([one, other])


def test_a_bundle_in_memory_may_be_given_with_others(single):
    memory = conv_bundle()
    assert len(open_components([memory, single.bundle])) == 2


def test_an_unfinished_run_is_noted(copy):
    assert "before its training was finished" not in open_component(copy).notes
    unfinished = with_epochs(copy, 5)
    note = f"{copy.name} was exported before its training was finished (epoch 2 of 5)."
    assert open_component(unfinished).notes == note


def test_a_bundle_gives_its_logits_before_its_own_calibration(drawn):
    one, other = (component_of_bundle(conv_bundle(temperature=temperature)) for temperature in (1.0, 3.0))
    np.testing.assert_array_equal(one.logits(drawn[:3]), other.logits(drawn[:3]))


def test_other_inputs_are_refused(tmp_path):
    with pytest.raises(RunError, match=r"no such run folder or bundle; .*small"):
        open_component(tmp_path / "gone")
    with pytest.raises(RunError, match="not a run folder"):
        open_component(tmp_path)
    (tmp_path / "x.onnx").write_bytes(b"half")
    with pytest.raises(BundleError, match=r"x\.onnx: not an ONNX file"):
        open_component(tmp_path / "x.onnx")


def test_another_opset_is_refused():
    metadata = tiny_card()
    bundle = Bundle(sealed(tiny_model(metadata, opset=17), metadata), metadata, "old.onnx")
    with pytest.raises(BundleError, match=r"old\.onnx: ONNX opset 17, expected .*18"):
        component_of_bundle(bundle)


def test_a_graph_with_branches_is_refused():
    metadata = tiny_card()
    model = tiny_model(metadata)
    branch = onnx.helper.make_graph([], "branch", [], [])
    model.graph.node.append(onnx.helper.make_node("If", ["x"], ["y"], then_branch=branch, else_branch=branch))
    with pytest.raises(BundleError, match="a graph with subgraphs"):
        component_of_bundle(Bundle(sealed(model, metadata), metadata, "odd.onnx"))


@pytest.mark.parametrize("given", [["a", "b"], 3])
def test_a_part_of_another_type_is_one_clear_line(given):
    with pytest.raises(RunError, match=r"part of type (list|int), .*pass several as separate arguments"):
        open_component(given)
