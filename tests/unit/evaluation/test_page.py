"""The page: complete, self-contained, and safe whatever the names in it are."""

import re

import numpy as np
import pytest

from builders import predictions
from mien.evaluation.caveats import caveats
from mien.evaluation.comparison import compare
from mien.evaluation.page import report_page
from mien.evaluation.scoring import evaluate
from mien.evaluation.sections.base import ReportData, Section
from mien.evaluation.sections.order import sections_of
from mien.evaluation.training_record import TrainingRecord
from mien.figures.encode import inline_svg
from mien.figures.style import new_figure
from mien.training.progress import Progress
from mien.training.run_folder.info import Extension, RunInfo, Source
from mien.training.run_folder.state import Epoch
from page_parser import Balance


def training():
    """The record of a training of two of four epochs."""
    info = RunInfo(
        recipe_name="tiny",
        created="2026-01-01T00:00:00+00:00",
        source=Source(path="faces.csv", fingerprint="f"),
        classes=("a", "b"),
        size=48,
        counts={"train": 80, "validation": 10},
        held_out=False,
        extensions=(Extension(after_epoch=1, before=2, epochs=4),),
        environment={"mien": "1", "torch": "2"},
    )
    history = tuple(Epoch(number, 0.1, 1.0, 0.5, 1.0, 0.5, 1.5, 100.0) for number in (1, 2))
    return TrainingRecord(info, "optimizer:\n  lr: 0.5\n", history, Progress(2, 4, finished=False))


def parsed(given, against=None, *, drawn=False, training=None, additional=()):
    evaluation = evaluate(given)
    comparison = None if against is None else compare(given, against)
    data = ReportData(given, evaluation, comparison, training)
    sections = sections_of(data, additional)
    figures = [item for section in sections for item in section.figures.items()] if drawn else []
    page = report_page(data, sections, {name: inline_svg(draw(), name) for name, draw in figures})
    parser = Balance()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return page, parser


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"images": None},
        {"in_training": None},
        {"split": "all"},
        {"source": ""},
        {"in_training": np.ones(70, np.bool_)},
    ],
)
def test_the_page_is_well_formed(changes):
    page, _ = parsed(predictions(**changes))
    assert page.rstrip().endswith("</html>")


@pytest.mark.parametrize("images", [True, False])
def test_the_page_loads_nothing(images):
    page, parser = parsed(predictions(**({} if images else {"images": None})), drawn=True)
    assert all(source.startswith(("data:image/png;base64,", "#")) for source in parser.loads)
    without_images = re.sub(r"data:image/(?:png|webp);base64,[\w+/=\s]+", "#", page)
    assert not re.search(r"https?://|@import|url\((?!#)", without_images)


@pytest.mark.parametrize("classes", [2, 20])
def test_any_number_of_classes(classes):
    page, _ = parsed(predictions(200, classes))
    assert page.count('<span class="dot"') == classes


def test_main_metrics_and_notes_are_on_it():
    given = predictions()
    found = evaluate(given)
    _, parser = parsed(given)
    text = " ".join(" ".join(parser.words).split())
    low, high = found.interval
    assert f"{100 * found.accuracy:.1f} %" in text
    assert f"95 % interval: {100 * low:.1f} to {100 * high:.1f} %" in text
    for caveat in caveats(found):
        assert caveat in text
    first = found.confusions[0]
    assert f"{100 * first.share:.0f} % of {first.label} faces are predicted as {first.predicted}." in text


def test_faces_are_on_it_or_their_absence_is_stated():
    page, parser = parsed(predictions(), drawn=True)
    assert sum(source.startswith("data:") for source in parser.loads) > 20
    assert "contain no images" not in page
    page, parser = parsed(predictions(images=None), drawn=True)
    assert not any(source.startswith("data:") for source in parser.loads)
    assert "contain no images" in page
    assert "share of the true class" in page


def test_names_are_escaped():
    names = ("<script>alert(1)</script>", 'a" onload="x', "c&d")
    given = predictions(classes=names, system="<b>net</b>", source="<i>", ids=np.array(["<u>"] * 70))
    page, parser = parsed(given, drawn=True)
    assert "<script>alert" not in page
    assert "<b>net" not in page
    assert "onload" not in parser.attributes
    assert names[0] in parser.words


def test_a_comparison_has_its_section():
    given = predictions()
    page, _ = parsed(given, predictions(seed=5, labels=given.labels, system="rival"))
    assert "Comparison with rival" in page
    assert "McNemar" in page
    assert "McNemar" not in parsed(given)[0]


def test_the_training_has_its_section_with_curves_and_recipe():
    page, _ = parsed(predictions(), training=training())
    for part in ("Recipe tiny on faces.csv", "2 of 4 epochs in 3 s, not finished", "lr: 0.5"):
        assert part in page
    assert "After epoch 1 the number of epochs was changed from 2 to 4." in " ".join(page.split())
    assert '<h2 id="training">Training</h2>' not in parsed(predictions())[0]


def test_additional_sections_come_before_the_training():
    added = Section("noise", "Noise", "Accuracy under <noise>.", {"noise": lambda: new_figure(1, 1)})
    page, _ = parsed(predictions(), drawn=True, training=training(), additional=[added])
    heading = page.index('<h2 id="noise">Noise</h2>')
    assert page.index('<h2 id="calibration">') < heading < page.index('<h2 id="training">')
    assert page.index("Accuracy under &lt;noise&gt;.") < page.index("<svg", heading)
    assert '<a href="#noise">Noise</a>' in page
