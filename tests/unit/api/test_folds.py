from pathlib import Path

import numpy as np
import pytest

import mien
from builders import faces, fer_csv
from mien.data.folds import fold_numbers
from mien.errors import RunError
from mien.predictions_file import read_predictions
from training_builders import TINY, Notices

SHORT = {"train.epochs": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("folds")


@pytest.fixture(scope="module")
def source(folder: Path) -> Path:
    return fer_csv(folder / "faces.csv", faces(60))


@pytest.fixture(scope="module")
def found(folder: Path, source: Path) -> mien.Predictions:
    return mien.out_of_fold(TINY, source, folds=2, out=folder / "out", overrides=SHORT, device="cpu")


def test_each_training_face_is_predicted_by_a_run_that_was_not_trained_on_it(folder, source, found):
    read = mien.read_faces(source)
    numbers = fold_numbers(read, 2, 0)
    for number in (1, 2):
        run = mien.Run(folder / "out" / f"fold-{number}")
        assert run.info.counts["train"] == (read.in_split("train") & (numbers != number)).sum()
        own = read.take((numbers == number) & read.in_split("train"))
        expected = run.predictions("all", data=own).probabilities
        rows = np.isin(found.ids, own.ids)
        assert np.allclose(found.probabilities[rows], expected, atol=1e-5)


def test_the_files_have_all_training_rows_and_all_rows(folder, source, found):
    read = mien.read_faces(source)
    training = read_predictions(folder / "out" / "train.npz")
    assert np.array_equal(training.ids, read.of_split("train").ids)
    assert np.array_equal(training.probabilities, found.probabilities)
    assert np.array_equal(read_predictions(folder / "out" / "all.npz").ids, read.ids)
    assert mien.evaluate(training).in_training is None


def test_a_second_call_trains_nothing(folder, source, found, monkeypatch):
    monkeypatch.setattr("mien.training.runner.train_run", None)
    notices = Notices()
    again = mien.out_of_fold(
        TINY, source, folds=2, out=folder / "out", overrides=SHORT, callbacks=[notices], device="cpu"
    )
    assert np.array_equal(again.probabilities, found.probabilities)
    assert "fold-2" in notices.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"overrides": {"train.epochs": 1, "optimizer.lr": 0.5}}, r"optimizer\.lr differs"),
        ({"seed": 1}, r"data\.fold\.seed differs"),
        ({"data": "synthetic:70"}, "the data set differs"),
        ({"overrides": {"data.fold": {"number": 1, "of": 2}}}, "remove it from the recipe"),
        ({"split": "test"}, "split='test'"),
        ({"folds": 1}, "folds=1"),
    ],
)
def test_other_arguments_need_another_folder(folder, source, found, changes, words):
    given = {
        "data": source,
        "folds": 2,
        "out": folder / "out",
        "overrides": SHORT,
        "device": "cpu",
        **changes,
    }
    with pytest.raises(RunError, match=words):
        mien.out_of_fold(TINY, **given)
