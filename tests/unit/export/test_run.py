"""From run folders to a bundle that was checked, or to nothing."""

import json
import shutil

import numpy as np
import onnx
import pytest

from bundle_builders import conv_bundle
from export_builders import logits_of, member, softmax
from mien import metrics
from mien.bundle.read import read_bundle
from mien.bundle.seal import sealed
from mien.config.learning import Views
from mien.config.teacher import Teacher
from mien.data import read_faces
from mien.errors import BundleError, DataError, RunError
from mien.evaluate.calibrate import fit_temperature, sureness
from mien.export import check
from mien.export import parts as room
from mien.export import run as export_room
from mien.export.faces import validation_of
from mien.export.run import export_bundle
from mien.predict.engine.onnx_engine import OnnxEngine
from mien.train.run import read_run
from mien.transforms.prepare import equalise

OPTIONS = {
    "int8": False,
    "tta": False,
    "flip": False,
    "data": None,
    "name": None,
    "notice": lambda line: None,
}


@pytest.fixture
def copy(plain, tmp_path):
    """A copy of the plain run that may be damaged."""
    return read_run(shutil.copytree(plain.path, tmp_path / "copy", ignore=shutil.ignore_patterns("*.onnx")))


@pytest.fixture
def converted(monkeypatch, converted_plain):
    """The plain run's graph is converted already."""
    monkeypatch.setattr(room, "to_onnx", lambda graph, side: converted_plain)


def test_the_card_says_what_the_bundle_scores(plain, single):
    card = single.bundle.card
    faces = validation_of(plain)
    answers = OnnxEngine(single.bundle, threads=1)(faces.images)
    scores = card.scores[0]
    assert (scores.split, scores.n) == ("validation", len(faces))
    assert scores.accuracy == pytest.approx(metrics.accuracy(faces.labels, answers.logits.argmax(1)))
    assert scores.log_loss == pytest.approx(metrics.log_loss(answers.probabilities, faces.labels), abs=1e-4)
    assert card.temperature == pytest.approx(fit_temperature(answers.logits, faces.labels), rel=1e-3)
    assert 1.2 < card.temperature < 4
    expected = sureness(answers.probabilities, faces.labels)
    assert card.sureness.coverage == pytest.approx(expected.coverage)
    assert card.sureness.threshold == pytest.approx(expected.threshold, abs=1e-4)
    present = {plain.classes[label] for label in faces.labels}
    assert set(scores.recalls) == present


def test_the_card_says_what_it_is_made_of(plain, single):
    card = single.bundle.card
    assert (card.name, card.precision, card.views, card.side) == ("plain", "float32", None, 48)
    assert card.classes == plain.classes
    assert card.clahe == plain.recipe.prepare.clahe
    (member,) = card.members
    assert (member.run, member.recipe_name, member.source) == ("plain", "tiny", "drawn:200")
    assert member.recipe == plain.recipe.model_dump(mode="json")
    assert member.fingerprint == plain.fingerprint
    assert len(member.weights) == 32
    assert "drawn:200" in card.licence


def test_the_card_of_an_ensemble_names_all_and_its_views(plain, residual, ensemble):
    card = ensemble.bundle.card
    assert [member.run for member in card.members] == ["plain", "residual"]
    assert card.members[0].parameters != card.members[1].parameters
    assert card.views == plain.recipe.views
    assert card.name == "both"


def test_sources_and_pretrained_weights_are_named_without_their_place(copy, converted):
    (copy.path / "run.json").write_text(
        copy.info.model_copy(update={"pretrained": "/home/somebody/resnet.safetensors"}).model_dump_json()
    )
    bundle = read_bundle(export_bundle([copy.path], None, **OPTIONS))
    assert "resnet.safetensors" in bundle.card.notes
    assert b"somebody" not in bundle.content


def test_a_teacher_is_named_without_its_place(copy, converted):
    teacher = Teacher(bundles=("default", "/home/somebody/big.onnx"), share=0.5)
    recipe = copy.recipe.model_copy(update={"teacher": teacher})
    (copy.path / "recipe.yaml").write_text(json.dumps(recipe.model_dump(mode="json")))
    bundle = read_bundle(export_bundle([copy.path], None, **OPTIONS))
    assert bundle.card.notes == "It was taught by big.onnx and default."
    told = bundle.card.members[0].recipe["teacher"]
    assert told == {"bundles": ["default", "big.onnx"], "share": 0.5, "temperature": 1.0}
    assert b"somebody" not in bundle.content


def test_it_lies_in_the_run_and_each_step_is_told(plain, single):
    assert single.path == plain.path / "plain.onnx"
    for said in ("temperature", "largest difference", "accuracy on validation", "sure from", "written: "):
        assert said in single.said


