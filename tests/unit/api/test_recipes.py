from pathlib import Path

import numpy as np
import pytest
import yaml

from mien.api.recipes import override_strings, resolve_recipe
from mien.errors import RecipeError
from mien.models.blocks import DenseStage
from training_builders import TINY


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({}, []),
        ({"train.epochs": 5, "optimizer.lr": 1e-05}, ["train.epochs=5", "optimizer.lr=1e-05"]),
        ({"train.sam": None, "augment.flip": True}, ["train.sam=null", "augment.flip=true"]),
        ({"schedule": {"kind": "constant"}}, ['schedule={"kind": "constant"}']),
        (("a=1", "b=2"), ["a=1", "b=2"]),
    ],
)  # fmt: skip
def test_overrides_become_strings(overrides: object, expected: list[str]) -> None:
    assert override_strings(overrides) == expected  # type: ignore[arg-type]


def test_every_form_of_a_recipe_gives_the_same(tmp_path: Path) -> None:
    path = tmp_path / "tiny.yaml"
    path.write_text(yaml.safe_dump(TINY.model_dump(mode="json")))
    forms = {"tiny": path, "custom": TINY.model_dump(mode="json")}
    for name, form in forms.items():
        assert resolve_recipe(form) == (name, TINY)
    assert resolve_recipe(str(path)) == ("tiny", TINY)
    assert resolve_recipe(TINY) == ("custom", TINY)


def test_overrides_of_every_form_are_applied() -> None:
    for recipe in ("demo", TINY, TINY.model_dump(mode="json")):
        for overrides in ({"optimizer.lr": 1e-05}, ["optimizer.lr=1e-05"]):
            assert resolve_recipe(recipe, overrides)[1].optimizer.lr == 1e-05


def test_a_part_of_a_recipe_can_be_an_override() -> None:
    stages = [DenseStage(units=9, dropout=0.1)]
    assert resolve_recipe(TINY, {"network.dense": stages})[1].network.dense == tuple(stages)


@pytest.mark.parametrize(
    ("recipe", "overrides", "message"),
    [
        ("demoo", {}, "no recipe 'demoo'"),
        ("demo", {"train.epoch": 3}, "did you mean 'train.epochs'"),
        ("demo", "train.epochs=3", r"expected a mapping or a sequence of strings, such as \['train"),
        ("demo", {"train.epochs": np.int64(3)}, "override 'train.epochs': a int64 is no recipe value"),
        ({"network": {}}, {}, "recipe: "),
    ],
)
def test_mistakes_are_one_clear_line(recipe: object, overrides: object, message: str) -> None:
    with pytest.raises(RecipeError, match=message) as caught:
        resolve_recipe(recipe, overrides)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
