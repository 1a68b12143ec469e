"""From run folders to a verified bundle, or to nothing."""

import json
import re

import numpy as np
import pytest

from bundle_builders import tiny_card
from export_builders import OPTIONS, lose_data, with_epochs
from mien import metrics
from mien.bundles.reading import read_bundle
from mien.config.distillation import Distillation
from mien.config.training import TTA
from mien.data import read_faces
from mien.errors import BundleError, DataError, MienError, RunError
from mien.evaluation.calibration.temperature import fit_temperature
from mien.evaluation.calibration.threshold import fit_confidence_threshold
from mien.evaluation.caveats import PUBLIC_TEST
from mien.evaluation.scoring import evaluate
from mien.exporting import components, verification
from mien.exporting.evaluation_data import validation_faces_of
from mien.exporting.export import export_bundle
from mien.exporting.metadata import license_of
from mien.labels import EMOTIONS
from mien.predictions import Predictions
from mien.recognition.engines.onnx_engine import OnnxEngine
from mien.training.inference import probabilities, read_network
from mien.training.run_folder.info import write_info
from training_builders import without_digests


def test_metadata_have_the_metrics(plain, single):
    metadata = single.bundle.metadata
    faces = validation_faces_of(plain)
    answers = OnnxEngine(single.bundle, threads=1)(faces.images)
    scores = metadata.scores[0]
    assert (scores.split, scores.n) == ("validation", len(faces))
    assert scores.accuracy == pytest.approx(metrics.accuracy(faces.labels, answers.logits.argmax(1)))
    assert scores.log_loss == pytest.approx(metadata.calibration.out_of_fold[0].log_loss, abs=0.03)
    assert scores.log_loss > metrics.log_loss(answers.probabilities, faces.labels)
    assert metadata.calibration.temperature == pytest.approx(
        fit_temperature(answers.logits, faces.labels), rel=1e-3
    )
    assert 1.2 < metadata.calibration.temperature < 4
    expected = fit_confidence_threshold(answers.probabilities, faces.labels)
    assert metadata.confidence_threshold.coverage == pytest.approx(expected.coverage)
    assert metadata.confidence_threshold.value == pytest.approx(expected.value, abs=1e-4)
    present = {plain.classes[label] for label in faces.labels}
    assert set(scores.recalls) == present


def test_metadata_describe_the_network(plain, single):
    metadata = single.bundle.metadata
    assert (metadata.name, metadata.precision, metadata.tta, metadata.size) == ("plain", "float32", None, 48)
    assert metadata.classes == plain.classes
    assert metadata.clahe == plain.recipe.preprocess.clahe
    (member,) = metadata.members
    assert (member.run, member.recipe_name, member.source) == ("plain", "tiny", "synthetic:200")
    assert member.recipe == plain.recipe.model_dump(mode="json", exclude={"cost", "result"})
    assert member.fingerprint == plain.fingerprint
    assert len(member.weights) == 32
    assert metadata.license == "not stated; trained on synthetic:200"


@pytest.mark.parametrize(
    ("supports", "license_text"),
    [
        (PUBLIC_TEST, "MIT; trained on a.csv, whose images have terms of their own (FER2013: research only)"),
        ((1,) * 7, "not stated; trained on a.csv"),
    ],
)
def test_only_fer2013_has_known_terms(supports, license_text):
    labels = np.repeat(np.arange(7), supports)
    predictions = Predictions(
        np.full((len(labels), 7), 1 / 7, np.float32), labels, labels.astype(str), EMOTIONS, "validation"
    )
    member = tiny_card().members[0].model_copy(update={"source": "a.csv"})
    assert license_of((member,), evaluate(predictions)) == license_text


def test_metadata_of_an_ensemble_describe_all_networks_and_tta(plain, residual, ensemble):
    metadata = ensemble.bundle.metadata
    assert [member.run for member in metadata.members] == ["plain", "residual"]
    assert metadata.members[0].parameters != metadata.members[1].parameters
    assert metadata.tta == plain.recipe.tta
    assert metadata.name == "both"


def test_pretrained_weights_are_named_without_their_folder(copy, converted):
    pretrained = "/home/somebody/resnet.safetensors"
    write_info(copy.path, copy.info.model_copy(update={"pretrained": pretrained}))
    bundle = export_bundle([copy.path], None, **OPTIONS)
    assert "resnet.safetensors" in bundle.metadata.notes
    assert b"somebody" not in bundle.content


