"""Builders for tests of export: components that need no training, with or without a network."""

from collections.abc import Callable
from typing import Any

import numpy as np

from bundle_builders import conv_bundle, tiny_card
from mien.bundles.metadata import Member
from mien.bundles.reading import Bundle
from mien.exporting.components import Component, component_of_bundle
from mien.labels import EMOTIONS
from mien.recognition.engines.base import Engine
from mien.recognition.engines.onnx_engine import OnnxEngine
from mien.recognition.engines.openvino_engine import OpenVinoEngine
from mien.training.run_folder.info import write_info
from mien.training.run_folder.recipe import with_epochs as recipe_with_epochs
from mien.training.run_folder.run import RunFolder
from training_builders import TINY, tiny_recipe

ENGINES: dict[str, Callable[[Bundle], Engine]] = {
    "onnx": lambda bundle: OnnxEngine(bundle, threads=1),
    "openvino": lambda bundle: OpenVinoEngine(bundle, threads=1, precision="float32"),
}
"""Engines whose results agree within 1e-4."""

OPTIONS: dict[str, Any] = {
    "int8": False,
    "tta": False,
    "flip": False,
    "blur": False,
    "data": None,
    "name": None,
    "calibration": "auto",
    "logit_adjustment": 0.0,
    "notice": lambda line: None,
}
"""The default options of `export_bundle`."""


def member(*overrides: str, **changes: object) -> Member:
    """Return the metadata of a network of `tiny_recipe`, with changes."""
    recipe = (tiny_recipe(*overrides) if overrides else TINY).model_dump(mode="json")
    return tiny_card().members[0].model_copy(update={"recipe": recipe, **changes})


def idle_component(name: str = "one.onnx", **changes: Any) -> Component:
    """Return a component whose network never runs."""
    fields: dict[str, Any] = {
        "name": name,
        "run": None,
        "path": None,
        "classes": EMOTIONS,
        "size": 48,
        "channels": 1,
        "clahe": None,
        "tta": None,
        "int8": False,
        "members": (member(),),
        "notes": "",
        "commands": (),
        "to_onnx": None,
        "logits": None,
    }
    return Component(**fields | changes)


def idle_component_of(run: RunFolder) -> Component:
    """Return the component of a run, without its network."""
    stored = member(fingerprint=run.fingerprint, recipe=run.recipe.model_dump(mode="json"))
    return idle_component(
        str(run.path), run=run, path=run.path, clahe=run.recipe.preprocess.clahe, members=(stored,)
    )


def with_epochs(run: RunFolder, epochs: int) -> RunFolder:
    """Change the number of epochs in the recipe of a run, and return the run."""
    (run.path / "recipe.yaml").unlink()
    write_info(run.path, run.info.model_copy(update={"recipe": recipe_with_epochs(run.recipe_tree, epochs)}))
    return RunFolder(run.path)


def lose_data(run: RunFolder) -> None:
    """Record a data set that doesn't exist."""
    source = run.info.source.model_copy(update={"path": "gone.csv"})
    write_info(run.path, run.info.model_copy(update={"source": source}))


def conv_component(seed: int = 0, **changes: object) -> Component:
    """Return a bundle with a small convolution, drawn from `seed`, as a component."""
    return component_of_bundle(conv_bundle(seed, **{"members": (member(),), **changes}))


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities in double precision."""
    odds = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    return odds / odds.sum(1, keepdims=True)


def logits_of(bundle: Bundle, faces: np.ndarray) -> np.ndarray:
    """Return the logits of a bundle before calibration."""
    return component_of_bundle(bundle).logits(faces)
