"""The explanation as data: words, figure, page and files."""

import base64
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from explanation_builders import CLASSES
from mien.errors import MienError
from mien.explanation.checks import MapChecks
from mien.explanation.explanation import Explanation
from mien.explanation.page import page_of
from mien.explanation.regions import region_masks
from mien.files.identify import EXPLANATION, identify


def explanation(n: int = 2, classes: tuple[str, ...] = CLASSES) -> Explanation:
    maps = np.zeros((n, 2, 48, 48), np.float32)
    maps[:, 0][:, region_masks(48)["eyes"]] = 0.5
    maps[:, 1][:, region_masks(48)["mouth"]] = -0.5
    probabilities = np.full((n, len(classes)), 0.2 / (len(classes) - 1), np.float32)
    probabilities[:, 1] = 0.8
    return Explanation(
        model="tiny & small",
        method="occlusion",
        unit="loss",
        classes=classes,
        sources=tuple(f"<photo {number}>.png" for number in range(n)),
        boxes=np.zeros((n, 4)),
        crops=np.zeros((n, 48, 48), np.uint8),
        views=tuple(np.zeros((64, 64, 3), np.uint8) for _ in range(n)),
        probabilities=probabilities,
        targets=np.tile(np.array([1, 0]), (n, 1)),
        maps=maps,
    )


def test_it_has_labels_words_and_parts():
    found = explanation()
    assert len(found) == 2
    assert found.labels == ("with", "with")
    assert [(name, probability) for name, probability, _ in found.explained(0)] == [
        ("with", pytest.approx(0.8)),
        ("without", pytest.approx(0.2)),
    ]
    assert found.describe(0) == "eyes"
    assert found.describe(1, 1) == ""
    assert found.parts(0)[0].name == "eyes"
    assert repr(found) == "<Explanation of 'tiny & small' by occlusion: 2 faces, maps (2, 2, 48, 48)>"


def test_the_figure_has_a_face_and_its_maps_in_each_row():
    axes = explanation().plot().axes[0]
    assert len(axes.images) == 2 * 3
    words = [text.get_text() for text in axes.texts]
    assert words.count("with 80 %") == 2
    assert "eyes" in words


def test_the_page_needs_no_other_file_and_escapes_names():
    page = page_of(explanation())
    assert page.count("<article") == 2
    assert page.count("data:image/webp;base64,") == 2 * 3
    assert "&lt;photo 0&gt;.png" in page
    assert "tiny &amp; small" in page
    assert not re.search(r"<script|https?://|src=\"(?!data:)", page)
    first = base64.b64decode(re.search(r"base64,([^\"]+)", page)[1])
    assert first[8:12] == b"WEBP"


def test_the_page_shows_checks_and_failures():
    checks = MapChecks(2, 0.2, 0.5, 0.8, 0.6, 0.07)
    page = page_of(replace(explanation(), checks=checks, failures=("a.png: damaged",)))
    assert "+0.07" in page
    assert "below 0.500" in page
    assert "a.png: damaged" in page
    assert "rank correlation" not in page_of(replace(explanation(), checks=replace(checks, randomized=None)))


def test_many_classes_show_the_most_probable_ones_and_no_faces_are_apage_of():
    assert page_of(explanation(1, tuple(map(str, range(50))))).count("<li") == 8
    assert "0 faces" in page_of(explanation(0))
    assert not list(explanation(0).plot().axes[0].images)


def test_an_empty_map_is_said_to_be_empty():
    found = explanation(1)
    empty = "empty: no part supports this class"
    assert empty not in page_of(found)
    found.maps[0, 1] = 0
    assert page_of(found).count(empty) == 1


def test_a_notebook_shows_the_cards():
    assert explanation()._repr_html_().count("<article") == 2


@pytest.mark.parametrize("ending", [".png", ".html", ".npz"])
def test_each_format_is_written_and_recognized(tmp_path, ending):
    path = explanation().save(tmp_path / f"maps{ending}")
    assert identify(path) is EXPLANATION
    if ending == ".npz":
        with np.load(path) as arrays:
            assert arrays["maps"].shape == (2, 2, 48, 48)
            assert arrays["classes"].tolist() == list(CLASSES)
    if ending == ".png":
        with Image.open(path) as image:
            assert image.size[0] > 500


def test_other_endings_are_refused(tmp_path):
    with pytest.raises(MienError, match=r"unknown ending, expected .png, .html, .npz"):
        explanation().save(tmp_path / "maps.gif")
