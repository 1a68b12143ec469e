"""Conditions on runs."""

from pathlib import Path

import pytest

from mien.errors import MienError
from mien.run_list.conditions import parse_condition
from mien.run_list.summary import RunSummary

RUN = RunSummary(
    Path("runs/a"), "a", "finished", recipe="fast", accuracy=0.66, epoch=9,
    created="2026-11-27T09:00:00+00:00",
    values={"optimizer": {"lr": 0.01, "kind": "sgd"}, "augment": {"flip": True}, "loss": None},
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("state=finished", True), ("state == finished", True), ("state!=finished", False),
        ("recipe=f*", True),
        ("recipe=F*", True), ("name=b", False), ("accuracy>=66%", True), ("accuracy>0.66", False),
        ("accuracy<67%", True), ("epoch=9", True), ("optimizer.lr=1e-2", True), ("optimizer.lr<0.01", False),
        ("optimizer.kind=sgd", True), ("augment.flip=true", True), ("augment.flip=1", False),
        ("loss=null", True), ("loss>1", False), ("loss!=1", True), ("created>2026-11", True),
        ("created>=2026-11-27", True), ("created<2026-11-27", False),
        ("created>2026-11-27T08", True),
        ("seconds<1", True), ("name=", False), ("recipe>3", False),
    ],
)  # fmt: skip
def test_a_condition_on_a_column_or_a_key(text, expected):
    assert parse_condition(text).holds(RUN) is expected


@pytest.mark.parametrize("text", ["", "state", "=x", "a b=1", "state~x", None])
def test_what_is_no_condition_is_an_error(text):
    with pytest.raises(MienError, match="expected KEY=VALUE"):
        parse_condition(text)


@pytest.mark.parametrize("text", ["accuracy>high", "seconds<=", "epoch>1..2%", "loss<2026-11-27"])
def test_only_a_number_is_over_or_under_a_number(text):
    with pytest.raises(MienError, match="is a number; expected one after"):
        parse_condition(text)
