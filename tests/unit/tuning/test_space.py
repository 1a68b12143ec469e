from typing import Any

import pytest

from mien.errors import RecipeError
from mien.tuning.parameters import stored
from mien.tuning.space import require_space
from mien.tuning.space_file import read_space
from training_builders import TINY, tiny_recipe

TREE: dict[str, Any] = {
    "optimizer.lr": {"low": 0.001, "high": 0.1},
    "schedule": [{"kind": "cosine"}, {"kind": "constant"}],
}


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
        (
            {"network.stages.9.channels": [8, 16]},
            r"^space: 'network.stages.9.channels': '9' is not a position",
        ),
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
