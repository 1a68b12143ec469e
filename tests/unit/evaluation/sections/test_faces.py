"""The faces of the page: data for the script, and what is there without scripts."""

import json
import re

import numpy as np

from builders import predictions
from mien.evaluation.page import report_page
from mien.evaluation.scoring import evaluate
from mien.evaluation.sections import confusion_matrix, faces
from mien.evaluation.sections.base import ReportData


def page_of(given, **groups):
    data = ReportData(given, evaluate(given), groups=groups)
    return report_page(data, [confusion_matrix.section(data), faces.section(data)], {})


def content_of(page):
    return json.loads(re.search(r'id="faces-data">(.*?)</script>', page, re.DOTALL)[1])


def test_each_face_has_its_numbers():
    given = predictions()
    group = ["old" if row % 2 else "" for row in range(70)]
    content = content_of(page_of(given, age=group))
    assert content["groups"] == [{"name": "age", "values": ["", "old"]}]
    assert len(content["faces"]) == content["total"] == 70
    for row, (name, label, classes, permille, age) in enumerate(content["faces"]):
        assert (name, label, classes[0]) == (given.ids[row], given.labels[row], given.predicted[row])
        assert permille == np.round(1000 * given.probabilities[row, classes]).tolist()
        assert age == row % 2


def test_of_many_classes_the_most_probable_and_the_true_one():
    content = content_of(page_of(predictions(60, 30)))
    assert all(len(classes) == 8 and label in classes for _, label, classes, _ in content["faces"])


def test_a_grouping_with_a_value_for_each_face_is_left_out():
    given = predictions(300)
    assert content_of(page_of(given, name=[str(row) for row in range(300)]))["groups"] == []


def test_cells_lead_to_their_faces_with_and_without_scripts():
    given = predictions()
    page = page_of(given)
    cells = {(int(label), int(guess)) for label, guess in zip(given.labels, given.predicted, strict=True)}
    for label, guess in cells:
        assert f'href="#cell-{label}-{guess}" data-label="{label}" data-predicted="{guess}"' in page
        assert f'<h3 id="cell-{label}-{guess}">' in page
    assert page.count('<a href="#cell-') == len(cells)
    static = page[page.index("<noscript>") : page.index("</noscript>")]
    assert static.count('class="face"') == 70


def test_names_can_not_end_the_data():
    page = page_of(predictions(classes=("</script><b>", "b"), ids=np.array(["</script>\u2028"] * 70)))
    assert content_of(page)["faces"][0][0] == "</script>\u2028"
    assert content_of(page)["classes"][0] == "</script><b>"


def test_without_images_there_are_no_links():
    given = predictions(images=None)
    data = ReportData(given, evaluate(given))
    assert faces.section(data) is None
    assert "<a " not in report_page(data, [confusion_matrix.section(data)], {}).split("<h2 id=")[-1]
