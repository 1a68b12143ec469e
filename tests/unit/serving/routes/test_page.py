import re
from importlib.resources import files

import pytest

PAGE = files("mien.serving").joinpath("page")
NAMES = sorted(file.name for file in PAGE.iterdir())
MAX_BYTES = 150_000


@pytest.mark.parametrize("name", NAMES)
def test_each_file_is_served(server, name):
    answer = server().get("/" if name == "index.html" else f"/{name}")
    assert answer.status_code == 200
    assert answer.content == PAGE.joinpath(name).read_bytes()
    kinds = {"css": "text/css", "html": "text/html", "js": "text/javascript", "svg": "image/svg+xml"}
    assert answer.headers["content-type"].startswith(kinds[name.rpartition(".")[2]])


def test_the_page_is_small():
    assert sum(len(PAGE.joinpath(name).read_bytes()) for name in NAMES) < MAX_BYTES


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_loaded_from_elsewhere(name):
    text = PAGE.joinpath(name).read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"(?:https?:)?//[a-z0-9.]+\.[a-z]{2,}", text) == []


def test_each_element_that_the_scripts_use_is_in_the_page():
    html = PAGE.joinpath("index.html").read_text(encoding="utf-8")
    ids = set(re.findall(r'\bid="([^"]+)"', html))
    scripts = "".join(
        PAGE.joinpath(name).read_text(encoding="utf-8") for name in NAMES if name.endswith(".js")
    )
    used = set(re.findall(r'(?:by|getElementById)\("([^"]+)"\)', scripts))
    assert used
    assert used - ids == set()