@pytest.mark.parametrize(
    ("source", "names", "note"),
    [
        (
            {"teachers": ("small", "/home/somebody/big.onnx")},
            {"teachers": ["small", "big.onnx"]},
            "big.onnx and small",
        ),
        ({"predictions": "/home/somebody/p.npz"}, {"teachers": [], "predictions": "p.npz"}, "p.npz"),
    ],
)
def test_teachers_are_named_without_their_folders(copy, converted, source, names, note):
    teacher = Distillation(**source, alpha=0.5)
    recipe = copy.recipe.model_copy(update={"distillation": teacher})
    run = without_digests(copy.path)
    (copy.path / "recipe.yaml").write_text(json.dumps(recipe.model_dump(mode="json")))
    info = run.info.model_copy(update={"leakage_warnings": ("It leaked.",)})
    (copy.path / "run.json").write_text(info.model_dump_json())
    bundle = export_bundle([copy.path], None, **OPTIONS)
    assert bundle.metadata.notes == f"{copy.name} was distilled from {note}. It leaked."
    stored = bundle.metadata.members[0].recipe["distillation"]
    assert stored == {**names, "alpha": 0.5, "temperature": 1.0}
    assert b"somebody" not in bundle.content


def test_the_file_is_in_the_run_folder_and_each_step_is_reported(plain, single):
    assert single.path == plain.path / "plain.onnx"
    for notice in ("temperature", "largest difference", "accuracy on validation", "confidence threshold"):
        assert notice in single.notices
    assert "calibrated on 40 faces only" in single.notices
    assert "written: " in single.notices
    assert "not finished" not in single.notices


def test_int8_is_another_file_that_is_nearly_as_good(copy, single, converted, monkeypatch):
    monkeypatch.setattr(verification, "MAX_INT8_LOSS", 1.0)  # of 40 faces one is more than two points
    said = []
    bundle = export_bundle([copy.path], None, **OPTIONS | {"int8": True, "notice": said.append})
    assert bundle.path == copy.path / "copy-int8.onnx"
    assert bundle.metadata.precision == "int8"
    assert len(bundle.content) != len(single.bundle.content)
    assert any(line.startswith("int8: accuracy") for line in said)


def test_tta_is_part_of_the_file_name(copy):
    bundle = export_bundle([copy.path], None, **OPTIONS | {"flip": True, "blur": True})
    assert bundle.path == copy.path / "copy-flip-blur.onnx"
    assert bundle.metadata.tta == TTA(flip=True, shift=0, blur=True)


def test_int8_that_loses_too_much_accuracy_is_not_written(copy, converted, monkeypatch):
    monkeypatch.setattr(verification, "MAX_INT8_LOSS", -1.0)
    with pytest.raises(BundleError, match="export without int8=True"):
        export_bundle([copy.path], None, **OPTIONS | {"int8": True})
    assert not list(copy.path.glob("*.onnx*"))


def test_a_graph_that_computes_something_else_is_not_written(copy, monkeypatch, converted_plain):
    damaged = type(converted_plain)()
    damaged.CopyFrom(converted_plain)
    weight = next(tensor for tensor in damaged.graph.initializer if tensor.name.endswith("classifier.weight"))
    weight.raw_data = (np.frombuffer(weight.raw_data, np.float32) * np.float32(1.01)).tobytes()
    monkeypatch.setattr(components, "to_onnx", lambda graph, size, channels: damaged)
    target = copy.path / "copy.onnx"
    target.write_bytes(b"the old one")
    with pytest.raises(BundleError, match="differs from its components"):
        export_bundle([copy.path], None, **OPTIONS)
    assert target.read_bytes() == b"the old one"


def test_replacing_a_file_is_reported(copy, converted, tmp_path):
    target = tmp_path / "some where" / "face.onnx"
    said = []
    for _ in range(2):
        export_bundle([copy.path], target, **OPTIONS | {"notice": said.append})
    assert [line.split(":")[0] for line in said if "MB" in line] == ["written", "replaced"]
    assert read_bundle(target).metadata.name == "face"
    assert [path.name for path in target.parent.iterdir()] == ["face.onnx"]


def test_the_name_is_that_of_the_file_and_the_metadata(copy, converted):
    bundle = export_bundle([copy.path], None, **OPTIONS | {"name": "best so far"})
    assert bundle.path == copy.path / "best so far.onnx"
    assert bundle.metadata.name == "best so far"


@pytest.mark.parametrize("name", ["face.pt", "face", "face.onnx.zip"])
def test_another_ending_is_refused(plain, tmp_path, name):
    with pytest.raises(RunError, match=r"a bundle is a \.onnx file; give a name that ends in \.onnx"):
        export_bundle([plain.path], tmp_path / name, **OPTIONS)


def test_the_commands_are_stored(single, ensemble):
    assert single.bundle.metadata.commands == (
        "mien train tiny.yaml --data synthetic:200 -o runs/plain",
        "mien export runs/plain -o plain.onnx",
    )
    assert ensemble.bundle.metadata.commands[-1] == "mien export runs/plain runs/residual --tta -o both.onnx"


