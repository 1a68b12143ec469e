"""Two runs and the bundles of them, made once: torch's exporter takes seconds each time.

The runs have weights and running statistics drawn at random, which convert as trained ones do. The
labels of their validation faces are drawn from the probabilities of the plain network at a higher
temperature, so that it is accurate but overconfident.
"""

import shutil
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from export_builders import OPTIONS
from mien.bundles.reading import Bundle
from mien.data.synthetic import generate_faces
from mien.exporting import components
from mien.exporting.convert import to_onnx
from mien.exporting.ensemble import ensemble as put_together
from mien.exporting.export import export_bundle
from mien.exporting.graph import RunGraph
from mien.models import build_network
from mien.predictions import predictions_for
from mien.predictions_file import write_predictions
from mien.training.inference import probabilities, read_network
from mien.training.run_folder.checkpoint import Checkpoint, write_checkpoint
from mien.training.run_folder.history import write_history
from mien.training.run_folder.run import RunFolder
from mien.training.run_folder.state import Epoch, State
from training_builders import tiny_run

OVERCONFIDENCE = 2.0
CLAHE = "preprocess.clahe={clip_limit: 2.0, tiles: 4}"
RESIDUAL = (
    "network={kind: resnetv2, blocks: [1, 1], width: 0.125, stem: imagenet, attention: cbam, dense: 8}",
    "preprocess.per_image=true",
)


@dataclass(frozen=True)
class Exported:
    """A bundle, and the notices of its export."""

    path: Path
    bundle: Bundle
    notices: str


@pytest.fixture(scope="session")
def plain(tmp_path_factory, conversions) -> RunFolder:
    return validated(drawn_at_random(tmp_path_factory.mktemp("runs") / "plain", CLAHE))


@pytest.fixture(scope="session")
def residual(tmp_path_factory, plain) -> RunFolder:
    run = drawn_at_random(tmp_path_factory.mktemp("runs") / "residual", CLAHE, *RESIDUAL)
    shutil.copytree(plain.path / "predictions", run.path / "predictions")
    return run


@pytest.fixture(scope="session")
def color(tmp_path_factory) -> RunFolder:
    """A run on RGB faces of 32 pixels."""
    return drawn_at_random(tmp_path_factory.mktemp("runs") / "color", "data.channels=3", "data.size=32")


@pytest.fixture(scope="session")
def single(plain) -> Exported:
    return exported([plain], None)


@pytest.fixture(scope="session")
def ensemble(plain, residual, tmp_path_factory) -> Exported:
    """Both runs, with their test-time augmentation."""
    return exported([plain, residual], tmp_path_factory.mktemp("out") / "both.onnx", tta=True)


@pytest.fixture(scope="session")
def converted_plain(plain) -> onnx.ModelProto:
    """The same run's network, converted anew."""
    return to_onnx(RunGraph(read_network(plain), plain.recipe.preprocess), 48)


@pytest.fixture(scope="session")
def again(single, converted_plain) -> onnx.ModelProto:
    """The bundle of it, not yet sealed."""
    return put_together(
        [converted_plain], None, size=48, classes=7, calibration=single.bundle.metadata.calibration
    )


@pytest.fixture(scope="session")
def drawn() -> np.ndarray:
    """300 other faces."""
    return generate_faces(300, seed=5).images


@pytest.fixture
def copy(plain, tmp_path):
    """A copy of the plain run that may be damaged."""
    return RunFolder(shutil.copytree(plain.path, tmp_path / "copy", ignore=shutil.ignore_patterns("*.onnx")))


@pytest.fixture
def converted(monkeypatch, converted_plain):
    """The plain run's graph is converted already."""
    monkeypatch.setattr(components, "to_onnx", lambda graph, size, channels: converted_plain)


def drawn_at_random(path: Path, *overrides: str) -> RunFolder:
    """Return a run whose network has random weights, statistics and logits of some size."""
    run = tiny_run(path, overrides)
    torch.manual_seed(0)
    shape = {"size": run.info.size, "channels": run.info.channels}
    network = build_network(run.recipe.network, len(run.classes), **shape)
    with torch.no_grad():
        network.classifier.weight.mul_(100)
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d):
                for values in (module.weight, module.bias, module.running_mean, module.running_var):
                    values.copy_(torch.rand_like(values) + 0.1)
    tensors = {f"network.{name}": value for name, value in network.state_dict().items()}
    state = trained(run.recipe.train.epochs)
    write_checkpoint(run.checkpoints, Checkpoint(tensors, state, run.identity), best=True)
    write_history(state.history, run.path)
    return RunFolder(run.path)


def trained(epochs: int) -> State:
    """Return the state after a number of epochs."""
    epoch = Epoch(**dict.fromkeys((field.name for field in fields(Epoch)), 0))
    return State(history=[epoch] * epochs)


def validated(run: RunFolder) -> RunFolder:
    """Save predictions whose logits are too large for the labels, by a factor of `OVERCONFIDENCE`."""
    some, rng = generate_faces(40, seed=9), np.random.default_rng(0)
    given = probabilities(read_network(run), some.images, run.recipe.preprocess, None)
    soft = given.astype(np.float64) ** (1 / OVERCONFIDENCE)
    labels = np.array([rng.choice(len(row), p=row / row.sum()) for row in soft])
    saved = predictions_for(replace(some, labels=labels), given, split="validation", system="plain")
    write_predictions(run.path / "predictions" / "validation.npz", saved)
    return run


def exported(runs: list[RunFolder], out: Path | None, **options: object) -> Exported:
    notices: list[str] = []
    bundle = export_bundle(runs, out, **OPTIONS | {"notice": notices.append} | options)
    return Exported(bundle.path, bundle, "\n".join(notices))
