"""`mien evaluate`: which predictions are measured, what is printed, and what is refused."""

import json
import subprocess
import sys

import numpy as np
import pytest

from builders import faces, fer_csv, predictions, probabilities
from mien.cli.app import run as mien
from mien.data import read_faces
from mien.evaluate import report
from mien.evaluate.predictions import write_predictions
from mien.labels import EMOTIONS
from training_builders import tiny_run


@pytest.fixture(autouse=True)
def no_figures(monkeypatch):
    """Figures are tested elsewhere, and take seconds."""
    monkeypatch.setattr(report, "_figures", lambda *_: iter(()))


@pytest.fixture
def run(tmp_path):
    """A run that was predicted already, on both splits."""
    path = fer_csv(tmp_path / "fer2013.csv", faces(70))
    made = tiny_run(tmp_path / "net", source=str(path))
    for split in ("validation", "test"):
        write_predictions(made.path / "predictions" / f"{split}.npz", predictions(split=split, system="net"))
    return made.path


@pytest.fixture
def saved(tmp_path):
    write_predictions(tmp_path / "theirs.npz", predictions(system="theirs"))
    return tmp_path / "theirs.npz"


def csv_of(path, given, labels=None):
    header = ",".join(EMOTIONS) + (",label" if labels is not None else "")
    rows = [",".join(f"{value:.6f}" for value in row) for row in given]
    if labels is not None:
        rows = [f"{row},{label}" for row, label in zip(rows, labels, strict=True)]
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_a_run_is_measured_on_validation(run, capsys):
    assert mien(["evaluate", str(run)]) == 0
    captured = capsys.readouterr()
    assert "net on validation, 70 faces" in captured.out
    assert "report:" not in captured.out
    assert str(run / "report" / "validation" / "report.html") in captured.err
    assert (run / "report" / "validation" / "evaluation.json").exists()


def test_both_splits(run, capsys):
    assert mien(["evaluate", str(run), "--split", "both", "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert {split: part["split"] for split, part in value.items()} == {
        "validation": "validation",
        "test": "test",
    }


def test_json_is_the_evaluation(run, capsys):
    assert mien(["evaluate", str(run), "--split", "test", "--json"]) == 0
    text = (run / "report" / "test" / "evaluation.json").read_text()
    assert json.loads(capsys.readouterr().out) == json.loads(text)


@pytest.mark.parametrize(("split", "folder"), [("test", "out"), ("both", "out/test")])
def test_out_is_where_the_report_goes(run, tmp_path, split, folder):
    assert mien(["evaluate", str(run), "--split", split, "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / folder / "report.html").exists()
    assert not (run / "report").exists()


def test_saved_predictions_alone(saved, capsys):
    assert mien(["evaluate", "--predictions", str(saved)]) == 0
    assert "theirs on validation" in capsys.readouterr().out
    assert (saved.parent / "theirs-report" / "report.html").exists()


def test_a_csv_with_labels(tmp_path, capsys):
    path = csv_of(tmp_path / "theirs.csv", probabilities(9), [EMOTIONS[at % 7] for at in range(9)])
    assert mien(["evaluate", "--predictions", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["overall"]["n"] == 9


def test_a_csv_about_the_faces_of_a_source(tmp_path, capsys):
    data = fer_csv(tmp_path / "fer2013.csv", faces(70))
    path = csv_of(tmp_path / "theirs.csv", probabilities(7))
    words = ["evaluate", "--predictions", str(path), "--data", str(data), "--json"]
    assert mien([*words, "--split", "test"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert (value["split"], value["overall"]["n"], value["unseen"]["n"]) == ("test", 7, 7)
    assert mien(words) == 2
    assert "Add --split" in capsys.readouterr().err


def test_against_another_file(run, saved, capsys):
    assert mien(["evaluate", str(run), "--against", str(saved), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["comparison"]["against"] == "theirs"


def test_against_another_run(run, capsys):
    assert mien(["evaluate", str(run), "--against", str(run)]) == 0
    assert "can't be told apart" in " ".join(capsys.readouterr().out.split())


def test_against_a_csv_on_the_faces_of_the_run(run, tmp_path, capsys):
    some = read_faces(tmp_path / "fer2013.csv").of_split("test")
    own = predictions(7, labels=some.labels, ids=some.ids, split="test", system="net")
    write_predictions(run / "predictions" / "test.npz", own)
    path = csv_of(tmp_path / "rival.csv", np.eye(7)[some.labels])
    assert mien(["evaluate", str(run), "--split", "test", "--against", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["comparison"]["accuracy_against"] == 1.0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "nowhere"),
        ([], "either a run folder or --predictions"),
        (["RUN", "--predictions", "FILE"], "not both"),
        (["--predictions", "FILE", "--tta"], "--tta needs a run"),
        (["--predictions", "FILE", "--split", "both"], "--split both needs a run"),
        (["--predictions", "FILE", "--split", "test"], "about the split 'validation'"),
        (["--predictions", "nowhere.npz"], "can't read predictions"),
        (["--predictions", "nowhere.csv"], "can't read it"),
        (["RUN", "--against", "nowhere"], "can't read predictions"),
        (["RUN", "--split", "holdout"], "holdout"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(run, saved, capsys, words, message):
    given = [{"RUN": str(run), "FILE": str(saved)}.get(word, word) for word in words]
    assert mien(["evaluate", *given]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_saved_predictions_need_no_torch(run):
    code = (
        "import sys; from mien.cli.app import run; "
        f"assert run(['evaluate', {str(run)!r}, '--json']) == 0; assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_both_without_a_test_split_is_refused_before_anything_is_reported(tmp_path, capsys):
    some = faces(70)
    path = fer_csv(tmp_path / "fer2013.csv", some.take(~some.in_split("test")))
    made = tiny_run(tmp_path / "net", source=str(path))
    write_predictions(made.path / "predictions" / "validation.npz", predictions(split="validation"))
    assert mien(["evaluate", str(made.path), "--split", "both"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "no faces in the split 'test'" in captured.err
    assert not (made.path / "report").exists()


def test_a_csv_of_no_named_split_is_compared_with_a_run_s_validation(run, tmp_path, capsys):
    theirs = predictions(split="validation")
    path = csv_of(tmp_path / "theirs.csv", theirs.probabilities, [EMOTIONS[label] for label in theirs.labels])
    assert mien(["evaluate", "--predictions", str(path), "--against", str(run)]) == 0
    assert "net" in capsys.readouterr().out
