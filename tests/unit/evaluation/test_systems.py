"""Predictions of anything that can be evaluated."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from builders import faces, fer_csv, predictions
from bundle_builders import in_memory
from mien.data import read_faces
from mien.errors import DataError, PredictionsError
from mien.evaluation.request import Request
from mien.evaluation.systems import open_system, predictions_of, predictions_to_compare
from mien.labels import EMOTIONS
from mien.predictions_file import write_predictions
from training_builders import tiny_run


@pytest.fixture
def run(tmp_path):
    made = tiny_run(tmp_path / "net", source=str(fer_csv(tmp_path / "fer2013.csv", faces(70))))
    write_predictions(made.path / "predictions" / "test.npz", predictions(split="test", system="net"))
    return made


@pytest.fixture
def csv(tmp_path):
    rows = [",".join(f"{value}" for value in row) for row in np.eye(7)[np.arange(7)]]
    path = tmp_path / "theirs.csv"
    path.write_text("\n".join([",".join(EMOTIONS), *rows]) + "\n")
    return path


def test_a_run_is_given_as_object_or_path(run):
    for system in (run, run.path, str(run.path)):
        found = predictions_of(system, Request("test"))
        assert found.predictions.system == "net"
        assert found.report_folder == run.path / "report" / "test"


def test_a_bundle_needs_a_data_set(tmp_path):
    bundle = in_memory()
    assert len(predictions_of(bundle, Request(data=faces(70))).predictions) == 7
    with pytest.raises(PredictionsError, match=r"a bundle has no faces; pass data=\.\.\."):
        predictions_of(bundle)


def test_predictions_are_given_as_object_or_file(tmp_path):
    made = predictions(system="theirs")
    write_predictions(tmp_path / "theirs.npz", made)
    assert predictions_of(made).predictions is made
    assert predictions_of(made).report_folder == Path("theirs-report")
    found = predictions_of(tmp_path / "theirs.npz", Request("validation"))
    assert found.report_folder == tmp_path / "theirs-report"
    with pytest.raises(PredictionsError, match="predictions for the split 'validation', not 'test'"):
        predictions_of(made, Request("test"))


@pytest.mark.parametrize("as_faces", [True, False])
def test_a_csv_is_about_a_split_of_a_data_set(csv, tmp_path, as_faces):
    path = fer_csv(tmp_path / "fer2013.csv", faces(70))
    data = read_faces(path) if as_faces else path
    found = predictions_of(csv, Request("test", data)).predictions
    assert (len(found), found.split, found.in_training.sum()) == (7, "test", 0)
    with pytest.raises(PredictionsError, match=r"pass split=\.\.\."):
        predictions_of(csv, Request(data=data))


def test_a_csv_to_compare_is_about_the_faces_of_the_run(run, csv):
    some = read_faces(run.source).of_split("test")
    ours = predictions(7, labels=some.labels, ids=some.ids, split="test")
    assert len(predictions_to_compare(csv, ours, source=run.source)) == 7
    with pytest.raises(PredictionsError, match="no column 'label'"):
        predictions_to_compare(csv, ours)


def test_a_csv_may_lack_faces_if_that_is_allowed(tmp_path):
    some, path = faces(70), tmp_path / "few.csv"
    ids = some.of_split("test").ids[:5]
    path.write_text("\n".join(["id," + ",".join(EMOTIONS), *(f"{name},1,0,0,0,0,0,0" for name in ids)]))
    with pytest.raises(PredictionsError, match="no row for 2 faces"):
        predictions_of(path, Request("test", some))
    found = predictions_of(path, Request("test", some), incomplete=True).predictions
    assert found.ids.tolist() == ids.tolist()
    assert found.leakage_warnings[0].startswith("few.csv has no prediction for 2 of 7 faces")


def test_a_csv_of_predicted_classes_has_no_probabilities(tmp_path):
    some, path = faces(70), tmp_path / "labels.csv"
    path.write_text("prediction\n" + "happy\n" * 7)
    found = predictions_of(path, Request("test", some), incomplete=True).predictions
    assert found.only_classes
    assert not predictions_to_compare(in_memory(), found).only_classes


def test_a_bundle_to_compare_predicts_the_same_faces():
    ours = predictions(images=faces(70).images)
    theirs = predictions_to_compare(in_memory(), ours)
    np.testing.assert_array_equal(theirs.images, ours.images)


def test_only_a_run_has_test_time_augmentation(csv):
    for system in (in_memory(), predictions(), csv):
        with pytest.raises(PredictionsError, match="test-time augmentation needs a run"):
            predictions_of(system, Request(tta=True))


def test_an_unknown_system_is_one_clear_line(tmp_path):
    with pytest.raises(PredictionsError, match="nowhere: not found; expected a run folder"):
        open_system(tmp_path / "nowhere")


def test_a_file_of_something_else_is_one_clear_line(tmp_path):
    (tmp_path / "x.bin").write_bytes(b"something")
    with pytest.raises(PredictionsError, match=r"x\.bin: no system; expected a run folder"):
        open_system(tmp_path / "x.bin")


def test_systems_in_memory_are_left_as_they_are():
    for system in (in_memory(), predictions(), replace(predictions(), images=None)):
        assert open_system(system) is system


@pytest.mark.parametrize("system", [3, None, ["net"]])
def test_a_system_of_another_type_is_one_clear_line(system):
    with pytest.raises(PredictionsError, match=r"system of type .*, expected a run, a bundle, predictions"):
        open_system(system)


def test_an_unknown_split_is_named_with_the_known_ones(run, csv):
    for system, data in ((run, None), (in_memory(), faces(70)), (csv, faces(70))):
        with pytest.raises(DataError, match="no split 'foo'; expected train, validation, test or all"):
            predictions_of(system, Request("foo", data))
