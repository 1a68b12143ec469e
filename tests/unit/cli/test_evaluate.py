"""`mien evaluate`: which predictions are evaluated, what is printed, and what is refused."""

import json

import numpy as np
import pytest

from builders import faces, fer_csv, predictions, probabilities
from bundle_builders import tiny_bundle
from mien.bundles import reading
from mien.cli.app import run as mien
from mien.data import read_faces
from mien.labels import EMOTIONS
from mien.predictions_file import write_predictions
from training_builders import tiny_run

pytestmark = pytest.mark.usefixtures("no_figures")


@pytest.fixture
def run(tmp_path):
    """A run with saved predictions for both splits."""
    path = fer_csv(tmp_path / "fer2013.csv", faces(70))
    made = tiny_run(tmp_path / "net", source=str(path))
    for split in ("validation", "test"):
        write_predictions(made.path / "predictions" / f"{split}.npz", predictions(split=split, system="net"))
    return made.path


@pytest.fixture
def saved(tmp_path):
    write_predictions(tmp_path / "theirs.npz", predictions(system="theirs"))
    return tmp_path / "theirs.npz"


@pytest.fixture
def bundle(tmp_path, monkeypatch):
    """A bundle in a file, in a current folder of its own; one called "house" ships."""
    monkeypatch.setattr(reading, "_shipped_folder", lambda: tmp_path / "package")
    tiny_bundle(tmp_path / "package" / "house.onnx", name="house")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tiny_bundle(tmp_path / "elsewhere" / "tiny.onnx")


@pytest.fixture
def data(tmp_path):
    return str(fer_csv(tmp_path / "fer2013.csv", faces(70)))


def csv_of(path, given, labels=None):
    header = ",".join(EMOTIONS) + (",label" if labels is not None else "")
    rows = [",".join(f"{value:.6f}" for value in row) for row in given]
    if labels is not None:
        rows = [f"{row},{label}" for row, label in zip(rows, labels, strict=True)]
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_a_run_is_evaluated_on_validation(run, capsys):
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
@pytest.mark.parametrize("option", ["-o", "--output"])
def test_output_is_the_folder_of_the_report(run, tmp_path, split, folder, option):
    assert mien(["evaluate", str(run), "--split", split, option, str(tmp_path / "out")]) == 0
    assert (tmp_path / folder / "report.html").exists()
    assert not (run / "report").exists()


def test_saved_predictions_alone(saved, capsys):
    assert mien(["evaluate", str(saved)]) == 0
    assert "theirs on validation" in capsys.readouterr().out
    assert (saved.parent / "theirs-report" / "report.html").exists()


