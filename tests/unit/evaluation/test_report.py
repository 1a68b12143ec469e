"""The report's files: all of them, from predictions alone."""

import csv
import json

import cv2
import numpy as np
import pytest

from builders import predictions
from mien.errors import MienError, PredictionsError
from mien.evaluation.evaluation import Evaluation
from mien.evaluation.report import write_report
from mien.evaluation.scoring import evaluate
from mien.evaluation.sections.base import Section

OTHERS = {"evaluation.json", "class_metrics.csv", "report.html"}
WITHOUT_FACES = {
    "class_metrics.png",
    "confusion_matrix.png",
    "reliability_diagram.png",
    "selective_accuracy.png",
}
WITH_FACES = WITHOUT_FACES | {"confident_errors.png", "examples.png", "frequent_confusions.png"}


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_everything_is_written(tmp_path):
    given = predictions()
    found = write_report(given, tmp_path / "report")
    assert found == evaluate(given)
    assert names(tmp_path / "report") == WITH_FACES | OTHERS
    text = (tmp_path / "report" / "evaluation.json").read_text(encoding="utf-8")
    assert Evaluation.model_validate_json(text) == found
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    drawn = WITH_FACES - {"confusion_matrix.png"}  # a table in the page
    assert page.count("<svg ") == len(drawn)
    for name in WITH_FACES:
        assert min(cv2.imread(str(tmp_path / "report" / name)).shape[:2]) > 100
        assert (f'aria-label="{name[:-4].replace("_", " ")}"' in page) == (name in drawn)


def test_predicted_classes_have_no_figures_of_confidence(tmp_path):
    write_report(predictions(only_classes=True), tmp_path / "report")
    missing = {"reliability_diagram.png", "selective_accuracy.png", "confident_errors.png"}
    assert names(tmp_path / "report") == (WITH_FACES | OTHERS) - missing
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "has predicted classes without probabilities" in page
    assert "log loss</span>" not in page


def test_without_images_galleries_are_omitted(tmp_path):
    write_report(predictions(images=None), tmp_path)
    assert names(tmp_path) == WITHOUT_FACES | OTHERS


@pytest.mark.usefixtures("no_figures")
def test_a_comparison_is_written_too(tmp_path):
    given = predictions(images=None)
    write_report(given, tmp_path, against=predictions(seed=4, system="rival"))
    value = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    assert (value["system"], value["against"], value["n"]) == ("guesser", "rival", 70)


def test_nothing_is_written_about_invalid_predictions(tmp_path):
    with pytest.raises(PredictionsError):
        write_report(predictions(0), tmp_path / "report")
    with pytest.raises(PredictionsError):
        write_report(predictions(), tmp_path / "report", against=predictions(60))
    assert not (tmp_path / "report").exists()


def test_a_place_that_is_taken_by_a_file(tmp_path):
    (tmp_path / "report").write_text("mine")
    with pytest.raises(MienError, match="can't write there"):
        write_report(predictions(), tmp_path / "report")


def test_perfect_predictions_have_no_figures_of_errors(tmp_path):
    one_hot = np.eye(7, dtype=np.float32)[np.arange(70) % 7]
    write_report(predictions(probabilities=one_hot), tmp_path)
    assert not names(tmp_path) & {"confident_errors.png", "frequent_confusions.png"}


@pytest.mark.usefixtures("no_figures")
def test_many_classes_are_in_the_csv_and_few_on_the_page(tmp_path):
    names = ("[1, 2]", 'quoted "name", with\r\nbreaks', *(f"class {number}" for number in range(998)))
    given = predictions(1200, names, images=None)
    found = write_report(given, tmp_path)
    text = (tmp_path / "evaluation.json").read_text(encoding="utf-8")
    assert Evaluation.model_validate_json(text) == found
    assert len(text) < 3_000_000
    with (tmp_path / "class_metrics.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["class"] for row in rows] == list(names)
    assert [int(row["support"]) for row in rows] == [row.support for row in found.per_class]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert 'href="class_metrics.csv"' in page
    assert page.count('<td><span class="dot"') == 30
    assert len(page) < 400_000


@pytest.mark.usefixtures("no_figures")
def test_a_page_of_few_classes_refers_to_no_other_file(tmp_path):
    write_report(predictions(images=None), tmp_path)
    assert 'href="class_metrics.csv"' not in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("no_figures")
def test_the_files_of_additional_sections_are_written(tmp_path):
    write_report(predictions(images=None), tmp_path, additional=[Section("x", "X", files={"x.json": "{}"})])
    assert (tmp_path / "x.json").read_text() == "{}"
    assert '<h2 id="x">X</h2>' in (tmp_path / "report.html").read_text(encoding="utf-8")