def test_an_unfinished_run_is_reported(copy, converted):
    unfinished = with_epochs(copy, 5)
    notices = []
    bundle = export_bundle([unfinished], None, **OPTIONS | {"notice": notices.append})
    assert (
        f"{copy.path}: training is not finished (epoch 2 of 5); the best checkpoint so far is exported"
        in notices
    )
    assert "before its training was finished (epoch 2 of 5)" in bundle.metadata.notes


def test_notices_go_to_the_logger_by_default(copy, converted, caplog):
    with caplog.at_level("INFO", logger="mien"):
        export_bundle([copy])
    assert any(record.message.startswith("written: ") for record in caplog.records)


@pytest.mark.parametrize("name", ["", " ", "a/b", "/", "..", "two\nlines", "\x1b[31mred"])
def test_a_name_that_is_a_path_or_cannot_be_printed_is_refused(copy, name):
    refused = "^" + re.escape(f"{name!r} is not a valid name of a bundle; ")
    with pytest.raises(RunError, match=refused):
        export_bundle([copy.path], None, **OPTIONS | {"name": name})


@pytest.mark.parametrize("what", ["2 components", "a bundle"])
def test_the_file_is_required_without_a_single_run(plain, residual, single, what):
    given = [plain.path, residual.path] if what.startswith("2") else [single.path]
    with pytest.raises(RunError, match=rf"exporting {what} needs the file to write; pass out=\.\.\."):
        export_bundle(given, None, **OPTIONS)


def test_a_folder_is_not_replaced(plain, tmp_path):
    with pytest.raises(RunError, match="a folder"):
        export_bundle([plain.path], tmp_path, **OPTIONS)


@pytest.mark.parametrize("which", ["component", "data", "other"])
def test_a_file_that_would_be_lost_is_not_replaced(plain, single, tmp_path, which):
    other = tmp_path / "notes.onnx"
    other.write_text("mine")
    given, out, data, message = {
        "component": ([single.path], single.path, None, "reads that file"),
        "data": ([plain.path], other, str(other), "reads that file"),
        "other": ([plain.path], other, None, "exists and is not a bundle"),
    }[which]
    before = out.read_bytes()
    with pytest.raises(RunError, match=message):
        export_bundle(given, out, **OPTIONS | {"data": data})
    assert out.read_bytes() == before


def test_an_unwritable_place_is_refused_before_anything_is_computed(plain, tmp_path, monkeypatch):
    monkeypatch.setattr("mien.exporting.export.build_bundle", lambda *_: pytest.fail("computed"))
    (tmp_path / "file").write_text("mine")
    with pytest.raises(MienError, match="can't write there"):
        export_bundle([plain.path], tmp_path / "file" / "plain.onnx", **OPTIONS)


def test_no_input_is_refused():
    with pytest.raises(RunError, match=r"nothing to export; give a run folder, a \.onnx file .* bundle"):
        export_bundle([], None, **OPTIONS)


def test_int8_without_its_faces_is_refused_before_anything_is_computed(copy, monkeypatch):
    lose_data(copy)
    monkeypatch.setattr(components, "to_onnx", lambda *_: pytest.fail("converted"))
    with pytest.raises(DataError, match=r"gone\.csv"):
        export_bundle([copy.path], None, **OPTIONS | {"int8": True})


def test_color_is_exported(color, tmp_path, monkeypatch):
    monkeypatch.setattr(verification, "MAX_INT8_LOSS", 1.0)
    options = OPTIONS | {"flip": True, "blur": True}
    bundle = export_bundle([color], tmp_path / "color.onnx", **options)
    assert (bundle.metadata.size, bundle.metadata.channels) == (32, 3)
    faces = np.random.default_rng(0).integers(0, 256, (9, 32, 32, 3), np.uint8)
    found = OnnxEngine(bundle, threads=1)(faces).logits
    preprocess, tta = color.recipe.preprocess, bundle.metadata.tta
    expected = probabilities(read_network(color), faces, preprocess, tta)
    np.testing.assert_allclose(np.exp(found), expected, atol=1e-5)
    quantized = export_bundle(
        [bundle], tmp_path / "int8.onnx", **OPTIONS | {"int8": True, "data": "synthetic:200"}
    )
    assert (quantized.metadata.precision, quantized.metadata.channels) == ("int8", 3)
    assert np.abs(OnnxEngine(quantized, threads=1)(faces).logits - found).mean() < 0.3


def test_the_data_set_may_be_in_memory(copy, converted):
    faces = read_faces("synthetic:200")
    bundle = export_bundle([copy], None, **OPTIONS | {"data": faces})
    assert bundle.metadata.scores[0].n == len(faces.of_split("validation"))
