"""Where validation and calibration faces come from, and which are refused."""

from dataclasses import replace

import numpy as np
import pytest

from builders import faces, fer_csv, predictions
from export_builders import idle_component, idle_component_of, member
from mien.data import read_faces
from mien.data.splits import with_validation
from mien.errors import DataError, RunError
from mien.evaluation.runs import predictions_path
from mien.exporting.evaluation_data import (
    CALIBRATION_FACES,
    calibration_images,
    shared_validation_faces,
    validation_faces_of,
)
from mien.labels import SPLITS
from mien.predictions_file import write_predictions
from mien.training.run_folder.run import RunFolder
from training_builders import tiny_run


def run_on(path, source):
    return RunFolder(tiny_run(path, source=str(source)).path)


@pytest.fixture
def source(tmp_path):
    return fer_csv(tmp_path / "fer2013.csv", faces(70))


@pytest.fixture
def run(tmp_path, source):
    return run_on(tmp_path / "net", source)


def test_they_are_read_from_the_source(run, source):
    expected = read_faces(source).of_split("validation")
    found = validation_faces_of(run)
    assert len(found) == 7
    np.testing.assert_array_equal(found.images, expected.images)
    np.testing.assert_array_equal(found.labels, expected.labels)
    np.testing.assert_array_equal(found.ids, expected.ids)


@pytest.mark.parametrize("name", ["validation", "validation-tta"])
def test_saved_predictions_need_no_source(run, source, name):
    saved = predictions()
    write_predictions(predictions_path(run, name), saved)
    source.unlink()
    np.testing.assert_array_equal(validation_faces_of(run).images, saved.images)


@pytest.mark.parametrize("change", ["damaged", "without faces"])
def test_unusable_predictions_are_ignored(run, change):
    path = predictions_path(run, "validation")
    write_predictions(path, predictions(images=None))
    if change == "damaged":
        path.write_bytes(b"half")
    assert len(validation_faces_of(run)) == 7


def test_the_source_may_have_moved(run, source, tmp_path):
    moved = source.rename(tmp_path / "elsewhere.csv")
    with pytest.raises(DataError, match=r"fer2013\.csv"):
        validation_faces_of(run)
    assert len(validation_faces_of(run, str(moved))) == 7


def test_another_source_is_refused(run, tmp_path):
    other = fer_csv(tmp_path / "other.csv", faces(70, seed=1))
    with pytest.raises(DataError, match="fingerprint"):
        validation_faces_of(run, str(other))
    with pytest.raises(DataError, match="fingerprint"):
        calibration_images([idle_component_of(run)], str(other))


def test_unlabeled_faces_are_ignored(run):
    labels = predictions().labels.copy()
    labels[:60] = -1
    write_predictions(predictions_path(run, "validation"), predictions(labels=labels))
    assert len(validation_faces_of(run)) == 10
    write_predictions(predictions_path(run, "validation"), predictions(labels=np.full(70, -1)))
    with pytest.raises(DataError, match="no labeled validation face"):
        validation_faces_of(run)


def test_runs_share_their_validation_faces(run, source, tmp_path):
    assert (
        len(
            shared_validation_faces(
                [idle_component_of(one) for one in (run, run_on(tmp_path / "other", source))]
            )
        )
        == 7
    )


def test_runs_validated_on_different_faces_are_refused(run, tmp_path):
    other = run_on(tmp_path / "other", fer_csv(tmp_path / "other.csv", faces(70, seed=1)))
    with pytest.raises(RunError, match="validated on different faces"):
        shared_validation_faces([idle_component_of(run), idle_component_of(other)])


def test_calibration_keeps_the_proportions_of_training(tmp_path):
    some = faces(1000)
    labels = np.where(np.arange(1000) % 4 == 0, 3, some.labels % 2)
    source = fer_csv(tmp_path / "fer2013.csv", replace(some, labels=labels))
    run = run_on(tmp_path / "net", source)
    found = calibration_images([idle_component_of(run)], None)
    training = read_faces(source).of_split("train")
    label_of = {image.tobytes(): label for image, label in zip(training.images, training.labels, strict=True)}
    drawn = np.array([label_of[image.tobytes()] for image in found])
    assert len(found) == len(np.unique(found, axis=0)) == CALIBRATION_FACES
    expected = np.bincount(training.labels) * (len(found) / len(training))
    np.testing.assert_allclose(np.bincount(drawn), expected, atol=1)
    np.testing.assert_array_equal(found, calibration_images([idle_component_of(run)], None))
    assert not np.array_equal(found, calibration_images([idle_component_of(run)], None, seed=1))


