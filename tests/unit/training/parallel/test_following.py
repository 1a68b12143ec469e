from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from mien.config.load import with_overrides
from mien.data import read_faces
from mien.errors import RunError
from mien.training.parallel.following import follow, require_same_faces
from mien.training.parallel.world import SINGLE, World
from mien.training.run_folder.info import Source
from mien.training.runner import train_run
from mien.training.setup import new_training
from rank_builders import on_ranks
from training_builders import tiny_recipe

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

NO_DROPOUT = "network={kind: plain, stages: [{channels: 4}, {channels: 8}], dense: [{units: 8}]}"
"""Each process has dropout of its own."""

RECIPES = {
    "parts of unequal size, augmented and mixed": (
        "train.batch_size=15",
        "augment={rotate: 10, mixup: 0.2, cutmix: 1, noise: 0.1, random_erasing: 0.5}",
    ),
    "clipped, averaged, SAM": ("train.grad_clip_norm=1", "train.ema_decay=0.9", "train.sam={start: 0}"),
    "unfrozen on the way": ("network.trainable={0: head, 1: all}",),
    "statistics of each process": ("train.sync_batchnorm=false", "train.epochs=1"),
}


def history(world: World, folder: Path, overrides: tuple[str, ...]) -> list[dict[str, Any]]:
    faces = read_faces("synthetic:70")
    if world.rank:
        follow(world, faces, "cpu")
        return []
    recipe = with_overrides(tiny_recipe(NO_DROPOUT), overrides)
    source = Source(path=faces.source, fingerprint=faces.fingerprint)
    training = new_training(
        folder / f"run-{world.size}", "tiny", recipe, source, faces, world=world, device="cpu"
    )
    return [asdict(row) for row in train_run(training).history]


@pytest.mark.parametrize("name", RECIPES)
def test_two_processes_train_as_one(name: str, tmp_path: Path) -> None:
    both, none = on_ranks(lambda world: history(world, tmp_path, RECIPES[name]), tmp_path)
    one = history(SINGLE, tmp_path, RECIPES[name])
    assert none == []
    exact = "train.sync_batchnorm=false" not in RECIPES[name]
    for row, expected in zip(both, one, strict=True):
        for key in ("lr", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy"):
            assert (row[key] == pytest.approx(expected[key], abs=1e-4)) or not exact, key
    assert exact or both[0]["train_loss"] != pytest.approx(one[0]["train_loss"], abs=1e-6)


def test_other_faces_are_refused_by_all(tmp_path: Path) -> None:
    faces = read_faces("synthetic:20")

    def on_rank(world: World) -> str:
        own = replace(faces, labels=(faces.labels + world.rank) % 7)
        with pytest.raises(RunError) as caught:
            require_same_faces(world, own)
        return str(caught.value)

    first, second = on_ranks(on_rank, tmp_path)
    assert first == second
    assert "process 1 of the training has data set" in first
