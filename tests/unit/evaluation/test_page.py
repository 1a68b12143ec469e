"""The page: complete, self-contained, and safe whatever the names in it are."""

import base64
import re
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest

from builders import predictions
from mien.evaluation.caveats import caveats
from mien.evaluation.comparison import compare
from mien.evaluation.evaluation import evaluate
from mien.evaluation.page import data_uri, report_page

VOID = {"meta", "img", "br", "line"}


class Balance(HTMLParser):
    """Checks that each tag is closed, and collects what the page would load."""

    def __init__(self):
        super().__init__()
        self.open, self.loads, self.words = [], [], []

    def handle_starttag(self, tag, attrs):
        self.loads += [value for name, value in attrs if name in {"src", "href", "data"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def parsed(given, against=None):
    page = report_page(given, evaluate(given), None if against is None else compare(given, against))
    parser = Balance()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return page, parser


@pytest.mark.parametrize(
    "changes",
    [{}, {"faces": None}, {"seen": None}, {"split": "all"}, {"source": ""}, {"seen": np.ones(70, np.bool_)}],
)
def test_the_page_is_well_formed_and_loads_nothing(changes):
    page, parser = parsed(predictions(**changes))
    assert all(source.startswith("data:image/png;base64,") for source in parser.loads)
    assert not re.search(r"https?://|@import|url\(", page)


@pytest.mark.parametrize("classes", [2, 20])
def test_any_number_of_classes(classes):
    page, _ = parsed(predictions(200, classes))
    assert page.count('<span class="dot"') == classes


def test_head_figures_and_caveats_are_on_it():
    given = predictions()
    found = evaluate(given)
    _, parser = parsed(given)
    text = " ".join(" ".join(parser.words).split())
    low, high = found.overall.interval
    assert f"{100 * found.accuracy:.1f} %" in text
    assert f"95 % interval: {100 * low:.1f} to {100 * high:.1f} %" in text
    for caveat in caveats(found):
        assert caveat in text
    first = found.patterns[0]
    assert f"{first.truth} taken for {first.answer}: {100 * first.share:.0f} %" in text


def test_faces_are_on_it_or_their_absence_is_told():
    with_faces, parser = parsed(predictions())
    assert len(parser.loads) > 20
    assert "came without pictures" not in with_faces
    without, parser = parsed(predictions(faces=None))
    assert parser.loads == []
    assert "came without pictures" in without


def test_names_are_escaped():
    names = ("<script>alert(1)</script>", 'a" onload="x', "c&d")
    page, parser = parsed(
        predictions(classes=names, system="<b>net</b>", source="<i>", ids=np.array(["<u>"] * 70))
    )
    assert "<script" not in page
    assert "<b>net" not in page
    assert "<u>" not in "".join(page.split('<u style="left')[1].split("</u>", 1)[1])
    assert names[0] in parser.words


def test_a_comparison_has_its_section():
    given = predictions()
    page, _ = parsed(given, predictions(seed=5, labels=given.labels, system="rival"))
    assert "Against rival" in page
    assert "McNemar" in page
    assert "McNemar" not in parsed(given)[0]


def test_a_face_survives_its_data_uri():
    face = np.random.default_rng(0).integers(0, 256, (48, 48), np.uint8)
    content = base64.b64decode(data_uri(face).partition(",")[2])
    back = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(back, face)
