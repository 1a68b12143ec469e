"""A trained run: evaluated, compared, reported and exported from Python."""

import logging
from pathlib import Path

import numpy as np
import pytest

import mien
from mien.errors import PredictionsError, RunError
from mien.evaluation.runs import predictions_path
from mien.predictions import Predictions
from training_builders import TINY

DATA = "synthetic:140"

pytestmark = pytest.mark.usefixtures("no_figures")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> mien.Run:
    return mien.train(TINY, data=DATA, out=tmp_path_factory.mktemp("runs") / "tiny")


@pytest.fixture(scope="module")
def bundle(run: mien.Run, tmp_path_factory: pytest.TempPathFactory) -> mien.Bundle:
    return run.export(tmp_path_factory.mktemp("bundles") / "mine.onnx")


def test_repr_says_what_was_trained(run: mien.Run) -> None:
    best = max(run.history, key=lambda row: row.validation_accuracy)
    expected = (
        f"2 epochs, best validation accuracy {100 * best.validation_accuracy:.2f} % in epoch {best.epoch}"
    )
    assert repr(run) == f"Run({str(run.path)!r}): recipe custom, {expected}"


def test_history_has_a_row_per_epoch(run: mien.Run) -> None:
    assert [row.epoch for row in run.history] == [1, 2]
    assert all(row.train_loss > 0 for row in run.history)


def test_a_damaged_history_is_one_clear_line(tmp_path: Path, run: mien.Run) -> None:
    for name in ("run.json", "history.jsonl"):
        (tmp_path / name).write_bytes((run.path / name).read_bytes())
    (tmp_path / "history.jsonl").write_text("{\n")
    with pytest.raises(RunError, match=r"history\.jsonl: damaged"):
        _ = mien.Run(tmp_path).history


@pytest.mark.parametrize("tta", [False, True])
def test_evaluate_measures_what_predictions_say(run: mien.Run, tta: bool) -> None:
    found = run.predictions("validation", tta=tta)
    assert isinstance(found, mien.Predictions)
    evaluation = run.evaluate("validation", tta=tta)
    assert isinstance(evaluation, mien.Evaluation)
    assert evaluation.accuracy == pytest.approx(found.correct.mean())


def test_saved_predictions_need_no_data(run: mien.Run) -> None:
    given = run.predictions("test")
    assert predictions_path(run, "test").is_file()
    again = mien.Run(run.path)
    again.info.source.__dict__["path"] = "gone"
    assert again.evaluate("test").n == len(given)


def test_another_data_set_has_its_own_predictions(run: mien.Run) -> None:
    other = mien.read_faces("synthetic:30:5")
    assert run.evaluate("all", data=other).n == 30
    assert run.evaluate("all", data="synthetic:30:5").n == 30


def test_report_writes_a_page_and_prints_nothing(
    run: mien.Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.report("test") == run.path / "report" / "test" / "report.html"
    page = run.report("validation", out=tmp_path / "report")
    assert page == tmp_path / "report" / "report.html"
    assert page.is_file()
    assert capsys.readouterr() == ("", "")


def test_export_returns_the_bundle_and_logs_its_steps(
    run: mien.Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="mien"):
        made = run.export(tmp_path / "other.onnx", name="named")
    assert isinstance(made, mien.Bundle)
    assert made.metadata.name == "named"
    assert (tmp_path / "other.onnx").is_file()
    assert "converting to ONNX" in caplog.text


def test_runs_and_bundles_become_an_ensemble(run: mien.Run, bundle: mien.Bundle, tmp_path: Path) -> None:
    made = mien.export(run, bundle.name, out=tmp_path / "both.onnx")
    assert len(made.metadata.members) == 2


def test_a_bundle_answers_as_its_run(run: mien.Run, bundle: mien.Bundle) -> None:
    board = mien.compare(run, bundle, speed=False)
    assert board.pairs[0].difference == pytest.approx(0, abs=1e-6)
    assert board.n == run.evaluate().n
    assert [one.kind for one in mien.compare(bundle, run, speed=False).systems] == ["bundle", "run"]


@pytest.mark.parametrize("form", ["run", "path", "predictions", "file"])
def test_every_form_of_a_system_evaluates_to_the_same(run: mien.Run, form: str) -> None:
    forms = {
        "run": run,
        "path": run.path,
        "predictions": run.predictions(),
        "file": predictions_path(run, "validation"),
    }
    assert mien.evaluate(forms[form]) == run.evaluate()
    assert mien.compare(run, forms[form], speed=False).pairs[0].difference == 0


def test_a_probability_csv_is_compared(run: mien.Run, tmp_path: Path) -> None:
    found: Predictions = run.predictions()
    rows = [",".join(["label", *found.classes])]
    for label, row in zip(found.labels, np.roll(found.probabilities.astype(float), 1, axis=1), strict=True):
        rows.append(",".join([found.classes[label], *(f"{value:.9f}" for value in row)]))
    path = tmp_path / "other.csv"
    path.write_text("\n".join(rows) + "\n")
    assert {one.system for one in mien.compare(run, path).systems} == {run.name, "other"}


def test_two_bundles_are_compared_on_a_data_set(bundle: mien.Bundle) -> None:
    with pytest.raises(PredictionsError, match=r"a bundle has no faces; pass data=\.\.\."):
        mien.compare(bundle, "small")
    assert mien.compare(bundle, "small", data=mien.read_faces(DATA), speed=False).n == 14
    assert mien.evaluate("small", data=DATA, split="test").n == 14


def test_a_system_that_does_not_exist_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(PredictionsError, match="not found; expected a run folder"):
        mien.evaluate(tmp_path / "nothing")
