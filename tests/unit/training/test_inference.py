import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from builders import faces
from mien.config.data import Clahe, Preprocess
from mien.config.training import TTA
from mien.data import read_faces
from mien.errors import RunError
from mien.models import build_network
from mien.training.inference import probabilities, probabilities_of, read_network, validation_batches
from mien.training.run_folder.checkpoint import BEST, LAST, Checkpoint, read_checkpoint, write_checkpoint
from mien.training.run_folder.run import RunFolder
from mien.training.run_folder.state import Epoch, State
from mien.transforms.preprocess import equalize, standardize
from training_builders import DRAWN, tiny_run, train, without_digests

IMAGES = faces(11).images


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    run = tiny_run(
        tmp_path_factory.mktemp("runs") / "run", ["train.ema_decay=0.9", "preprocess.clahe.clip_limit=2"]
    )
    train(run)
    return run


def test_rows_are_distributions_and_tta_changes_them(trained: RunFolder) -> None:
    once = probabilities_of(trained, IMAGES, tta=False)
    often = probabilities_of(trained, IMAGES, tta=True)
    for found in (once, often):
        assert found.shape == (11, 7)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found.sum(1), 1, atol=1e-5)
    assert not np.allclose(once, often)


def test_the_validated_network_is_the_moving_average(trained: RunFolder) -> None:
    average = read_checkpoint(trained.checkpoints / BEST).tensors["average.module.classifier.bias"]
    assert torch.equal(read_network(trained).state_dict()["classifier.bias"], average)


def test_predictions_have_the_validation_accuracy_of_training(trained: RunFolder) -> None:
    best = read_checkpoint(trained.checkpoints / LAST).state.best("accuracy")
    validation = read_faces(DRAWN).of_split("validation")
    found = probabilities_of(trained, validation.images, tta=False)
    assert best is not None
    assert (found.argmax(1) == validation.labels).mean() == pytest.approx(best.validation_accuracy)


def test_views_are_averaged(trained: RunFolder) -> None:
    network, preprocess = read_network(trained), Preprocess()
    mirrored = np.ascontiguousarray(IMAGES[:, :, ::-1])
    single = [probabilities(network, some, preprocess, None) for some in (IMAGES, mirrored)]
    found = probabilities(network, IMAGES, preprocess, TTA(flip=True, shift=0))
    np.testing.assert_allclose(found, np.mean(single, axis=0), atol=1e-6)


def test_validation_and_prediction_share_the_preprocessing() -> None:
    preprocess = Preprocess(clahe=Clahe())
    images = torch.tensor(equalize(IMAGES, preprocess))[:, None]
    (batch, labels), *_ = validation_batches(images, torch.arange(11), preprocess)
    assert labels.tolist() == list(range(11))
    assert torch.equal(batch, standardize(images.float() / 255, preprocess))


def test_a_run_without_a_checkpoint_says_so(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "run")
    with pytest.raises(RunError, match="run: it has no checkpoint yet; resume its training"):
        probabilities_of(run, IMAGES, tta=False)


def test_a_checkpoint_of_another_run_is_refused(trained: RunFolder, tmp_path: Path) -> None:
    other = tiny_run(tmp_path / "run", ["network.width=2"])
    (other.checkpoints / BEST).write_bytes((trained.checkpoints / BEST).read_bytes())
    with pytest.raises(RunError, match=r"best\.safetensors: belongs to another run"):
        read_network(other)


def test_a_recipe_of_another_network_is_refused_without_digests(trained: RunFolder, tmp_path: Path) -> None:
    shutil.copytree(trained.path, tmp_path / "run")
    run = without_digests(tmp_path / "run")
    recipe = run.path / "recipe.yaml"
    recipe.write_text(recipe.read_text().replace("width: 1.0", "width: 2.0"))
    with pytest.raises(RunError, match="doesn't fit"):
        read_network(run)


@pytest.mark.parametrize("best", [True, False])
def test_a_damaged_best_is_replaced_by_the_same_weights_or_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, best: bool
) -> None:
    run = tiny_run(tmp_path / "run")
    rows = [Epoch(1, 0.1, 1.0, 0.5, 1.0, 0.5, 1.0, 10.0), Epoch(2, 0.1, 1.0, 0.5, 1.0, 0.4 + best, 1.0, 10.0)]
    network = build_network(run.recipe.network, len(run.classes), size=48, channels=1)
    tensors = {f"network.{name}": value for name, value in network.state_dict().items()}
    write_checkpoint(run.checkpoints, Checkpoint(tensors, State(history=rows), run.identity), best=True)
    (run.checkpoints / BEST).write_bytes(b"half")
    if best:
        assert torch.equal(
            read_network(run).state_dict()["classifier.bias"], tensors["network.classifier.bias"]
        )
        assert "not a readable checkpoint" in caplog.text
        assert "another checkpoint has the same weights" in caplog.text
    else:
        with pytest.raises(RunError, match="resume the run, which puts its newest checkpoint in that place"):
            read_network(run)