def test_int8_is_another_file_that_is_nearly_as_good(copy, single, converted, monkeypatch):
    monkeypatch.setattr(check, "DEAREST", 1.0)  # of 40 faces one is more than two points
    said = []
    path = export_bundle([copy.path], None, **OPTIONS | {"int8": True, "notice": said.append})
    bundle = read_bundle(path)
    assert path == copy.path / "copy-int8.onnx"
    assert bundle.card.precision == "int8"
    assert len(bundle.content) != len(single.bundle.content)
    assert any(line.startswith("int8: accuracy") for line in said)


def test_int8_that_costs_too_much_is_not_written(copy, converted, monkeypatch):
    monkeypatch.setattr(check, "DEAREST", -1.0)
    with pytest.raises(BundleError, match="export without --int8"):
        export_bundle([copy.path], None, **OPTIONS | {"int8": True})
    assert not list(copy.path.glob("*.onnx*"))


def test_a_graph_that_computes_something_else_is_not_written(copy, monkeypatch, converted_plain):
    damaged = type(converted_plain)()
    damaged.CopyFrom(converted_plain)
    weight = next(tensor for tensor in damaged.graph.initializer if tensor.name.endswith("classifier.weight"))
    weight.raw_data = (np.frombuffer(weight.raw_data, np.float32) * np.float32(1.01)).tobytes()
    monkeypatch.setattr(room, "to_onnx", lambda graph, side: damaged)
    target = copy.path / "copy.onnx"
    target.write_bytes(b"the old one")
    with pytest.raises(BundleError, match="differs from its parts"):
        export_bundle([copy.path], None, **OPTIONS)
    assert target.read_bytes() == b"the old one"


def test_an_old_file_is_replaced_and_that_is_told(copy, converted, tmp_path):
    target = tmp_path / "some where" / "face.onnx"
    said = []
    for _ in range(2):
        export_bundle([copy.path], target, **OPTIONS | {"notice": said.append})
    assert [line.split(":")[0] for line in said if "MB" in line] == ["written", "replaced"]
    assert read_bundle(target).card.name == "face"
    assert [path.name for path in target.parent.iterdir()] == ["face.onnx"]


def test_the_name_is_of_the_file_and_the_card(copy, converted):
    path = export_bundle([copy.path], None, **OPTIONS | {"name": "best so far"})
    assert path == copy.path / "best so far.onnx"
    assert read_bundle(path).card.name == "best so far"


@pytest.mark.parametrize("name", ["", " ", "a/b", "/", ".."])
def test_a_name_that_is_a_path_is_refused(copy, name):
    with pytest.raises(RunError, match="no name for a bundle"):
        export_bundle([copy.path], None, **OPTIONS | {"name": name})


@pytest.mark.parametrize("what", ["2 parts become one bundle", "a bundle has no run folder"])
def test_what_has_no_folder_of_its_own_needs_a_place(plain, residual, single, what):
    given = [plain.path, residual.path] if what.startswith("2") else [single.path]
    with pytest.raises(RunError, match=f"{what}: say where it goes, with -o FILE"):
        export_bundle(given, None, **OPTIONS)


def test_a_folder_is_no_place(plain, tmp_path):
    with pytest.raises(RunError, match="a folder"):
        export_bundle([plain.path], tmp_path, **OPTIONS)


def test_without_runs_there_is_nothing_to_export():
    with pytest.raises(RunError, match="no run"):
        export_bundle([], None, **OPTIONS)


def test_int8_without_its_faces_is_refused_before_anything_is_computed(copy, monkeypatch):
    (copy.path / "run.json").write_text(copy.info.model_dump_json().replace("drawn:200", "gone.csv"))
    monkeypatch.setattr(room, "to_onnx", lambda graph, side: pytest.fail("converted"))
    with pytest.raises(DataError, match=r"gone\.csv"):
        export_bundle([copy.path], None, **OPTIONS | {"int8": True})


@pytest.fixture
def drawn_bundles(tmp_path):
    """Two bundles that say they were trained on the faces of the runs."""
    fingerprint = read_faces("drawn:200").fingerprint
    return [
        tiny_conv(
            tmp_path / f"{seed}.onnx", seed, members=(member(fingerprint=fingerprint, run=f"net-{seed}"),)
        )
        for seed in (1, 2)
    ]


def tiny_conv(path, seed, **changes):
    path.write_bytes(conv_bundle(seed, **changes).content)
    return path


JOINED = OPTIONS | {"data": "drawn:200"}


