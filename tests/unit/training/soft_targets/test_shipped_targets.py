from pathlib import Path

import numpy as np
import pytest

from builders import faces
from mien.errors import DataError, PredictionsError
from mien.faceset import FaceSet
from mien.labels import EMOTIONS, TRAIN
from mien.training.soft_targets import shipped_targets
from mien.training.soft_targets.distillation import with_absolute_teachers
from mien.training.soft_targets.predictions import read_soft_targets
from mien.training.soft_targets.shipped_targets import (
    encode_targets,
    path_of_targets,
    pixel_digests,
    read_shipped_targets,
)
from training_builders import tiny_recipe

NAME = "fer2013-stacked"


def training_of(source: FaceSet) -> FaceSet:
    return source.take(np.flatnonzero(source.in_split(TRAIN)))


def shipped(folder: Path, monkeypatch: pytest.MonkeyPatch, source: FaceSet) -> np.ndarray:
    """Ship random targets for the faces of `source` and return them."""
    found = np.random.default_rng(0).dirichlet(np.ones(7), len(source)).astype(np.float32)
    (folder / f"{NAME}.npz").write_bytes(encode_targets(source, found, EMOTIONS))
    monkeypatch.setattr(shipped_targets, "_FOLDER", folder)
    return found


def test_faces_are_found_by_their_pixels_in_any_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = faces(30)
    given = shipped(tmp_path, monkeypatch, some)
    found = read_shipped_targets(NAME)
    np.testing.assert_allclose(found.probabilities.sum(1), 1, rtol=1e-6)
    positions = found.positions(some.images[::-1])
    np.testing.assert_allclose(found.probabilities[positions], given[::-1], atol=1 / 255)
    assert found.positions(255 - some.images).tolist() == [-1] * 30


def test_identical_faces_share_the_mean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some = faces(4).take(np.array([0, 1, 0, 2]))
    given = shipped(tmp_path, monkeypatch, some)
    found = read_shipped_targets(NAME)
    assert len(found.faces) == 3
    mean = found.probabilities[found.positions(some.images[:1])[0]]
    np.testing.assert_allclose(mean, (given[0] + given[2]) / 2, atol=1 / 255)


def test_a_recipe_mixes_them_whatever_the_ids_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some = faces(30)
    training = training_of(some)
    given = shipped(tmp_path, monkeypatch, training)
    soft = read_soft_targets(tiny_recipe(f"distillation={{predictions: {NAME}, alpha: 0.5}}"), some)
    assert soft is not None
    zeros = np.zeros_like(given)
    np.testing.assert_allclose(soft.mixed(zeros, training.ids), given / 2, atol=1 / 255)


def test_other_faces_and_other_classes_are_refused() -> None:
    recipe = tiny_recipe(f"distillation.predictions={NAME}")
    soft = read_soft_targets(recipe, faces(30))
    assert soft is not None
    message = r"^fer2013-stacked: no prediction for 24 of 24 .*the Training faces of fer2013\.csv"
    with pytest.raises(DataError, match=message):
        soft.mixed(np.zeros((24, 7), np.float32), training_of(faces(30)).ids)
    with pytest.raises(PredictionsError, match="predictions of angry, disgust"):
        read_soft_targets(recipe, faces(30, classes=("a", "b")))


def test_a_run_keeps_the_name_and_not_the_path() -> None:
    kept = with_absolute_teachers(tiny_recipe(f"distillation.predictions={NAME}")).distillation
    assert kept is not None
    assert kept.predictions == NAME
    assert path_of_targets(NAME).is_file()


def test_the_shipped_targets_cover_the_different_training_faces_of_fer2013() -> None:
    found = read_shipped_targets(NAME)
    assert found.classes == EMOTIONS
    assert len(found.faces) == 27_475
    assert (np.diff(found.faces.astype(object)) > 0).all()
    assert (found.probabilities.max(1) > 1 / 7).all()


def test_digests_depend_on_every_pixel() -> None:
    image = np.zeros((1, 48, 48), np.uint8)
    other = image.copy()
    other[0, 47, 47] = 1
    assert pixel_digests(image) != pixel_digests(other)
