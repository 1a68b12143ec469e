"""Ensembles of bundles and runs, and test-time augmentation added to them."""

import shutil

import numpy as np
import onnx
import pytest

from bundle_builders import conv_bundle
from export_builders import OPTIONS, logits_of, lose_data, member, softmax
from mien import metrics
from mien.bundles.reading import read_bundle
from mien.bundles.seal import sealed
from mien.config.training import TTA
from mien.data import read_faces
from mien.data.synthetic import generate_faces
from mien.errors import BundleError, RunError
from mien.evaluation.calibration.temperature import fit_temperature
from mien.exporting import build
from mien.exporting.evaluation_data import validation_faces_of
from mien.exporting.export import export_bundle
from mien.recognition.engines.onnx_engine import OnnxEngine
from mien.transforms.preprocess import equalize

JOINED = OPTIONS | {"data": "synthetic:200"}


@pytest.fixture
def drawn_bundles(tmp_path):
    """Two bundles whose metadata name the training data of the runs."""
    fingerprint = read_faces("synthetic:200").fingerprint
    return [
        tiny_conv(
            tmp_path / f"{seed}.onnx", seed, members=(member(fingerprint=fingerprint, run=f"net-{seed}"),)
        )
        for seed in (1, 2)
    ]


def tiny_conv(path, seed, **changes):
    path.write_bytes(conv_bundle(seed, **changes).content)
    return path


def test_bundles_are_joined(drawn_bundles, tmp_path):
    bundle = export_bundle(drawn_bundles, tmp_path / "both.onnx", **JOINED)
    faces = read_faces("synthetic:200").of_split("validation")
    assert [member.run for member in bundle.metadata.members] == ["net-1", "net-2"]
    assert (bundle.metadata.name, bundle.metadata.precision, bundle.metadata.tta) == ("both", "float32", None)
    each = [softmax(logits_of(read_bundle(one), faces.images)) for one in drawn_bundles]
    mean = np.mean(each, axis=0)
    answers = OnnxEngine(bundle, threads=1)(faces.images)
    np.testing.assert_allclose(softmax(answers.logits), mean, atol=1e-5)
    assert bundle.metadata.scores[0].accuracy == pytest.approx(metrics.accuracy(faces.labels, mean.argmax(1)))
    assert bundle.metadata.calibration.temperature == pytest.approx(
        fit_temperature(np.log(mean), faces.labels), rel=1e-3
    )
    fitted = metrics.log_loss(answers.probabilities, faces.labels)
    assert fitted < bundle.metadata.scores[0].log_loss < 1.1 * fitted


def test_a_bundle_with_its_copy_equals_itself(drawn_bundles, tmp_path):
    one, copied = drawn_bundles[0], shutil.copy(drawn_bundles[0], tmp_path / "copy.onnx")
    said: list[str] = []
    alone, twice = (
        export_bundle(given, tmp_path / "out.onnx", **JOINED | {"notice": said.append})
        for given in ([one], [one, copied])
    )
    assert [line for line in said if "more than one" in line] == [
        "network net-1 is in more than one component, so its weight in the mean is higher"
    ]
    assert twice.metadata.scores[0].accuracy == alone.metadata.scores[0].accuracy
    assert twice.metadata.calibration.temperature == pytest.approx(
        alone.metadata.calibration.temperature, rel=1e-3
    )


def test_networks_have_equal_weights_joined_at_once_or_one_by_one(drawn_bundles, tmp_path):
    members = read_bundle(drawn_bundles[0]).metadata.members
    given = [*drawn_bundles, tiny_conv(tmp_path / "3.onnx", 3, members=members)]
    pair = export_bundle(given[:2], tmp_path / "pair.onnx", **JOINED)
    one_by_one = export_bundle([pair, given[2]], tmp_path / "more.onnx", **JOINED)
    at_once = export_bundle(given, tmp_path / "all.onnx", **JOINED)
    assert one_by_one.metadata.members == at_once.metadata.members
    some = read_faces("synthetic:200").of_split("validation").images
    np.testing.assert_allclose(
        softmax(logits_of(one_by_one, some)), softmax(logits_of(at_once, some)), atol=1e-5
    )


