"""Builders for tests that train: a recipe of a fraction of a second, and a run of it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mien.config import Recipe, with_overrides
from mien.config.training import Train
from mien.data import read_faces
from mien.faceset import FaceSet
from mien.models.blocks import DenseStage
from mien.models.plain import ConvStage, Plain
from mien.training.callbacks import Callback
from mien.training.optimizers.adam import Adam
from mien.training.run_folder.checkpoint import read_checkpoint, save_checkpoint
from mien.training.run_folder.creation import create_run
from mien.training.run_folder.info import Source
from mien.training.run_folder.run import RunFolder
from mien.training.run_folder.state import State
from mien.training.runner import train_run
from mien.training.setup import Training, known_training, new_training

TINY = Recipe(
    network=Plain(
        kind="plain",
        stages=(ConvStage(channels=4), ConvStage(channels=8)),
        dense=(DenseStage(units=8, dropout=0.2),),
    ),
    optimizer=Adam(kind="adam", lr=0.01),
    train=Train(epochs=2, batch_size=16, precision="float32"),
)

DRAWN = "synthetic:200"

_DIGEST_KEYS = {"id", "recipe", "adopted", "digests"}
"""Keys of `run.json` that versions without digests didn't write."""


def tiny_recipe(*overrides: str) -> Recipe:
    """Return a recipe that trains in a fraction of a second, with overrides."""
    return with_overrides(TINY, overrides)


def tiny_run(path: Path, overrides: Sequence[str] = (), source: str = DRAWN) -> RunFolder:
    """Return a new run of `tiny_recipe` on synthetic faces, not yet trained."""
    recipe = tiny_recipe(*overrides)
    faces = read_faces(source, size=recipe.data.size, channels=recipe.data.channels)
    known = Source(path=source, fingerprint=faces.fingerprint)
    return create_run(path, "tiny", recipe, known, faces, held_out=False)


def without_digests(path: Path) -> RunFolder:
    """Return a run as a version without digests made it."""
    file = path / "run.json"
    tree = {key: value for key, value in json.loads(file.read_text()).items() if key not in _DIGEST_KEYS}
    file.write_text(json.dumps(tree))
    for checkpoint in (path / "checkpoints").glob("*.safetensors"):
        anonymous = replace(read_checkpoint(checkpoint), identity=None)
        save_checkpoint(checkpoint, anonymous)
    return RunFolder(path)


def train(run: RunFolder, *callbacks: Callback, recover: bool = False) -> State:
    """Train a run to its end."""
    return train_run(known_training(run, callbacks), recover=recover)


def begin(path: Path, faces: FaceSet, overrides: Sequence[str] = (), *callbacks: Callback) -> Training:
    """Begin a training of `tiny_recipe` on any faces."""
    source = Source(path=faces.source, fingerprint=faces.fingerprint)
    return new_training(path, "tiny", tiny_recipe(*overrides), source, faces, callbacks)


class Notices(Callback):
    """Collects notices, as one text."""

    def __init__(self) -> None:
        self.text = ""

    def on_notice(self, message: str) -> None:
        """Keep `message`."""
        self.text += f"{message}\n"
