from pathlib import Path
from typing import Any

import pytest

from mien.errors import RecipeError
from mien.tuning.space import Choices, Range, read_space, require_space, stored, text_of, yaml_of
from training_builders import TINY, tiny_recipe

TREE: dict[str, Any] = {
    "optimizer.lr": {"low": 0.001, "high": 0.1},
    "schedule": [{"kind": "cosine"}, {"kind": "constant"}],
}


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
        ({"train.batch_size": [64]}, "train.batch_size: 1 choices, expected 2 to 200"),
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


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"optimizer.lrr": [0.1, 0.2]}, r"space: unknown key 'optimizer.lrr' \(did you mean 'optimizer.lr'"),
        ({"augment.shift": {"low": 0.0, "high": 3.0}}, "space: augment.shift: expected 0 to 1, found 3"),
        ({"train.batch_size": {"low": 16.0, "high": 64.0}}, "space: train.batch_size: .*integer"),
        ({"train.batch_size": [64, 1]}, "space: train.batch_size: .*found 1"),
        ({"train.seed": [1, 2]}, "train.seed decides on which faces trials are compared"),
        ({"train": [{"epochs": 1, "seed": 7}, {"epochs": 2}]}, "train.seed decides on which faces"),
        ({"data.holdout": {"low": 0.1, "high": 0.3}}, "data.holdout decides"),
        ({"title": ["a", "b"]}, "title: a description"),
    ],
)
def test_values_that_a_recipe_refuses_are_found_before_the_study(tree: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        require_space(read_space(tree), TINY)


def test_a_limit_that_only_fits_beside_other_values_is_accepted() -> None:
    recipe = tiny_recipe("augment.rotate=5", "tta.blur=true")  # which needs rotate, shift or scale
    tree = {"augment.rotate": {"low": 0.0, "high": 9.0}, "augment.shift": {"low": 0.0, "high": 0.1}}
    space = read_space(tree)
    require_space(space, recipe)
    with pytest.raises(RecipeError):  # the limit alone
        tiny_recipe("augment.rotate=0", "tta.blur=true")
    assert set(space.to_json()) == set(tree)


def test_a_trial_changes_the_recipe() -> None:
    space = read_space(TREE)
    values = {"optimizer.lr": 0.02, "schedule": stored({"kind": "cosine"})}
    assert space.overrides(values) == ['schedule={"kind": "cosine"}', "optimizer.lr=0.02"]
    recipe = tiny_recipe(*space.overrides(values))
    assert (recipe.optimizer.lr, recipe.schedule.kind) == (0.02, "cosine")
    assert read_space(space.to_json()) == space


def test_a_section_replaces_no_value_of_a_key_in_it() -> None:
    sections = [{"kind": "sgd", "lr": 0.1}, {"kind": "adamw", "lr": 0.1}]
    space = read_space({"optimizer.lr": {"low": 0.001, "high": 0.002}, "optimizer": sections})
    values = {"optimizer.lr": 0.0015, "optimizer": stored(sections[0])}
    assert space.overrides(values) == ['optimizer={"kind": "sgd", "lr": 0.1}', "optimizer.lr=0.0015"]


def test_the_values_of_the_recipe_are_the_first_trial_if_the_space_has_them() -> None:
    assert read_space(TREE).values_of(TINY) == {"optimizer.lr": 0.01, "schedule": '{"kind": "constant"}'}
    assert read_space({**TREE, "train.batch_size": [64, 128]}).values_of(TINY) is None
    assert read_space({**TREE, "optimizer.lr": {"low": 0.02, "high": 0.1}}).values_of(TINY) is None


@pytest.mark.parametrize(
    ("one", "inside", "outside"),
    [
        (Range(1, 9), 3, 3.5),
        (Range(0.0, 1.0, step=0.25), 0.75, 0.8),
        (Range(1.0, 9.0), 3.5, 9.1),
        (Range(0, 9), 1, True),
        (Choices((None, 1)), None, 2),
        (Choices((1, 2)), 1, True),
    ],
)
def test_contains(one: Any, inside: object, outside: object) -> None:
    assert one.contains(inside)
    assert not one.contains(outside)


def test_texts() -> None:
    assert [text_of(one) for one in (None, True, 3, 0.123456, "a")] == ["null", "true", "3", "0.1235", "a"]
    assert yaml_of({"a": {"low": 1, "high": 2}, "b": [1, 2]}) == "a: {low: 1, high: 2}\nb: [1, 2]\n"
