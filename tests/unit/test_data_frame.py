import sys

import pytest

from mien.data_frame import data_frame
from mien.errors import MissingExtraError


def test_rows_and_columns():
    frame = data_frame(iter([(1, "a"), (2, "b")]), ("number", "name"))
    assert list(frame.columns) == ["number", "name"]
    assert frame["name"].tolist() == ["a", "b"]


def test_columns_without_rows():
    frame = data_frame([], ("number", "name"))
    assert list(frame.columns) == ["number", "name"]
    assert len(frame) == 0


def test_names_that_are_not_utf8_are_escaped_as_in_a_csv():
    frame = data_frame([("caf\udce9.jpg", 1)], ("source", "\udcff"))
    assert frame["source"].tolist() == ["caf\\udce9.jpg"]
    assert frame.columns[1] == "\\udcff"


def test_missing_pandas_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match=r"'pandas': run pip install 'mien\[frame\]'"):
        data_frame([], ())
