"""What becomes a part of a bundle, and what is refused."""

import re
from pathlib import Path

import numpy as np
import onnx
import pytest

from bundle_builders import conv_bundle, tiny_bundle, tiny_card, tiny_model
from mien.bundles.reading import Bundle, find_bundle, read_bundle
from mien.bundles.seal import sealed
from mien.config.training import TTA
from mien.errors import BundleError, RunError
from mien.exporting.components import open_part, open_parts, part_of_bundle
from mien.training.inference import probabilities, read_network
from training_builders import tiny_run


def test_a_folder_is_a_run(plain, drawn):
    part = open_part(plain.path)
    assert (part.given, part.run, part.int8, part.tta) == (str(plain.path), plain, False, None)
    assert (part.classes, part.size, part.clahe) == (plain.classes, 48, plain.recipe.preprocess.clahe)
    expected = probabilities(
        read_network(plain), drawn[:3], plain.recipe.preprocess.model_copy(update={"clahe": None}), None
    )
    odds = np.exp(part.logits(drawn[:3]).astype(np.float64))
    np.testing.assert_allclose(odds / odds.sum(1, keepdims=True), expected, atol=1e-5)
    assert [value.name for value in part.model().graph.output] == ["logits"]


def test_a_file_is_a_bundle(tmp_path):
    path = tiny_bundle(tmp_path / "face.onnx", tta=TTA(shift=4), precision="int8", notes="Mind the gap.")
    part, metadata = open_part(path), read_bundle(path).metadata
    assert (part.given, part.run, part.int8, part.tta) == (
        str(path),
        None,
        True,
        TTA(shift=4),
    )
    assert (part.members, part.notes) == (metadata.members, "Mind the gap.")


def test_a_name_is_a_shipped_bundle_unless_a_run_is_called_so(tmp_path, monkeypatch):
    networks = [member.weights for member in read_bundle("small").metadata.members]
    assert [member.weights for member in open_part(Path("small")).members] == networks
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small").mkdir()
    assert [member.weights for member in open_part(Path("small")).members] == networks
    tiny_run(tmp_path / "small")
    with pytest.raises(RunError, match="not a readable checkpoint"):
        open_part(Path("small"))


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
def test_a_part_that_would_count_twice_is_refused(first, second, tmp_path, monkeypatch, plain):
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("link").symlink_to(tiny_bundle(tmp_path / "face.onnx"))
    for name in ("net", "same"):
        Path(name).symlink_to(plain.path)
    second = find_bundle("small") if second == "SHIPPED" else Path(second)
    with pytest.raises(RunError, match="^" + re.escape(f"{first} and {second}: the same part, ")):
        open_parts([Path(first), second])


def test_several_parts_come_in_their_order(tmp_path):
    paths = [tiny_bundle(tmp_path / name) for name in ("b.onnx", "a.onnx")]
    assert [part.given for part in open_parts(paths)] == [str(path) for path in paths]


def test_a_bundle_gives_its_logits_before_its_own_calibration(drawn):
    one, other = (part_of_bundle(conv_bundle(temperature=temperature)) for temperature in (1.0, 3.0))
    np.testing.assert_array_equal(one.logits(drawn[:3]), other.logits(drawn[:3]))


def test_what_is_neither_is_refused(tmp_path):
    with pytest.raises(RunError, match=r"no such run folder or bundle; .*small"):
        open_part(tmp_path / "gone")
    with pytest.raises(RunError, match="not a run folder"):
        open_part(tmp_path)
    (tmp_path / "x.onnx").write_bytes(b"half")
    with pytest.raises(BundleError, match=r"x\.onnx: not an ONNX file"):
        open_part(tmp_path / "x.onnx")


def test_another_opset_is_refused():
    metadata = tiny_card()
    bundle = Bundle(sealed(tiny_model(metadata, opset=17), metadata), metadata, "old.onnx")
    with pytest.raises(BundleError, match=r"old\.onnx: ONNX opset 17, expected .*18"):
        part_of_bundle(bundle)


def test_a_graph_with_branches_is_refused():
    metadata = tiny_card()
    model = tiny_model(metadata)
    branch = onnx.helper.make_graph([], "branch", [], [])
    model.graph.node.append(onnx.helper.make_node("If", ["x"], ["y"], then_branch=branch, else_branch=branch))
    with pytest.raises(BundleError, match="graphs inside its graph"):
        part_of_bundle(Bundle(sealed(model, metadata), metadata, "odd.onnx"))
