from collections import Counter

import pytest

import mien
from generate import python_api, python_names


def test_each_public_name_is_on_one_page():
    names = Counter(name for topic in python_api.TOPICS.values() for name in topic.names)
    assert set(names) == set(mien.__all__) - {"__version__"}
    assert set(names.values()) == {1}


@pytest.mark.parametrize("path", [name for topic in python_api.MODULES.values() for name in topic.names])
def test_documented_modules_exist(path):
    module, _, name = path.rpartition(".")
    assert not list(python_names.problems(f"import {path}")) or not list(
        python_names.problems(f"from {module} import {name}")
    )


def test_a_page_asks_for_the_docstrings_of_its_names():
    pages = python_api.pages()
    assert "\n::: mien.read_faces\n" in pages["reference/python/data.md"]
    assert "[`read_faces`][mien.read_faces]" in pages["reference/python/index.md"]
