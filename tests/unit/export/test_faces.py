"""Where validation and calibration faces come from, and which are refused."""

from dataclasses import replace

import numpy as np
import pytest

from builders import faces, fer_csv, predictions
from mien.data import read_faces
from mien.errors import DataError, RunError
from mien.evaluate.predictions import write_predictions
from mien.evaluate.run import predictions_path
from mien.export.faces import CALIBRATION_FACES, calibration_faces, common_validation, validation_of
from mien.train.run import read_run
from training_builders import tiny_run


def run_on(path, source):
    return read_run(tiny_run(path, source=str(source)).path)


@pytest.fixture
def source(tmp_path):
    return fer_csv(tmp_path / "fer2013.csv", faces(70))


@pytest.fixture
def run(tmp_path, source):
    return run_on(tmp_path / "net", source)


def test_they_are_read_from_the_source(run, source):
    expected = read_faces(source).of_split("validation")
    found = validation_of(run)
    assert len(found) == 7
    np.testing.assert_array_equal(found.images, expected.images)
    np.testing.assert_array_equal(found.labels, expected.labels)
    np.testing.assert_array_equal(found.ids, expected.ids)


def test_saved_predictions_need_no_source(run, source):
    saved = predictions()
    write_predictions(predictions_path(run, "validation"), saved)
    source.unlink()
    np.testing.assert_array_equal(validation_of(run).images, saved.faces)


@pytest.mark.parametrize("change", ["damaged", "without faces"])
def test_useless_predictions_are_passed_over(run, change):
    path = predictions_path(run, "validation")
    write_predictions(path, predictions(faces=None))
    if change == "damaged":
        path.write_bytes(b"half")
    assert len(validation_of(run)) == 7


def test_the_source_may_have_moved(run, source, tmp_path):
    moved = source.rename(tmp_path / "elsewhere.csv")
    with pytest.raises(DataError, match=r"fer2013\.csv"):
        validation_of(run)
    assert len(validation_of(run, str(moved))) == 7


def test_another_source_is_refused(run, tmp_path):
    other = fer_csv(tmp_path / "other.csv", faces(70, seed=1))
    with pytest.raises(DataError, match="fingerprint"):
        validation_of(run, str(other))
    with pytest.raises(DataError, match="fingerprint"):
        calibration_faces(run, str(other))


def test_faces_without_a_label_measure_nothing(run):
    labels = predictions().labels.copy()
    labels[:60] = -1
    write_predictions(predictions_path(run, "validation"), predictions(labels=labels))
    assert len(validation_of(run)) == 10
    write_predictions(predictions_path(run, "validation"), predictions(labels=np.full(70, -1)))
    with pytest.raises(DataError, match="no labelled validation face"):
        validation_of(run)


def test_runs_share_what_they_were_validated_on(run, source, tmp_path):
    assert len(common_validation([run, run_on(tmp_path / "other", source)])) == 7


def test_runs_validated_on_different_faces_are_refused(run, tmp_path):
    other = run_on(tmp_path / "other", fer_csv(tmp_path / "other.csv", faces(70, seed=1)))
    with pytest.raises(RunError, match="validated on different faces"):
        common_validation([run, other])


def test_calibration_keeps_the_proportions_of_training(tmp_path):
    some = faces(1000)
    labels = np.where(np.arange(1000) % 4 == 0, 3, some.labels % 2)
    source = fer_csv(tmp_path / "fer2013.csv", replace(some, labels=labels))
    run = run_on(tmp_path / "net", source)
    found = calibration_faces(run, None)
    training = read_faces(source).of_split("train")
    label_of = {image.tobytes(): label for image, label in zip(training.images, training.labels, strict=True)}
    drawn = np.array([label_of[image.tobytes()] for image in found])
    assert len(found) == len(np.unique(found, axis=0)) == CALIBRATION_FACES
    expected = np.bincount(training.labels) * (len(found) / len(training))
    np.testing.assert_allclose(np.bincount(drawn), expected, atol=1)
    np.testing.assert_array_equal(found, calibration_faces(run, None))
    assert not np.array_equal(found, calibration_faces(run, None, seed=1))


def test_calibration_faces_are_equalised(tmp_path, source):
    run = read_run(tiny_run(tmp_path / "net", ["prepare.clahe.clip=2.0"], str(source)).path)
    assert len(calibration_faces(run, None)) == 56
    raw = {image.tobytes() for image in read_faces(source).images}
    assert not raw & {image.tobytes() for image in calibration_faces(run, None)}
