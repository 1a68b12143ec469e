"""Filtering and sorting of runs."""

from pathlib import Path

import pytest

from mien.errors import MienError
from mien.run_list.columns import COLUMNS
from mien.run_list.run_list import RunList
from mien.run_list.summary import RunSummary


def _run(name, accuracy=None, **more):
    values = {"optimizer": {"lr": more.pop("lr", 0.1)}}
    return RunSummary(
        Path(name), name, more.pop("state", "finished"), accuracy=accuracy, values=values, **more
    )


RUNS = RunList((
    _run("a", 0.5, lr=0.3, created="1"),
    _run("b", None, state="damaged", created="2"),
    _run("c", 0.7, lr=0.2, created="3"),
))  # fmt: skip


def names(runs):
    return "".join(run.name for run in runs)


@pytest.mark.parametrize(
    ("key", "reverse", "expected"),
    [
        ("accuracy", False, "cab"), ("accuracy", True, "acb"), ("name", False, "abc"),
        ("created", False, "cba"),
        ("optimizer.lr", False, "bca"), ("state", True, "acb"),
    ],
)  # fmt: skip
def test_runs_are_sorted_and_those_without_a_value_come_last(key, reverse, expected):
    assert names(RUNS.sort(key, reverse=reverse)) == expected


def test_all_conditions_must_hold():
    assert names(RUNS.where("state=finished", "optimizer.lr>0.25")) == "a"
    assert names(RUNS.where()) == "abc"
    assert names(RUNS.head(2)) == names(RUNS[:2]) == "ab"
    assert RUNS[-1].name == "c"


@pytest.mark.parametrize("call", [lambda: RUNS.where("acuracy>1"), lambda: RUNS.sort("acuracy")])
def test_an_unknown_column_is_an_error_with_a_suggestion(call):
    with pytest.raises(MienError, match="did you mean 'accuracy'"):
        call()


def test_rows_have_all_columns_and_the_keys_that_are_asked_for():
    row = RUNS.rows(["optimizer.lr"])[0]
    assert list(row) == [*COLUMNS, "optimizer.lr"]
    assert (row["name"], row["accuracy"], row["optimizer.lr"]) == ("a", 0.5, 0.3)
    assert RunList().rows() == []


def test_its_text_shows_the_first_runs():
    assert repr(RUNS).splitlines()[:2] == ["RunList of 3 runs", "a: , epochs 0/?, 50.0 %, finished"]
    assert repr(RunList(tuple(RUNS) * 10)).endswith("... 10 more")


def test_a_data_frame_has_a_row_for_each_run():
    frame = RUNS.to_frame()
    assert list(frame["name"]) == ["a", "b", "c"]
    assert list(RunList().to_frame()["name"]) == []
