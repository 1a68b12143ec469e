"""What a training starts from: a run, a bundle, ImageNet or a file, and the recipe that follows."""

from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from mien.config import read_recipe
from mien.data import read_faces
from mien.errors import RecipeError, RunError
from mien.faceset import FaceSet
from mien.models import build_network
from mien.training.inference import read_network
from mien.training.learner import below
from mien.training.run_folder.info import Source
from mien.training.run_folder.run import RunFolder
from mien.training.runner import train_run
from mien.training.setup import Training, known_training, new_training
from mien.training.start import Start, open_start, start_of
from training_builders import DRAWN, Notices, tiny_recipe, tiny_run, train

FINETUNE = ["train.epochs=1", "network.trainable=head"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    trained = tiny_run(tmp_path_factory.mktemp("start") / "old", ["train.epochs=1"])
    train(trained)
    return trained


@pytest.fixture(scope="module")
def faces() -> FaceSet:
    """Faces of two classes."""
    drawn = read_faces(DRAWN)
    kept = drawn.take(np.flatnonzero(drawn.labels < 2))
    return FaceSet(
        images=kept.images, labels=kept.labels, splits=kept.splits, ids=kept.ids, classes=("yes", "no"),
        source="mine",
    )  # fmt: skip


def same_body(old: dict[str, torch.Tensor], new: dict[str, torch.Tensor]) -> bool:
    names = [name for name in old if not name.startswith("classifier") and not name.endswith("tracked")]
    return all(torch.equal(old[name], new[name]) for name in names)


def begun(path: Path, recipe, given, faces: FaceSet, *callbacks) -> Training:
    resolved, start = start_of(recipe, given)
    source = Source(path=DRAWN, fingerprint=faces.fingerprint)
    return new_training(path, "finetune", resolved, source, faces, callbacks, start=start)


def test_a_run_s_network_and_weights_are_taken_over(tmp_path: Path, run: RunFolder, faces: FaceSet) -> None:
    notices = Notices()
    some = begun(tmp_path / "new", read_recipe("finetune", FINETUNE), run.path, faces, notices)
    old, new = read_network(run).state_dict(), below("network", some.learner.tensors())
    assert same_body(old, new)
    assert new["classifier.weight"].shape == (2, 8)
    assert "the body is from old" in notices.text
    assert "the head is new, since the classes differ" in notices.text
    recorded = RunFolder(tmp_path / "new")
    assert recorded.info.pretrained == str(run.path)
    assert recorded.recipe.network == run.recipe.network.model_copy(update={"trainable": "head"})
    assert recorded.recipe.preprocess == run.recipe.preprocess
    assert (recorded.recipe.cost, recorded.recipe.result) == ("", "")


def test_it_trains_the_head_only_and_resumes(tmp_path: Path, run: RunFolder, faces: FaceSet) -> None:
    some = begun(tmp_path / "new", read_recipe("finetune", FINETUNE), run.path, faces)
    again = known_training(some.run, data=faces)  # before the first checkpoint: the weights are read again
    assert torch.equal(
        again.learner.tensors()["network.stages.0.block1.conv.weight"],
        some.learner.tensors()["network.stages.0.block1.conv.weight"],
    )
    train_run(some)
    old, new = read_network(run).state_dict(), read_network(RunFolder(some.run.path)).state_dict()
    assert same_body(old, new)


def test_the_shipped_bundle_is_the_default(faces: FaceSet) -> None:
    recipe, start = start_of(read_recipe("finetune", ["data.size=64"]), None)
    assert start is not None
    assert start.name == "small"
    assert (recipe.data.size, recipe.network.kind) == (48, "plain")
    assert recipe.title
    network = build_network(recipe.network, 2)
    said = start.load(network, recipe.network, faces.classes, lambda n: torch.rand(min(n, 8), 1, 48, 48))
    assert "the body is from small" in said


def test_of_an_ensemble_the_first_network_is_taken() -> None:
    start = open_start("large")
    assert start.weights is not None
    assert start.weights.source == "the first network of large (stacked)"


def test_recipes_with_a_network_keep_it(run: RunFolder) -> None:
    recipe, start = start_of(tiny_recipe("network.trainable=head"), run.path)
    assert recipe.network.trainable == "head"
    assert start is not None
    recipe, start = start_of(tiny_recipe("network.trainable=head"), None)
    assert (recipe.network.trainable, start) == ("all", None)


def test_another_network_is_refused(tmp_path: Path, run: RunFolder, faces: FaceSet) -> None:
    with pytest.raises(
        RecipeError, match=r"old is another network .*\(network\.\w+ differs.*\); use the recipe finetune"
    ):
        begun(tmp_path / "new", tiny_recipe("network.dense.0.units=9"), run.path, faces)
    assert not (tmp_path / "new").exists()


def test_other_preprocessing_is_reported(tmp_path: Path, run: RunFolder, faces: FaceSet) -> None:
    notices = Notices()
    begun(tmp_path / "new", tiny_recipe("preprocess.mean=0.4"), run.path, faces, notices)
    assert "was trained with other values of preprocess.mean" in notices.text


def test_a_file_with_names_of_the_network(tmp_path: Path, run: RunFolder, faces: FaceSet) -> None:
    file = tmp_path / "w.safetensors"
    save_file({name: value.contiguous() for name, value in read_network(run).state_dict().items()}, file)
    notices = Notices()
    some = begun(tmp_path / "new", tiny_recipe(), file, faces, notices)
    assert "the body is from w.safetensors (12 tensors); the head is new, with 2 classes" in notices.text
    assert some.run.info.pretrained == str(file)
    with pytest.raises(RecipeError, match="comes without its network"):
        start_of(read_recipe("finetune"), file)


def test_a_file_that_is_no_weights_is_refused_by_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "faces.csv").write_text("emotion,pixels\n0,1 2\n")
    with pytest.raises(RunError, match=r"this is a data set of faces .* expected a run folder, a bundle or"):
        start_of(read_recipe("finetune"), tmp_path / "faces.csv")


def test_imagenet_has_a_recipe_of_its_own() -> None:
    with pytest.raises(RecipeError, match="or train efficientnet-lite0"):
        start_of(read_recipe("finetune"), "imagenet")


def test_imagenet_needs_a_network_with_a_package(tmp_path: Path, faces: FaceSet) -> None:
    with pytest.raises(RecipeError, match="no package with ImageNet weights for a network of kind plain"):
        begun(tmp_path / "new", tiny_recipe(), "imagenet", faces)


@pytest.mark.parametrize(
    ("name", "what"), [("nothing", "no such run, bundle or file"), (".", "a folder that is no run")]
)
def test_anything_else_is_refused_with_what_is_expected(tmp_path: Path, name: str, what: str) -> None:
    with pytest.raises(
        RunError, match=rf"{what}; give a run folder, a bundle \(a file, or large, small\), imag"
    ):
        open_start(tmp_path / name)


class TestLeakage:
    RECIPE: ClassVar = tiny_recipe("train.seed=1")

    def warnings(self, fingerprint: str, *, held_out: bool) -> tuple[str, ...]:
        start = Start("/a/old", recipe=tiny_recipe().model_dump(), fingerprint="f")
        return start.leakage_warnings(self.RECIPE, fingerprint, held_out=held_out)

    def test_another_hold_out_of_the_same_faces_leaks(self) -> None:
        (warning,) = self.warnings("f", held_out=True)
        assert "Its weights are from old, trained on the same data set with another data.holdout" in warning

    def test_other_faces_or_fixed_splits_do_not(self) -> None:
        assert self.warnings("g", held_out=True) == self.warnings("f", held_out=False) == ()
