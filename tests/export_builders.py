"""Builders for tests of export: parts that need no training, with or without a network inside."""

from typing import Any

import numpy as np

from bundle_builders import conv_bundle, tiny_card
from mien.bundles.metadata import Member
from mien.bundles.reading import Bundle
from mien.exporting.components import Part, part_of_bundle
from mien.labels import EMOTIONS
from mien.training.run import RunFolder
from training_builders import TINY, tiny_recipe

OPTIONS: dict[str, Any] = {
    "int8": False,
    "tta": False,
    "flip": False,
    "blur": False,
    "data": None,
    "name": None,
    "notice": lambda line: None,
}
"""Of `export_bundle`, when nothing was asked for."""


def member(*overrides: str, **changes: object) -> Member:
    """Return what a metadata tells of a network of `tiny_recipe`, with changes."""
    recipe = (tiny_recipe(*overrides) if overrides else TINY).model_dump(mode="json")
    return tiny_card().members[0].model_copy(update={"recipe": recipe, **changes})


def idle_part(given: str = "one.onnx", **changes: Any) -> Part:
    """Return a part whose network is never asked."""
    fields: dict[str, Any] = {
        "given": given,
        "run": None,
        "classes": EMOTIONS,
        "size": 48,
        "clahe": None,
        "tta": None,
        "int8": False,
        "members": (member(),),
        "notes": "",
        "model": None,
        "logits": None,
    }
    return Part(**fields | changes)


def idle_part_of(run: RunFolder) -> Part:
    """Return the part that a run would be, without its network."""
    told = member(fingerprint=run.fingerprint, recipe=run.recipe.model_dump(mode="json"))
    return idle_part(str(run.path), run=run, clahe=run.recipe.preprocess.clahe, members=(told,))


def conv_part(seed: int = 0, **changes: object) -> Part:
    """Return a bundle with a small convolution, drawn from `seed`, as a part."""
    return part_of_bundle(conv_bundle(seed, **{"members": (member(),), **changes}))


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities in double precision."""
    odds = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    return odds / odds.sum(1, keepdims=True)


def logits_of(bundle: Bundle, faces: np.ndarray) -> np.ndarray:
    """Return what the bundle says before calibration."""
    return part_of_bundle(bundle).logits(faces)
