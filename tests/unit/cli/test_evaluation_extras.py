"""`mien evaluate --corruptions --groups`: tables, JSON, sections of the page, and refusals."""

import json
from dataclasses import replace

import numpy as np
import pytest

from builders import predictions
from bundle_builders import tiny_bundle
from mien.cli import evaluation_extras
from mien.cli.app import run as mien
from mien.cli.evaluation_extras import ExtraOptions
from mien.data import read_faces
from mien.evaluation.robustness import measure
from mien.evaluation.robustness.corruptions import CORRUPTIONS


@pytest.fixture
def words(tmp_path, monkeypatch):
    """A command that evaluates a bundle on 80 faces, with two corruptions."""
    monkeypatch.setattr(measure.measure_robustness, "__kwdefaults__", {
        **measure.measure_robustness.__kwdefaults__, "corruptions": CORRUPTIONS[:2],
    })  # fmt: skip
    bundle = tiny_bundle(tmp_path / "a.onnx")
    ids = read_faces("synthetic:80").ids
    groups = [f"{name},{'day' if row % 2 else 'night'}" for row, name in enumerate(ids)]
    (tmp_path / "g.csv").write_text("\n".join(["id,light", *groups]) + "\n")
    return ["evaluate", str(bundle), "--data", "synthetic:80", "--split", "all", "-o", str(tmp_path / "out")]


def test_both_are_printed_and_reported(words, tmp_path, capsys):
    extra = ["--corruptions", "--corruption-faces", "6", "--groups", str(tmp_path / "g.csv")]
    assert mien([*words, *extra, "--groups-predicted"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    for part in (
        "mean corruption accuracy",
        "6 of 80 faces, evenly chosen",
        "noise",
        "night",
        "predictions of a model",
    ):
        assert part in printed
    out = tmp_path / "out"
    page = (out / "report.html").read_text()
    assert 'id="corruptions"' in page
    assert 'id="groups"' in page
    assert {"corruptions.png", "corruptions.csv", "groups.png", "groups.csv"} <= {
        one.name for one in out.iterdir()
    }
    assert json.loads((out / "corruptions.json").read_text())["n"] == 6
    assert json.loads((out / "groups.json").read_text())["attributes"][0]["name"] == "light"


def test_the_number_of_many_corrupted_faces_is_announced(words, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(evaluation_extras, "MANY", 5)
    some = replace(predictions(40), images=np.zeros((40, 48, 48), np.uint8))
    for limit, announced in ((6, ""), (None, "2,400 corrupted faces; --corruption-faces 5 takes fewer")):
        options = ExtraOptions(tmp_path / "a.onnx", True, limit, None, False, tta=False, device="cpu")
        evaluation_extras.compute_extras(options, some)
        printed = capsys.readouterr().err
        assert announced in printed
        assert bool(announced) == ("takes fewer" in printed)


@pytest.mark.slow
def test_json_has_both(words, tmp_path, capsys):
    assert mien([*words, "--json", "--corruptions", "--groups", str(tmp_path / "g.csv")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["corruptions"]["n"] == found["groups"]["n"] == 80


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (["--groups-predicted"], "with --groups"),
        (["--corruption-faces", "5"], "is for --corruptions"),
        (["--corruptions", "--corruption-faces", "0"], "expected 1 or more"),
        (["--groups", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_options_that_make_no_sense_are_refused(words, capsys, extra, message):
    assert mien([*words, *extra]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert len(said.strip().splitlines()) == 1
