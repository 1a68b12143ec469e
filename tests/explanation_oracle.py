"""The network and the face whose maps captum computed, and the script that records them.

    pip install captum==0.9.0
    PYTHONPATH=tests python -m explanation_oracle

writes tests/unit/explanation/captum.json. captum is not a dependency of the tests.
"""

import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mien.config.data import Preprocess
from mien.explanation.base import Model
from mien.explanation.networks import Network, model_of_network

FILE = Path(__file__).parent / "unit" / "explanation" / "captum.json"
TARGET = 2
LAYER = "3"
STEP = 6
"""Every sixth pixel along each axis is recorded."""


def network() -> nn.Sequential:
    """Return a small network with fixed weights: (n, 1, 48, 48) to three logits."""
    module = nn.Sequential(
        nn.Conv2d(1, 4, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3, padding=1), nn.ReLU(),
        nn.AvgPool2d(6), nn.Flatten(), nn.Linear(96, 3),
    )  # fmt: skip
    rng = np.random.default_rng(5)
    with torch.no_grad():
        for weight in module.parameters():
            spread = {4: 0.3, 2: 0.02, 1: 0.1}[weight.ndim]
            weight.copy_(torch.from_numpy(rng.normal(0, spread, tuple(weight.shape)).astype(np.float32)))
    return module.eval()


def model() -> Model:
    """Return the network as a model."""
    made = Network(network(), Preprocess(mean=0.5, std=0.25))
    return model_of_network(made, "oracle", ("a", "b", "c"), (48, 48))


def face() -> NDArray[np.uint8]:
    """Return a face, uint8 (1, 48, 48), whose mean level is 100 exactly, so that hiding rounds nothing."""
    rng = np.random.default_rng(6)
    waves = np.sin(np.arange(48) / 5)[:, None] + np.cos(np.arange(48) / 7)[None]
    levels = np.rint(100 + 30 * (waves - waves.mean()) + rng.normal(0, 8, (48, 48))).astype(np.int64)
    rest = 100 * levels.size - int(levels.sum())
    levels.reshape(-1)[: abs(rest)] += np.sign(rest)
    return levels[None].astype(np.uint8)


def recorded(name: str) -> NDArray[np.float64]:
    """Return a map that captum computed."""
    return np.array(json.loads(FILE.read_text())[name])


def main() -> None:
    """Record captum's maps."""
    from captum.attr import IntegratedGradients, LayerGradCam, Occlusion

    made = model().network
    inputs, baseline = made.inputs(face()), made.baselines(face())
    window: dict = {"sliding_window_shapes": (1, 8, 8), "strides": (1, 4, 4), "baselines": baseline}
    maps = {
        "occlusion": Occlusion(lambda x: made.module(x).softmax(1)).attribute(
            inputs, target=TARGET, **window
        ),
        "gradcam": LayerGradCam(made.module, made.module[int(LAYER)]).attribute(
            inputs, TARGET, relu_attributions=True
        ),
        "integrated-gradients": IntegratedGradients(made.module).attribute(
            inputs, baseline, target=TARGET, n_steps=50, method="gausslegendre"
        ),
    }
    values = {
        name: [[float(f"{value:.6g}") for value in row] for row in found[0, 0, ::STEP, ::STEP].tolist()]
        for name, found in maps.items()
    }
    FILE.write_text(json.dumps(values) + "\n")


if __name__ == "__main__":
    main()