def test_bundles_are_joined(drawn_bundles, tmp_path):
    path = export_bundle(drawn_bundles, tmp_path / "both.onnx", **JOINED)
    bundle, faces = read_bundle(path), read_faces("drawn:200").of_split("validation")
    assert [told.run for told in bundle.card.members] == ["net-1", "net-2"]
    assert (bundle.card.name, bundle.card.precision, bundle.card.views) == ("both", "float32", None)
    each = [softmax(logits_of(read_bundle(one), faces.images)) for one in drawn_bundles]
    mean = np.mean(each, axis=0)
    answers = OnnxEngine(bundle, threads=1)(faces.images)
    np.testing.assert_allclose(softmax(answers.logits), mean, atol=1e-5)
    assert bundle.card.scores[0].accuracy == pytest.approx(metrics.accuracy(faces.labels, mean.argmax(1)))
    assert bundle.card.temperature == pytest.approx(fit_temperature(np.log(mean), faces.labels), rel=1e-3)
    assert metrics.log_loss(answers.probabilities, faces.labels) == pytest.approx(
        bundle.card.scores[0].log_loss
    )


def test_a_bundle_with_itself_is_itself(drawn_bundles, tmp_path):
    alone, twice = (
        read_bundle(export_bundle(given, tmp_path / "out.onnx", **JOINED))
        for given in (drawn_bundles[:1], drawn_bundles[:1] * 2)
    )
    assert twice.card.scores[0].accuracy == alone.card.scores[0].accuracy
    assert twice.card.temperature == pytest.approx(alone.card.temperature, rel=1e-3)


def test_a_run_and_a_bundle_are_joined_on_the_faces_of_the_run(
    copy, single, converted, drawn_bundles, tmp_path
):
    """They needn't be given, even if only predictions are left of them."""
    clahe, members = copy.recipe.prepare.clahe, read_bundle(drawn_bundles[0]).card.members
    other = tiny_conv(tmp_path / "other.onnx", 1, clahe=clahe, members=members)
    (copy.path / "run.json").write_text(copy.info.model_dump_json().replace("drawn:200", "gone.csv"))
    bundle = read_bundle(export_bundle([copy.path, other], tmp_path / "both.onnx", **OPTIONS))
    faces = equalise(validation_of(copy).images, copy.recipe.prepare)
    mean = np.mean([softmax(logits_of(one, faces)) for one in (single.bundle, read_bundle(other))], axis=0)
    np.testing.assert_allclose(
        softmax(OnnxEngine(bundle, threads=1)(validation_of(copy).images).logits), mean, atol=1e-5
    )
    assert [told.run for told in bundle.card.members] == ["copy", "net-1"]


def test_a_bundle_of_another_preparation_is_refused(copy, drawn_bundles, tmp_path):
    with pytest.raises(RunError, match="differ in CLAHE"):
        export_bundle([copy.path, drawn_bundles[0]], tmp_path / "both.onnx", **OPTIONS)


@pytest.mark.parametrize(
    ("option", "views"), [("tta", Views()), ("flip", Views(flip=True, shift=0))], ids=["tta", "flip"]
)
def test_views_are_put_in_front_of_bundles(option, views, drawn_bundles, tmp_path):
    path = export_bundle(drawn_bundles, tmp_path / "both.onnx", **JOINED | {option: True})
    assert read_bundle(path).card.views == views
    with pytest.raises(BundleError, match=rf"both\.onnx: averages over views already .*leave --{option} out"):
        export_bundle([path], tmp_path / "more.onnx", **JOINED | {option: True})
    kept = export_bundle([path], tmp_path / "more.onnx", **JOINED)
    assert read_bundle(kept).card.views == views


def test_what_is_int8_already_stays_as_it_is(drawn_bundles, tmp_path, monkeypatch):
    quick = tiny_conv(
        tmp_path / "int8.onnx", 3, precision="int8", members=read_bundle(drawn_bundles[0]).card.members
    )
    asked = []
    monkeypatch.setattr(export_room, "quantised", lambda model, faces: asked.append(model) or model)
    for given, int8, wanted in [
        ([quick], True, 0),
        ([quick, drawn_bundles[1]], True, 1),
        ([quick, drawn_bundles[1]], False, 0),
    ]:
        asked.clear()
        path = export_bundle(given, tmp_path / "out.onnx", **JOINED | {"int8": int8})
        assert (len(asked), read_bundle(path).card.precision) == (wanted, "int8")


def test_notes_of_bundles_are_kept(drawn_bundles, tmp_path):
    members = read_bundle(drawn_bundles[0]).card.members
    noted = [
        tiny_conv(tmp_path / f"{note}.onnx", 1, notes=note, members=members) for note in ("B.", "A.", "A.")
    ]
    path = export_bundle([*noted, drawn_bundles[0]], tmp_path / "out.onnx", **JOINED)
    assert read_bundle(path).card.notes == "A. B."


def test_the_same_bundles_give_the_same_graph(drawn_bundles, tmp_path):
    one, other = (
        read_bundle(export_bundle(drawn_bundles, tmp_path / "out.onnx", **JOINED | {"tta": True}))
        for _ in range(2)
    )
    same = other.card.model_copy(update={"created": one.card.created})
    assert sealed(onnx.load_from_string(other.content), same) == one.content
