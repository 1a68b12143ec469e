"""What is wrong with a recipe is reported in a user's words, with a correct example."""

import re

import pytest

from mien.config import read_recipe, with_overrides
from mien.errors import RecipeError


@pytest.mark.parametrize(
    "override",
    [
        "augment=flip",
        "data=csv",
        "data.class_weights=balanced",
        "data.oversample=2",
        "loss=focal",
        "network=plain",
        "network=",
        "network.dense=64",
        "network.stages=3",
        "network.stages=[]",
        "network.stages.0=8",
        "optimizer=adam",
        "preprocess=no",
        "preprocess.clahe=true",
        "schedule=cosine",
        "distillation=small",
        "distillation.teachers=3",
        "train=20",
        "train.early_stopping=4",
        "train.progressive=24",
        "train.progressive={size: 24}",
        "tta=10",
        *(
            f"network.kind=resnet9 network.stages=[{{channels: 8}}] network.{key}=3"
            for key in ("stem", "dense")
        ),
        "network.kind=resnet9 network.stages=3",
        "network.kind=resnetv2 network.blocks=3",
        "optimizer.kind=adam optimizer.betas=0.9",
    ],
)
def test_the_example_of_what_was_expected_can_be_taken_as_it_stands(override):
    recipe, items = read_recipe("cnn-sgd"), re.split(r" (?=\w+\.\w+=)", override)
    with pytest.raises(RecipeError) as caught:
        with_overrides(recipe, items)
    reported = re.fullmatch(
        r"overrides: (\S+): expected (?:keys with values|a list|a longer list), such as (.*), found .*",
        str(caught.value),
    )
    where, example = reported.groups()
    assert where == items[-1].partition("=")[0]
    with_overrides(recipe, [*items[:-1], f"{where}={example}"])


@pytest.mark.parametrize(
    ("override", "where"),
    [("train.progressive=[24]", "train.progressive.0"), ("network.stages.1=8", "network.stages.1")],
)
def test_an_item_of_a_list_is_named_by_its_place(override, where):
    with pytest.raises(
        RecipeError, match=f"overrides: {re.escape(where)}: expected keys with values, such as"
    ):
        with_overrides(read_recipe("cnn-sgd"), [override])