def test_a_run_and_a_bundle_are_joined_on_the_faces_of_the_run(
    copy, single, converted, drawn_bundles, tmp_path
):
    """The data set is not needed if saved predictions have its faces."""
    clahe, members = copy.recipe.preprocess.clahe, read_bundle(drawn_bundles[0]).metadata.members
    other = tiny_conv(tmp_path / "other.onnx", 1, clahe=clahe, members=members)
    lose_data(copy)
    bundle = export_bundle([copy.path, other], tmp_path / "both.onnx", **OPTIONS)
    faces = equalize(validation_faces_of(copy).images, copy.recipe.preprocess)
    mean = np.mean([softmax(logits_of(one, faces)) for one in (single.bundle, read_bundle(other))], axis=0)
    np.testing.assert_allclose(
        softmax(OnnxEngine(bundle, threads=1)(validation_faces_of(copy).images).logits), mean, atol=1e-5
    )
    assert [member.run for member in bundle.metadata.members] == ["copy", "net-1"]


def test_a_bundle_of_another_preparation_is_refused(copy, drawn_bundles, tmp_path):
    with pytest.raises(RunError, match="differ in CLAHE"):
        export_bundle([copy.path, drawn_bundles[0]], tmp_path / "both.onnx", **OPTIONS)


@pytest.mark.parametrize(
    ("option", "tta"),
    [
        ("tta", TTA()),
        ("flip", TTA(flip=True, shift=0)),
        ("blur", TTA(flip=False, shift=0, blur=True)),
    ],
    ids=["tta", "flip", "blur"],
)
def test_tta_is_added_to_bundles(option, tta, drawn_bundles, tmp_path):
    bundle = export_bundle(drawn_bundles, tmp_path / "both.onnx", **JOINED | {option: True})
    assert bundle.metadata.tta == tta
    with pytest.raises(BundleError, match=rf"both\.onnx: .* already; leave out {option}=True"):
        export_bundle([bundle], tmp_path / "more.onnx", **JOINED | {option: True})
    kept = export_bundle([bundle], tmp_path / "more.onnx", **JOINED)
    assert kept.metadata.tta == tta


def test_blur_is_added_before_existing_views(drawn_bundles, tmp_path):
    ten = export_bundle(drawn_bundles, tmp_path / "ten.onnx", **JOINED | {"tta": True})
    blurred = export_bundle([ten], tmp_path / "blurred.onnx", **JOINED | {"blur": True})
    at_once = export_bundle(drawn_bundles, tmp_path / "once.onnx", **JOINED | {"tta": True, "blur": True})
    assert blurred.metadata.tta == at_once.metadata.tta == TTA(blur=True)
    faces = generate_faces(9, seed=5).images
    in_two_steps, in_one = (OnnxEngine(made, threads=1)(faces).logits for made in (blurred, at_once))
    np.testing.assert_allclose(in_two_steps, in_one, atol=1e-4)


def test_int8_components_are_not_quantized_again(drawn_bundles, tmp_path, monkeypatch):
    quick = tiny_conv(
        tmp_path / "int8.onnx", 3, precision="int8", members=read_bundle(drawn_bundles[0]).metadata.members
    )
    asked = []
    monkeypatch.setattr(build, "quantized", lambda model, faces: asked.append(model) or model)
    for given, int8, wanted in [
        ([quick], True, 0),
        ([quick, drawn_bundles[1]], True, 1),
        ([quick, drawn_bundles[1]], False, 0),
    ]:
        asked.clear()
        bundle = export_bundle(given, tmp_path / "out.onnx", **JOINED | {"int8": int8})
        assert (len(asked), bundle.metadata.precision) == (wanted, "int8")


def test_notes_of_bundles_are_kept(drawn_bundles, tmp_path):
    members = read_bundle(drawn_bundles[0]).metadata.members
    noted = [
        tiny_conv(tmp_path / f"{file}.onnx", 1, notes=note, members=members)
        for file, note in [("b", "B."), ("a", "A."), ("c", "A.")]
    ]
    bundle = export_bundle([*noted, drawn_bundles[0]], tmp_path / "out.onnx", **JOINED)
    assert bundle.metadata.notes == "A. B."


def test_the_same_bundles_give_the_same_graph(drawn_bundles, tmp_path):
    one, other = (
        export_bundle(drawn_bundles, tmp_path / "out.onnx", **JOINED | {"tta": True}) for _ in range(2)
    )
    same = other.metadata.model_copy(update={"created": one.metadata.created})
    assert sealed(onnx.load_from_string(other.content), same) == one.content
