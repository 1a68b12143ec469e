from pathlib import Path
from typing import Any

import pytest

from mien.errors import RecipeError
from mien.tuning.parameters import Choices, Range
from mien.tuning.space_file import read_space, yaml_of


def test_a_file_has_ranges_and_choices_by_dotted_or_nested_keys(tmp_path: Path) -> None:
    path = tmp_path / "space.yaml"
    path.write_text(
        "optimizer:\n  lr: {low: 1e-3, high: 1, log: true}\n"
        "augment.rotate: {low: 0, high: 20, step: 5}\n"
        "train.batch_size: [64, 128]\n"
        "schedule: {choices: [{kind: cosine}, {kind: constant}]}\n"
    )
    assert read_space(path).parameters == {
        "optimizer.lr": Range(1e-3, 1, log=True),
        "augment.rotate": Range(0, 20, step=5),
        "train.batch_size": Choices((64, 128)),
        "schedule": Choices(({"kind": "cosine"}, {"kind": "constant"})),
    }


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({}, "expected recipe keys with ranges or choices"),
        ({"optimizer.lr": 0.1}, r"optimizer.lr: 0.1, expected a range such as .*, or choices"),
        ({"optimizer.lr": {"low": 1.0}}, "optimizer.lr: high is missing"),
        ({"optimizer.lr": {"low": 0.1, "high": 0.01}}, "low is 0.1 and high 0.01; expected low below high"),
        ({"optimizer.lr": {"low": 0, "high": 1, "log": True}}, "must begin above 0"),
        ({"optimizer.lr": {"low": "a", "high": 1}}, "optimizer.lr: low: 'a', expected a number"),
        ({"optimizer.lr": {"low": True, "high": 2}}, "low: True, expected a number"),
        ({"optimizer.lr": {"low": float("nan"), "high": 2}}, "low: nan, expected a number"),
        ({"optimizer.lr": {"low": 0.1, "high": 1, "logg": True}}, r"unknown key 'logg' \(did you mean 'log'"),
        ({"optimizer.lr": {"low": 0.1, "high": 1, "log": 3}}, "log: 3, expected true or false"),
        ({"optimizer.lr": {"low": 0.1, "high": 1, "log": True, "step": 0.1}}, "step and log together"),
        ({"optimizer.lr": {"low": 0.1, "high": 1, "step": 2}}, "step is 2; expected more than 0"),
        ({"optimizer.lr": {"lo": 0.1, "hig": 1}}, r"unknown key 'lo' \(did you mean 'low'"),
        ({"train.batch_size": [64]}, "train.batch_size: 1 choice, expected 2 to 200"),
        ({"train.batch_size": [64, 64]}, "the choice 64 is listed twice"),
        ({"train.batch_size": {"choices": 64}}, r"expected choices: \[...\]"),
        ({"optimizer.lr": [0.1, 0.2], "optimizer": {"lr": [0.3, 0.4]}}, "optimizer.lr is listed twice"),
    ],
)
def test_a_mistake_in_a_space_is_one_line(tree: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=f"^space: .*{message}|^space: {message}"):
        read_space(tree)


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "space.yaml"
    path.write_text("a: [")
    with pytest.raises(RecipeError, match=r"space.yaml: not valid YAML"):
        read_space(path)
    with pytest.raises(RecipeError, match=r"nothing.yaml: can't read this search space \(No such file"):
        read_space(tmp_path / "nothing.yaml")


def test_yaml_has_a_line_for_each_key() -> None:
    assert yaml_of({"a": {"low": 1, "high": 2}, "b": [1, 2]}) == "a: {low: 1, high: 2}\nb: [1, 2]\n"
