import pytest
from pydantic import ValidationError

from mien.config import Recipe, list_recipes, read_recipe

LEAST = {
    "network": {"kind": "plain", "stages": [{"channels": 4}]},
    "optimizer": {"kind": "sgd", "lr": 0.1},
    "train": {"epochs": 1},
}


def test_the_rest_has_defaults_that_change_nothing_by_themselves():
    recipe = Recipe.model_validate(LEAST)
    assert recipe.schedule.kind == "constant"
    assert recipe.loss.kind == "cross_entropy"
    assert (recipe.data.oversample, recipe.data.class_weights, recipe.preprocess.clahe) == (None, None, None)
    assert (recipe.augment.mixup, recipe.augment.random_erasing, recipe.augment.rotate) == (0, 0, 0)


def test_alternating_flip_without_flip_is_refused():
    with pytest.raises(ValidationError, match="alternating_flip flips every face"):
        Recipe.model_validate(LEAST | {"augment": {"alternating_flip": True, "flip": 0}})


@pytest.mark.parametrize(
    ("augment", "fits"),
    [
        ({"rotate": 10}, True),
        ({"shift": 0.1}, True),
        ({"scale": 0.1}, True),
        ({"shear": 5}, True),
        ({"rotate": 10, "interpolation": "bicubic"}, False),
        ({"flip": 0.5, "contrast": 0.2}, False),
    ],
)
def test_only_what_training_with_temperature_is_with_temperature(augment, fits):
    tree = LEAST | {"augment": augment, "tta": {"blur": True}}
    if fits:
        assert Recipe.model_validate(tree).tta.blur
    else:
        with pytest.raises(ValidationError, match=r"set tta.blur: false"):
            Recipe.model_validate(tree)


@pytest.mark.parametrize("missing", ["network", "optimizer", "train"])
def test_what_makes_a_system_has_no_default(missing):
    with pytest.raises(ValidationError, match=missing):
        Recipe.model_validate({key: value for key, value in LEAST.items() if key != missing})


@pytest.mark.parametrize(
    "part",
    [
        {"optimizer": {"kind": "sgd", "lr": 0.1, "momentum": 0}},
        {"optimizer": {"kind": "sgd", "lr": 0}},
        {"optimizer": {"kind": "adam", "momentum": 0.9}},
        {"optimizer": {"kind": "lion", "lr": 0.1}},
        {"schedule": {"kind": "step"}},
        {"schedule": {"kind": "plateau", "factor": 1}},
        {"schedule": {"kind": "log_cosine", "final": 0}},
        {"schedule": {"kind": "one_cycle", "pct_start": 1}},
        {"train": {"epochs": 0}},
        {"train": {"epochs": 1, "batch_size": 1}},
        {"train": {"epochs": 1, "ema_decay": 1}},
        {"train": {"epochs": 1, "early_stopping": {"patience": 0}}},
        {"train": {"epochs": 1, "progressive": [{"size": 24, "until": 0.5}, {"size": 32, "until": 0.5}]}},
        {"train": {"epochs": 1, "progressive": [{"size": 24, "until": 0.5}, {"size": 32, "until": 0.4}]}},
        {"train": {"epochs": 1, "progressive": [{"size": 24, "until": 0}]}},
        {"network": {"kind": "plain", "stages": []}},
        {"network": {"kind": "resnet9", "stages": []}},
        {"network": {"kind": "plain", "stages": [{"channels": 4, "kernel": 12}]}},
        {"network": {"kind": "resnetv2", "attention": "se"}},
        {"data": {"holdout": 0.5}},
        {"data": {"fold": {"number": 6, "of": 5}}},
        {"data": {"fold": {"number": 0, "of": 5}}},
        {"data": {"fold": {"number": 1, "of": 1}}},
        {"data": {"exclude": ""}},
        {"data": {"relabel": "audit.csv", "targets": "votes"}},
        {"data": {"oversample": {"at_most": 0.5}}},
        {"data": {"class_weights": {"kind": "inverse"}}},
        {"augment": {"scale": 1}},
        {"augment": {"blur": 3.1}},
        {"augment": {"interpolation": "nearest"}},
        {"train": {"epochs": 1, "sam": {"rho": 3}}},
        {"train": {"epochs": 1, "sam": {"start": 1}}},
        {"preprocess": {"std": 0}},
        {"preprocess": {"std": [0.2, 0.2, 0]}},
        {"preprocess": {"mean": [0.5, 0.5]}},
        {"preprocess": {"mean": 1.1}},
        {"data": {"size": 23}},
        {"data": {"size": 225}},
        {"data": {"channels": 2}},
        {"preprocess": {"clahe": {"tiles": 25}}},
        {"loss": {"label_smoothing": 1}},
        {"tta": {"shift": 13}},
        {"distillation": {}},
        {"distillation": {"teachers": []}},
        {"distillation": {"teachers": ["small"], "alpha": 1.1}},
        {"distillation": {"teachers": ["small"], "alpha": 0}},
        {"distillation": {"teachers": ["small"], "temperature": 0}},
        {"distillation": "small"},
    ],
    ids=str,
)
def test_values_that_make_no_sense_are_refused(part):
    with pytest.raises(ValidationError):
        Recipe.model_validate({**LEAST, **part})


def test_sgd_without_momentum_or_nesterov_is_plain_gradient_descent():
    plain = {"kind": "sgd", "lr": 0.1, "momentum": 0, "nesterov": False}
    assert Recipe.model_validate({**LEAST, "optimizer": plain}).optimizer.momentum == 0


def test_a_recipe_survives_being_written_and_read():
    recipe = Recipe.model_validate(LEAST)
    assert Recipe.model_validate(recipe.model_dump(mode="json")) == recipe


def test_every_shipped_recipe_survives_being_written_and_read():
    for recipe in map(read_recipe, list_recipes()):
        assert Recipe.model_validate(recipe.model_dump(mode="json")) == recipe
