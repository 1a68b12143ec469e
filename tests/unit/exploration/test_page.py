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
    assert page.values("aria-label") == titles
    assert len(files) == len(titles) == text.count("<svg ") >= 9
    assert set(files) <= set(page.values("id"))


def test_the_page_needs_no_network(written):
    _, text, _ = written
    page = Page(text)
    assert all(source.startswith("data:image/png;base64,") for source in page.values("src"))
    links = [*page.values("href"), *page.values("xlink:href")]
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in links)
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    without_images = re.sub(r"data:image/png;base64,[\w+/=\s]+", "", text)
    assert not re.search(r"https?:|//|@import|url\((?!#)", without_images)


def test_figures_have_descriptions_for_screen_readers(written):
    _, text, _ = written
    assert all(attrs["role"] and attrs["aria-label"] for tag, attrs in Page(text).tags if tag == "svg")


def test_figures_are_not_blank(written):
    path, _, _ = written
    for file in path.parent.glob("*.png"):
        image = cv2.imread(str(file))
        assert image.shape[1] > 900
        assert image.std() > 10, file.name


def test_the_same_faces_give_the_same_page(tmp_path, written):
    path = write_exploration(generate_faces(140), tmp_path)
    assert path.read_bytes() == written[0].read_bytes()


def test_names_are_escaped(tmp_path):
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
    """An empty class, faces without a label, letters that the font lacks, and blank images."""
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
def test_any_set_of_faces_has_a_page(tmp_path, monkeypatch, some):
    monkeypatch.setattr("mien.figures.encode.DOTS_PER_INCH", 40)  # for time
    assert write_exploration(some, tmp_path).stat().st_size > 10_000


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"class_name": "hapy"}, "no class 'hapy'; its classes are angry"),
        ({"examples": 0}, "examples: 0"),
        ({"seed": -1}, "seed: -1"),
    ],
)
def test_errors_leave_no_files(tmp_path, options, said):
    with pytest.raises(DataError, match=said):
        write_exploration(random_faces(20, size=8), tmp_path, **options)
    assert not list(tmp_path.iterdir())


def test_no_faces_are_refused(tmp_path):
    nobody = random_faces(20, size=8).take(np.zeros(20, bool))
    with pytest.raises(DataError, match="no faces to explore"):
        write_exploration(nobody, tmp_path)


def test_a_file_in_the_way_is_an_error(tmp_path):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(MienError, match="can't write there"):
        write_exploration(random_faces(20, size=8), tmp_path / "taken")
