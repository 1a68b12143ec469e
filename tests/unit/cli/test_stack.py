import numpy as np
import pytest

import mien
from builders import faces, fer_csv
from mien.cli.app import run
from mien.labels import FERPLUS_COLUMNS, USAGES
from mien.predictions import predictions_for
from mien.predictions_file import read_predictions, write_predictions


def test_predictions_and_votes_become_one_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    some = faces(60)
    read = mien.read_faces(fer_csv(tmp_path / "faces.csv", some)).of_split("train")
    shares = np.full((len(read), 7), 1 / 7)
    given = predictions_for(read, shares, split="out-of-fold", system="uniform")
    write_predictions(tmp_path / "train.npz", given)
    header = ",".join(["Usage", "Image name", *FERPLUS_COLUMNS])
    rows = [f"{list(USAGES)[split]},x.png,{','.join(['1'] * 10)}" for split in some.splits]
    (tmp_path / "votes.csv").write_text("\n".join([header, *rows]))
    arguments = ["stack", "train.npz", "--data", "faces.csv", "-o", "soft.npz", "--folds", "2"]
    assert run([*arguments, "--ferplus", "votes.csv"]) == 0
    assert "soft.npz: 4" in capsys.readouterr().err
    found = read_predictions(tmp_path / "soft.npz")
    assert found.system == "uniform + FER+"
    assert np.array_equal(found.ids, read.ids)
    assert run([*arguments, "--ferplus", "votes.csv"]) == 0  # an earlier result is replaced
    assert run(["stack", "missing.npz", "--data", "faces.csv", "-o", "soft.npz"]) == 2
    assert "missing.npz" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("train.npz", "this is an input"),
        ("faces.npz", "exists and is not saved predictions"),
        ("soft.csv", "unknown ending, expected .npz"),
    ],
)
def test_an_input_and_another_file_are_not_replaced(tmp_path, monkeypatch, capsys, output, words):
    monkeypatch.chdir(tmp_path)
    read = mien.read_faces(fer_csv(tmp_path / "faces.csv", faces(60))).of_split("train")
    given = predictions_for(read, np.full((len(read), 7), 1 / 7), split="out-of-fold", system="uniform")
    write_predictions(tmp_path / "train.npz", given)
    np.savez(tmp_path / "faces.npz", images=read.images, labels=read.labels)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert run(["stack", "train.npz", "--data", "faces.csv", "-o", output]) == 2
    assert words in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_another_file_is_not_replaced(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    before = fer_csv(tmp_path / "faces.csv", faces(60)).read_bytes()
    assert run(["stack", "missing.npz", "--data", "faces.csv", "-o", "faces.csv"]) == 2
    assert "exists and is not saved predictions" in capsys.readouterr().err
    assert (tmp_path / "faces.csv").read_bytes() == before
