"""How far the training of a run is, from its files alone: no torch, no network, no checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass

from mien.config.load import training_options
from mien.config.training import Train
from mien.errors import RecipeError, RunError
from mien.training.run_folder.history import read_history
from mien.training.run_folder.recipe import RECIPE_FILE
from mien.training.run_folder.run import RunFolder
from mien.training.run_folder.state import Epoch, best_of


@dataclass(frozen=True)
class Progress:
    """Completed epochs of a training.

    Attributes:
        epoch: Number of completed epochs.
        epochs: Number of epochs of the whole training.
        finished: All are completed, or early stopping ended the training.
    """

    epoch: int
    epochs: int
    finished: bool


def progress_of(run: RunFolder) -> Progress:
    """Return how far the training of a run is.

    Raises:
        RunError: Its recipe or history is damaged.
    """
    try:
        options = training_options(run.recipe_tree)
    except RecipeError as error:
        path = run.path / RECIPE_FILE
        raise RunError(f"{path}: {error}", path=path) from error
    history = read_history(run.path)
    return Progress(len(history), options.epochs, is_complete(history, options))


def unfinished_note(run: RunFolder) -> str:
    """Return a sentence if the training of a run is not finished or this is unknown, else "".

    Saved predictions are evaluated without the recipe, too, so a run without one is no error here.
    """
    if not run.has_recipe:
        return f"Whether the training of {run.name} is finished is unknown: its recipe.yaml is missing."
    progress = progress_of(run)
    if progress.finished:
        return ""
    return (
        f"The training of {run.name} is not finished (epoch {progress.epoch} of {progress.epochs}): this is "
        "its best checkpoint so far."
    )


def is_complete(history: Sequence[Epoch], options: Train) -> bool:
    """Return whether all epochs are done, or early stopping applies."""
    return len(history) >= options.epochs or is_out_of_patience(history, options)


def is_out_of_patience(history: Sequence[Epoch], options: Train) -> bool:
    """Return whether early stopping ends a training after these epochs."""
    stopping = options.early_stopping
    best = best_of(history, stopping.monitor) if stopping else None
    return bool(stopping and best and len(history) - best.epoch >= stopping.patience)
