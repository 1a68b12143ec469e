"""`mien compare`: tables, files and refusals."""

import json
from pathlib import Path

import pytest

from builders import predictions
from mien.cli.app import run
from mien.predictions_file import write_predictions


@pytest.fixture
def systems(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = predictions(system="ours")
    for name, made in (
        ("ours", first),
        ("theirs", predictions(seed=3, labels=first.labels, system="theirs")),
    ):
        write_predictions(tmp_path / f"{name}.npz", made)
    return ["ours.npz", "theirs.npz"]


def test_a_table_and_a_folder(systems, tmp_path, capsys):
    assert run(["compare", *systems, "-o", "board"]) == 0
    shown = capsys.readouterr()
    for words in (
        "2 systems on validation",
        "selective accuracy of 85 %",
        "ours",
        "oracle of all",
        "p (Holm)",
    ):
        assert words in shown.out
    assert "leaderboard: board/leaderboard.html" in shown.err
    names = {path.name for path in (tmp_path / "board").iterdir()}
    assert names == {"leaderboard.html", "leaderboard.json", "leaderboard.csv", "pairs.csv"}


def test_predicted_classes_have_no_log_loss(systems, capsys):
    Path("classes.csv").write_text("prediction\n" + "happy\n" * 70)
    assert run(["compare", "ours.npz", "classes.csv"]) == 0
    out = capsys.readouterr().out
    assert next(line for line in out.splitlines() if "classes" in line).rstrip().endswith("7.9 to 24.3")
    assert "mean of probabilities" not in out
    pair = next(line for line in out.splitlines() if line.startswith("ours - classes"))
    assert pair.split()[-3:] == ["<", "0.001", "significant"]
    assert "It has predicted classes without probabilities" in out


def test_json_on_standard_output(systems, capsys):
    assert run(["compare", *systems, "--json", "--names", "a,b"]) == 0
    assert {one["system"] for one in json.loads(capsys.readouterr().out)["systems"]} == {"a", "b"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ours.npz"], "1 system to compare, expected 2 to 100"),
        (["ours.npz", "nowhere"], "nowhere: not found"),
        (["ours.npz", "theirs.npz", "--names", "a"], "expected 2 different names"),
    ],
)
def test_a_mistake_is_one_line(systems, capsys, words, message):
    assert run(["compare", *words]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_page_of_another_kind_is_kept(systems, tmp_path, capsys):
    (tmp_path / "comparison").mkdir()
    (tmp_path / "comparison" / "leaderboard.html").write_text("mine")
    assert run(["compare", *systems]) == 2
    assert (tmp_path / "comparison" / "leaderboard.html").read_text() == "mine"