def test_a_csv_with_labels(tmp_path, capsys):
    path = csv_of(tmp_path / "theirs.csv", probabilities(9), [EMOTIONS[at % 7] for at in range(9)])
    assert mien(["evaluate", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["overall"]["n"] == 9


def test_a_csv_about_the_faces_of_a_source(tmp_path, capsys):
    data = fer_csv(tmp_path / "fer2013.csv", faces(70))
    path = csv_of(tmp_path / "theirs.csv", probabilities(7))
    words = ["evaluate", str(path), "--data", str(data), "--json"]
    assert mien([*words, "--split", "test"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert (value["split"], value["overall"]["n"], value["excluding_duplicates"]["n"]) == ("test", 7, 7)
    assert mien(words) == 2
    assert "pass --split with the split of the data set" in capsys.readouterr().err


def test_against_another_file(run, saved, capsys):
    assert mien(["evaluate", str(run), "--against", str(saved), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["comparison"]["against"] == "theirs"


def test_every_face_of_a_run_against_itself(run, capsys):
    write_predictions(run / "predictions" / "all.npz", predictions(90, split="all", system="net"))
    assert mien(["evaluate", str(run), "--split", "all", "--against", str(run), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["comparison"]["n"] == 90


def test_against_another_run(run, capsys):
    assert mien(["evaluate", str(run), "--against", str(run)]) == 0
    assert "not significantly different" in " ".join(capsys.readouterr().out.split())


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
        (["nowhere"], "nowhere: not found"),
        (["defualt"], "expected a run folder, an .onnx file, a shipped bundle"),
        ([], "SYSTEM"),
        (["FILE", "--tta"], "test-time augmentation needs a run"),
        (["FILE", "--split", "both"], "--split both needs a run"),
        (["FILE", "--split", "test"], "predictions for the split 'validation'"),
        (["nowhere.npz"], "can't read predictions"),
        (["nowhere.csv"], "can't read it"),
        (["RUN", "--against", "nowhere"], "nowhere: not found"),
        (["RUN", "--against", "nowhere.npz"], "nowhere.npz: can't read predictions"),
        (["RUN", "--split", "holdout"], "holdout"),
    ],
)
def test_wrong_arguments_are_one_line(run, saved, capsys, words, message):
    given = [{"RUN": str(run), "FILE": str(saved)}.get(word, word) for word in words]
    assert mien(["evaluate", *given]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


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
    assert mien(["evaluate", str(path), "--against", str(run)]) == 0
    assert "net" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        pytest.param("house", "house-report", id="shipped"),
        pytest.param("../elsewhere/tiny.onnx", "tiny-report", id="file"),
    ],
)
def test_a_bundle_is_reported_in_the_current_folder(name, folder, bundle, data, capsys):
    before = sorted(bundle.parents[1].rglob("*"))
    assert mien(["evaluate", name, "--data", data, "--split", "test"]) == 0
    captured = capsys.readouterr()
    assert f"bundle {folder.removesuffix('-report')} on test, 7 faces" in captured.out
    report = next(bundle.parents[1].joinpath("here", folder).glob("fer2013-*-test/report.html"))
    assert str(report.relative_to(report.parents[2])) in captured.err
    after = bundle.parents[1].rglob("*")
    assert [path for path in sorted(after) if "here" not in path.parts] == [
        path for path in before if "here" not in path.parts
    ]


def test_a_bundle_may_be_called_anything(bundle, data, capsys):
    odd = bundle.rename(bundle.with_name("faces.v2"))
    assert mien(["evaluate", str(odd), "--data", data, "--against", str(odd), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["comparison"]["against"] == f"bundle {odd}"


def test_maps_of_a_bundle_are_in_its_report_and_predictions_have_none(bundle, data, saved, tmp_path, capsys):
    words = ["evaluate", str(bundle), "--data", str(data), "-o", str(tmp_path / "maps"), "--explain"]
    assert mien(words) == 0
    assert (tmp_path / "maps" / "saliency.json").exists()
    assert "What the classes are based on" in (tmp_path / "maps" / "report.html").read_text()
    assert mien(["evaluate", str(saved), "--explain"]) == 2
    assert "--explain needs a run or a bundle" in capsys.readouterr().err


def test_a_bundle_on_both_splits_in_a_folder_of_choice(bundle, data, tmp_path, capsys):
    words = [
        "evaluate",
        "house",
        "--data",
        data,
        "--split",
        "both",
        "--output",
        str(tmp_path / "out"),
        "--json",
    ]
    assert mien(words) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"validation", "test"}
    assert (tmp_path / "out" / "test" / "report.html").exists()


def test_a_run_folder_comes_before_a_bundle_of_its_name(bundle, data, tmp_path, capsys):
    made = tiny_run(tmp_path / "here" / "house", source=data)
    write_predictions(made.path / "predictions" / "validation.npz", predictions(system="a run"))
    assert mien(["evaluate", "house"]) == 0
    assert "a run on validation" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("system", "other"), [("RUN", "bundle house"), ("FILE", "bundle house"), ("BUNDLE", "bundle house")]
)
def test_against_a_bundle_on_the_same_faces(system, other, run, saved, bundle, data, capsys):
    words = {
        "RUN": [str(run)],
        "FILE": [str(saved)],
        "BUNDLE": [str(bundle), "--data", data],
    }
    (run / "predictions" / "validation.npz").unlink()
    own = predictions(images=np.zeros((70, 48, 48), np.uint8), system="theirs")
    for path in (saved, run / "predictions" / "validation.npz"):
        write_predictions(path, own)
    assert mien(["evaluate", *words[system], "--against", "house", "--json"]) == 0
    comparison = json.loads(capsys.readouterr().out)["comparison"]
    assert comparison["against"] == other


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["house"], "a bundle has no faces; pass --data with a data set"),
        (["house", "--data", "DATA", "--tta"], "part of its graph"),
        (["nowhere.onnx", "--data", "DATA"], "no such bundle"),
        (["FILE", "--against", "house"], "48x48 pixels"),
    ],
)
def test_what_a_bundle_lacks_is_one_line(words, message, saved, bundle, data, capsys):
    given = [{"DATA": data, "FILE": str(saved)}.get(word, word) for word in words]
    assert mien(["evaluate", *given]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in err


def test_a_report_folder_that_is_a_file_is_refused_first(saved, capsys):
    assert mien(["evaluate", "missing.npz", "-o", str(saved)]) == 2
    assert capsys.readouterr().err == f"mien: {saved} is a file; expected a folder\n"


def test_a_result_of_predict_is_evaluated_with_the_labels_of_its_data_set(tmp_path, capsys):
    path, given = tmp_path / "p.csv", probabilities(70)
    cells = [",".join(f"{value:.6f}" for value in row) for row in given]
    rows = [
        f"synthetic:70#{name},{EMOTIONS[row.argmax()]},0.5,false,{text}"
        for name, row, text in zip(read_faces("synthetic:70").ids, given, cells, strict=True)
    ]
    path.write_text("\n".join([f"source,label,confidence,uncertain,{','.join(EMOTIONS)}", *rows]) + "\n")
    assert mien(["evaluate", str(path)]) == 2
    assert "its label is the prediction; pass --data and --split" in capsys.readouterr().err
    assert mien(["evaluate", str(path), "--data", "synthetic:70", "--split", "all", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["overall"]["accuracy"] < 1
