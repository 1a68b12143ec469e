import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from builders import faces
from mien.errors import DataError, PredictionsError, RecipeError
from mien.labels import EMOTIONS
from mien.predictions import Predictions
from mien.predictions_file import write_predictions
from mien.training.batches import training_faces
from mien.training.soft_targets.predictions import read_soft_targets, with_temperature
from training_builders import tiny_recipe

CPU = torch.device("cpu")


def predictions(count: int = 30) -> Predictions:
    some = faces(count)
    found = np.random.default_rng(0).dirichlet(np.ones(7), count).astype(np.float32)
    return Predictions(found, some.labels, some.ids, some.classes, "train")


def written(path: Path, value: Predictions) -> str:
    write_predictions(path, value)
    return str(path)


def test_targets_are_mixed_by_id(tmp_path: Path) -> None:
    given = predictions()
    backwards = Predictions(
        given.probabilities[::-1].copy(), given.labels[::-1].copy(), given.ids[::-1].copy(), EMOTIONS, "train"
    )
    path = written(tmp_path / "p.npz", backwards)
    recipe = tiny_recipe(f"distillation={{predictions: {path}, alpha: 0.25}}")
    soft = read_soft_targets(recipe, faces(30))
    assert soft is not None
    assert soft.digest == hashlib.sha256(Path(path).read_bytes()).hexdigest()
    some = faces(30)
    plain, mixed = (training_faces(some, recipe, CPU, each) for each in (None, soft))
    expected = 0.75 * plain.targets.numpy() + 0.25 * given.probabilities[some.in_split("train")]
    np.testing.assert_allclose(mixed.targets.numpy(), expected, atol=1e-6)
    assert torch.equal(mixed.weights, plain.weights)
    assert torch.equal(mixed.order, plain.order)


def test_a_temperature_softens() -> None:
    found = with_temperature(np.array([[0.9, 0.1]], np.float32), 2)
    np.testing.assert_allclose(found, [[0.75, 0.25]], atol=1e-6)
    np.testing.assert_allclose(
        with_temperature(np.array([[0.9, 0.1]], np.float32), 1), [[0.9, 0.1]], atol=1e-6
    )


def test_a_recipe_without_predictions_has_none() -> None:
    assert read_soft_targets(tiny_recipe(), faces(10)) is None
    assert read_soft_targets(tiny_recipe("distillation.teachers=small"), faces(10)) is None


def test_a_face_without_a_prediction_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "p.npz", predictions(20))
    soft = read_soft_targets(tiny_recipe(f"distillation.predictions={path}"), faces(30))
    with pytest.raises(DataError, match=r"p\.npz: no prediction for 8 of 24 training faces \(the first is "):
        training_faces(faces(30), tiny_recipe(), CPU, soft)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"classes": ("a", "b", "c", "d", "e", "f", "g")}, "predictions of a, b, c, d, e, f, g, but random:"),
        ({"ids": np.array(["x"] * 30)}, "an id occurs twice among its 30"),
    ],
)
def test_predictions_that_do_not_fit_are_refused(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    path = written(tmp_path / "p.npz", replace(predictions(), **change))
    with pytest.raises(PredictionsError, match=message):
        read_soft_targets(tiny_recipe(f"distillation.predictions={path}"), faces(30))


@pytest.mark.parametrize("value", ["{alpha: 0.5}", "{teachers: small, predictions: p.npz}"])
def test_a_recipe_names_one_source(value: str) -> None:
    with pytest.raises(RecipeError, match="expected either teachers"):
        tiny_recipe(f"distillation={value}")