def test_calibration_images_are_equalized(tmp_path, source):
    run = RunFolder(tiny_run(tmp_path / "net", ["preprocess.clahe.clip_limit=2.0"], str(source)).path)
    assert len(calibration_images([idle_component_of(run)], None)) == 56
    raw = {image.tobytes() for image in read_faces(source).images}
    assert not raw & {image.tobytes() for image in calibration_images([idle_component_of(run)], None)}


def bundle_on(source, *overrides, name="one.onnx", **changes):
    """Return a bundle that was trained on a source."""
    stored = member(*overrides, fingerprint=read_faces(source).fingerprint)
    return idle_component(name, members=(stored,), **changes)


@pytest.fixture
def undivided(tmp_path):
    """Return a source without validation faces."""
    some = faces(200)
    splits = np.where(some.splits == SPLITS.index("validation"), SPLITS.index("train"), some.splits)
    return fer_csv(tmp_path / "undivided.csv", replace(some, splits=splits))


def test_a_bundle_is_validated_on_the_faces_of_its_source(source):
    component = bundle_on(source)
    expected = read_faces(source).of_split("validation")
    np.testing.assert_array_equal(shared_validation_faces([component], str(source)).images, expected.images)
    assert len(calibration_images([component], str(source))) == 56


def test_a_bundle_alone_needs_its_faces(source):
    with pytest.raises(
        DataError, match=r"one\.onnx: no run here .*synthetic:200, fingerprint .*pass data=\.\.\."
    ):
        shared_validation_faces([bundle_on(source)])
    with pytest.raises(DataError, match=r"pass data=\.\.\."):
        calibration_images([bundle_on(source)], None)


def test_a_bundle_is_never_validated_on_other_faces(source, tmp_path):
    other = fer_csv(tmp_path / "other.csv", faces(70, seed=1))
    with pytest.raises(DataError, match=r"other\.csv: fingerprint .* tiny-1 of one\.onnx was trained on"):
        shared_validation_faces([bundle_on(source)], str(other))


def test_a_run_beside_a_bundle_has_its_faces(run, source):
    saved = predictions()
    write_predictions(predictions_path(run, "validation"), saved)
    component = bundle_on(source, "train.seed=9")  # without effect on a source that has a validation split
    source.unlink()
    np.testing.assert_array_equal(
        shared_validation_faces([component, idle_component_of(run)]).images, saved.images
    )


def test_a_run_beside_a_bundle_must_have_its_faces(run, source, tmp_path):
    other = fer_csv(tmp_path / "other.csv", faces(70, seed=1))
    with pytest.raises(DataError, match="no run here has the faces"):
        shared_validation_faces([idle_component_of(run), bundle_on(other)])


def test_the_hold_out_is_that_of_the_training(undivided):
    component = bundle_on(undivided, "train.seed=3", "data.holdout=0.2")
    expected = with_validation(read_faces(undivided), 0.2, 3)
    found = shared_validation_faces([component], str(undivided))
    np.testing.assert_array_equal(found.images, expected.of_split("validation").images)
    training = {image.tobytes() for image in expected.of_split("train").images}
    assert {image.tobytes() for image in calibration_images([component], str(undivided))} <= training


@pytest.mark.parametrize("where", ["in two bundles", "in one bundle", "beside a run"])
def test_different_hold_outs_are_refused(where, undivided, tmp_path):
    one, two = (bundle_on(undivided, f"train.seed={seed}") for seed in (1, 2))
    components = {
        "in two bundles": [one, two],
        "in one bundle": [idle_component(members=(*one.members, *two.members))],
        "beside a run": [idle_component_of(held_out(tmp_path / "net", undivided)), two],
    }[where]
    with pytest.raises(RunError, match="validated on different faces"):
        shared_validation_faces(components, str(undivided))


def held_out(path, source):
    run = run_on(path, source)
    run.info = run.info.model_copy(update={"held_out": True})
    return run


def test_invalid_rows_are_skipped_as_in_training(source):
    component = bundle_on(source)
    with source.open("a") as stream:
        stream.write("9,1 2 3,Training\n")
    assert len(shared_validation_faces([component], str(source))) == 7
