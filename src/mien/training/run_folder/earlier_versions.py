"""Runs of earlier versions: their keys are translated when they are read, so that they stay usable."""

from collections.abc import Mapping
from typing import Any, Final

from mien.config.renamed_keys import with_renamed_keys

_INFO_KEYS: Final = {"side": "size", "doubts": "leakage_warnings"}
"""Keys of `run.json`."""

_EPOCH_KEYS: Final = {"rate": "lr"}
"""Keys of a row of the history."""


def with_renamed_info_keys(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a `run.json` with the keys of this version."""
    return {_INFO_KEYS.get(key, key): value for key, value in tree.items()}


def with_renamed_epoch_keys(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of the history with the keys of this version."""
    return {_EPOCH_KEYS.get(key, key): value for key, value in row.items()}


def with_renamed_state_keys(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state in a checkpoint with the keys of this version.

    Every schedule had the memory of `plateau`, which is empty as long as it has no `best`.
    """
    memory = state.get("plateau")
    if not isinstance(memory, Mapping):
        return dict(state)
    rest = {key: value for key, value in state.items() if key not in {"rate_scale", "plateau"}}
    schedule = {} if memory.get("best") is None else dict(memory)
    return {**rest, "lr_scale": state.get("rate_scale"), "schedule": schedule}


def with_recipe_keys_of_this_version(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a run's `recipe.yaml` with the keys of this version.

    A loss had the keys of all kinds of loss; those that had no effect are removed.
    """
    renamed: dict[str, Any] = with_renamed_keys(tree)
    loss = renamed.get("loss")
    if isinstance(loss, Mapping) and loss.get("kind") == "cross_entropy" and "optimiser" in tree:
        renamed["loss"] = {key: value for key, value in loss.items() if key != "gamma"}
    return renamed
