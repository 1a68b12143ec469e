import base64
import re
from dataclasses import replace
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest

from builders import faces as random_faces
from mien.data.synthetic import generate_faces
from mien.errors import DataError, MienError
from mien.exploration import write_exploration
from mien.exploration.page import png
from mien.exploration.style import new_figure


class Page(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def values(self, name):
        return [attrs[name] for _, attrs in self.tags if name in attrs]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explore") / "new" / "folder"
    titles = []
    path = write_exploration(generate_faces(140), folder, progress=titles.append)
    return path, path.read_text(encoding="utf-8"), titles


def test_the_page_holds_every_figure_that_is_beside_it(written):
    path, text, titles = written
    files = {file.stem: file.read_bytes() for file in path.parent.glob("*.png")}
    page = Page(text)
    inside = [base64.b64decode(source.split(",", 1)[1]) for source in page.values("src")]
    assert sorted(inside) == sorted(files.values())
    assert len(files) == len(titles) == len(inside) >= 9
    assert set(files) <= set(page.values("id"))


def test_the_page_needs_no_network(written):
    _, text, _ = written
    page = Page(text)
    assert all(source.startswith("data:image/png;base64,") for source in page.values("src"))
    assert all(link.startswith("#") for link in page.values("href"))
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    without_pictures = re.sub(r"data:image/png;base64,[\w+/=]+", "", text)
    assert not re.search(r"https?:|//|@import|url\(", without_pictures)


def test_pictures_have_words_for_those_who_cannot_see_them(written):
    _, text, _ = written
    assert all(attrs["alt"] for tag, attrs in Page(text).tags if tag == "img")


def test_figures_are_pictures_and_not_blank(written):
    path, _, _ = written
    for file in path.parent.glob("*.png"):
        picture = cv2.imread(str(file))
        assert picture.shape[1] > 900
        assert picture.std() > 10, file.name


def test_two_times_the_same_faces_are_the_same_page(tmp_path, written):
    path = write_exploration(generate_faces(140), tmp_path)
    assert path.read_bytes() == written[0].read_bytes()


def test_names_from_outside_stay_words(tmp_path):
    some = replace(
        random_faces(12, ["<script>alert(1)</script>", "{{ 7 * 7 }}"], size=8),
        source='"><img src=x onerror=y>',
    )
    text = write_exploration(some, tmp_path, notes=["<b>3 rows</b>"]).read_text(encoding="utf-8")
    page = Page(text)
    assert "script" not in {tag for tag, _ in page.tags}
    assert "&lt;b&gt;3 rows" in text
    assert not page.values("onerror")
    assert "{{ 7 * 7 }}" in text


def odd_ones():
    """An empty class, faces without a label, letters that the font lacks, and nothing to see."""
    some = random_faces(9, ["日本", "$x", "ünï"], size=8)
    return replace(some, labels=np.arange(9) % 3 - 1, images=np.zeros((9, 8, 8), np.uint8))


@pytest.mark.parametrize(
    "some",
    [
        pytest.param(generate_faces(1), id="one face"),
        pytest.param(replace(random_faces(9, 3, size=8), labels=np.full(9, -1)), id="no labels"),
        pytest.param(odd_ones(), id="odd ones"),
        pytest.param(random_faces(42, 42, size=8).take(np.arange(42) % 10 < 8), id="many classes"),
    ],
)
def test_any_set_of_faces_has_a_page(tmp_path, some):
    assert write_exploration(some, tmp_path).stat().st_size > 10_000


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"emotion": "hapy"}, "no class 'hapy'; its classes are angry"),
        ({"examples": 0}, "asked for 0 example faces"),
        ({"seed": -1}, "seed -1"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(tmp_path, options, said):
    with pytest.raises(DataError, match=said):
        write_exploration(random_faces(20, size=8), tmp_path, **options)
    assert not list(tmp_path.iterdir())


def test_no_faces_are_refused(tmp_path):
    nobody = random_faces(20, size=8).take(np.zeros(20, bool))
    with pytest.raises(DataError, match="no faces, so there is nothing to explore"):
        write_exploration(nobody, tmp_path)


def test_a_file_in_the_way_is_said(tmp_path):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(MienError, match="can't write there"):
        write_exploration(random_faces(20, size=8), tmp_path / "taken")


def test_png_is_on_white_and_the_same_each_time():
    figure = new_figure(2, 1)
    picture = cv2.imdecode(np.frombuffer(png(figure), np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture.shape[:2] == (144, 288)
    assert (picture == 255).all()
    assert png(figure) == png(figure)
