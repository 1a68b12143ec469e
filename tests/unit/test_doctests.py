"""The examples in docstrings of the public API run as doctests."""

import doctest
import inspect
from importlib import import_module

import pytest

import mien

MODULES = sorted(
    {inspect.getmodule(getattr(mien, name)).__name__ for name in mien.__all__ if name != "__version__"}
    | {"mien", "mien.api.recipes", "mien.data_frame"}
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = [test for name in MODULES for test in finder.find(import_module(name)) if test.examples]
    assert len(found) >= 7
