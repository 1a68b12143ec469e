"""What trackers get of a run: its recipe as hyperparameters and as text, facts, metrics of an epoch."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mien.config.recipe import DESCRIPTIVE
from mien.training.callbacks import TrainingStatus
from mien.training.run_folder.changes import dotted_keys, value_at
from mien.training.run_folder.recipe import recipe_text
from mien.training.run_folder.run import RunFolder
from mien.training.run_folder.state import Epoch

Value = str | bool | int | float

_METRICS: Final = {
    "train/loss": "train_loss",
    "train/accuracy": "train_accuracy",
    "validation/loss": "validation_loss",
    "validation/accuracy": "validation_accuracy",
    "optimizer/lr": "lr",
    "time/seconds": "seconds",
    "time/faces_per_second": "faces_per_second",
    "recoveries": "recoveries",
}


@dataclass(frozen=True)
class Content:
    """A run as trackers get it.

    Attributes:
        path: The run folder.
        name: Its name.
        parameters: Values of the recipe by their dotted keys; lists are JSON.
        recipe: The recipe as YAML.
        facts: Where it was trained, on what, and with which versions.
    """

    path: Path
    name: str
    parameters: Mapping[str, Value]
    recipe: str
    facts: Mapping[str, str]


def content_of(status: TrainingStatus) -> Content:
    """Return the content of a run that is trained."""
    run = RunFolder(status.path)
    tree = status.recipe.model_dump(mode="json")
    return Content(run.path.resolve(), run.name, parameters_of(tree), recipe_text(tree), _facts(run))


def parameters_of(tree: Mapping[str, Any]) -> dict[str, Value]:
    """Return the values of a recipe by their dotted keys, without its title and measurements."""
    return {key: _plain(value_at(tree, key)) for key in dotted_keys(tree) if key not in DESCRIPTIVE}


def metrics_of(row: Epoch) -> dict[str, float]:
    """Return the metrics of an epoch, by the names that trackers group by their part before the slash."""
    return {name: float(getattr(row, field)) for name, field in _METRICS.items()}


def _facts(run: RunFolder) -> dict[str, str]:
    info = run.info
    facts = {
        "recipe": info.recipe_name,
        "run": str(run.path.resolve()),
        "data": info.source.path,
        "fingerprint": info.source.fingerprint,
        "classes": ", ".join(info.classes),
        "faces": ", ".join(f"{count} {split}" for split, count in info.counts.items()),
        "pretrained": info.pretrained or "",
        "changes": json.dumps(info.changes or {}, ensure_ascii=False),
        **{key: str(value) for key, value in info.environment.items()},
    }
    return {key: value for key, value in facts.items() if value}


def _plain(value: Any) -> Value:  # noqa: ANN401 - any value of a recipe
    return value if isinstance(value, str | bool | int | float) else json.dumps(value, ensure_ascii=False)
