"""Texts of tables."""

from pathlib import Path

import pytest

from mien.run_list.summary import RunSummary
from mien.run_list.words import (
    accuracy_text,
    changes_text,
    duration,
    epochs_text,
    full_value,
    local_time,
    short_value,
)

RUN = RunSummary(Path("a"), "a", "finished", changes={"train.seed": 1, "augment.flip": False}, epoch=3)


def test_texts_of_a_run():
    assert changes_text(RUN) == "train.seed=1 augment.flip=false"
    assert (accuracy_text(RUN), epochs_text(RUN)) == ("", "3/?")
    scored = RunSummary(Path("a"), "a", "finished", accuracy=0.653, interval=(0.641, 0.665))
    assert accuracy_text(scored) == "65.3 % (64.1 to 66.5)"


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), ("sgd", "sgd"), (True, "true"), ([1, 2], "[1, 2]"), (0.1, "0.1")]
)
def test_values_of_recipes(value, text):
    assert short_value(value) == text
    assert full_value(value) == (text or "null")


def test_floats_of_a_search_are_rounded_in_tables():
    assert (short_value(0.1 + 0.2), full_value(0.1 + 0.2)) == ("0.3", "0.30000000000000004")
    assert short_value(0.00940206069659575) == "0.00940206"


def test_times():
    assert duration(3725.4) == "1:02:05"
    assert local_time("2026-11-27T09:00:00+00:00").startswith("2026-11-2")
    assert local_time("x") == ""
    assert (duration(1e300), duration(-1)) == ("", "0:00:00")
