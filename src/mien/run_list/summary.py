"""The summary of one run: how far it is, how accurate, and which values of its recipe were changed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from mien.config.load import training_options
from mien.config.training import Train
from mien.errors import MienError, RunError
from mien.labels import VALIDATION
from mien.metrics import wilson_interval
from mien.text import one_line
from mien.training.progress import is_complete
from mien.training.run_folder.changes import changes_of
from mien.training.run_folder.checkpoint_header import BEST, LAST, damage_of
from mien.training.run_folder.history import read_history
from mien.training.run_folder.info import RUN_FILE, RunInfo, read_info
from mien.training.run_folder.lock import CHECKPOINTS, is_locked
from mien.training.run_folder.recipe import RECIPE_FILE, recorded_recipe
from mien.training.run_folder.state import Epoch, best_of

RUNNING: Final = "running"
INTERRUPTED: Final = "interrupted"
FINISHED: Final = "finished"
DAMAGED: Final = "damaged"

_DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True)
class RunSummary:
    """One run of a list. What is unknown, as in a damaged folder, is None or empty.

    Attributes:
        path: The run folder.
        name: Its path relative to the folder that was searched.
        state: "running", "interrupted", "finished" or "damaged".
        recipe: Name of its recipe.
        changes: Values that differ from that recipe, by their dotted keys.
        epoch: Number of completed epochs.
        epochs: Number of epochs of the whole training.
        best_epoch: The epoch whose weights the run keeps, by `train.monitor`.
        accuracy: Validation accuracy of that epoch, 0 to 1, without test-time augmentation.
        interval: Its 95 % interval (Wilson), 0 to 1.
        loss: Validation loss of that epoch.
        seconds: Training time of all epochs.
        created: When it was created, in ISO 8601.
        problem: What is damaged.
        values: The recipe of the run as a tree.
    """

    path: Path
    name: str
    state: str
    recipe: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    epoch: int = 0
    epochs: int | None = None
    best_epoch: int | None = None
    accuracy: float | None = None
    interval: tuple[float, float] | None = None
    loss: float | None = None
    seconds: float = 0.0
    created: str = ""
    problem: str = ""
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as values that JSON can hold, without the tree of the recipe."""
        fields = {**asdict(self), "path": str(self.path), "changes": dict(self.changes)}
        del fields["values"]
        return fields


def summarize_run(path: Path, name: str | None = None) -> RunSummary:
    """Return the summary of the run in a folder; a damaged one has the state "damaged".

    Args:
        path: The folder.
        name: What to call it; the name of the folder by default.
    """
    summary = RunSummary(path, path.name if name is None else name, DAMAGED)
    try:
        info = read_info(path)
    except (MienError, OSError) as error:
        return _with_history(replace(summary, problem=_problem(error, path)), None, None)
    summary = replace(summary, recipe=info.recipe_name, created=info.created)
    try:
        recipe = _recipe_of(path, info)
        options = training_options(recipe)
    except (MienError, OSError) as error:
        return _with_history(replace(summary, problem=_problem(error, path)), info, None)
    changes = changes_of(info, recipe)
    summary = replace(summary, changes=changes, epochs=options.epochs, values=recipe)
    return _with_history(summary, info, options)


def _recipe_of(path: Path, info: RunInfo) -> dict[str, Any]:
    """Return the recipe of a run; one that is as mien wrote it is not parsed, which takes long in YAML."""
    file = path / RECIPE_FILE
    if info.recipe is not None and file.is_file() and file.read_bytes() == _as_written(info.recipe):
        return info.recipe
    return recorded_recipe(path, info)


def _as_written(recipe: Mapping[str, Any]) -> bytes:
    """Return what `recipe.yaml` contains; the sections that most runs share are written once.

    b"" if a text in it is not UTF-8, as the name of a file can be.
    """
    try:
        return "".join(_section(json.dumps({key: value})) for key, value in recipe.items()).encode()
    except UnicodeError:
        return b""


@lru_cache(maxsize=4096)
def _section(text: str) -> str:
    section: str = yaml.dump(json.loads(text), Dumper=_DUMPER, sort_keys=False)
    return section


def _with_history(summary: RunSummary, info: RunInfo | None, options: Train | None) -> RunSummary:
    """Add what the history says, and the state of a run whose record is not damaged."""
    path = summary.path
    try:
        history = read_history(path)
    except (RunError, OSError) as error:
        return replace(summary, state=DAMAGED, problem=summary.problem or _problem(error, path))
    problem = summary.problem or _damaged_file(path, history)
    summary = _with_accuracy(summary, history, info, options)
    if problem or options is None:
        return replace(summary, state=DAMAGED, problem=problem)
    return replace(summary, state=_state(path, history, options))


def _with_accuracy(
    summary: RunSummary, history: Sequence[Epoch], info: RunInfo | None, options: Train | None
) -> RunSummary:
    best = best_of(history, options.monitor if options else "accuracy")
    if best is None:
        return summary
    faces = info.counts.get(VALIDATION, 0) if info else 0
    hits = max(0, min(faces, round(best.validation_accuracy * faces)))
    return replace(
        summary,
        epoch=len(history),
        best_epoch=best.epoch,
        accuracy=best.validation_accuracy,
        interval=wilson_interval(hits, faces) if faces > 0 else None,
        loss=best.validation_loss,
        seconds=round(sum(row.seconds for row in history), 3),
    )


def _state(path: Path, history: Sequence[Epoch], options: Train) -> str:
    if is_complete(history, options):
        return FINISHED
    return RUNNING if is_locked(path) else INTERRUPTED


def _damaged_file(path: Path, history: Sequence[Epoch]) -> str:
    """Return that the recipe is missing, or which checkpoint is damaged or missing, or ""."""
    if not (path / RECIPE_FILE).exists():
        return f"{RECIPE_FILE}: missing; resuming the run writes it again"
    for name in (LAST, BEST):
        file = path / CHECKPOINTS / name
        damage = damage_of(file) if file.is_file() else "missing" if history else None
        if damage:
            return f"{CHECKPOINTS}/{name}: {damage}"
    return ""


def _problem(error: Exception, path: Path) -> str:
    """Return the message of an error without the path of the run, which its row has."""
    if isinstance(error, OSError):
        return one_line(f"{RUN_FILE}: {error.strerror or error}")
    message = str(error)
    for prefix in (f"{path}/", f"{path}: "):
        message = message.removeprefix(prefix)
    return message
