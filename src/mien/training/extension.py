"""More epochs for a run: changes its recipe, records that, and says what the change does.

Without a part of the recipe that is planned by the number of epochs, the result is that of a run which was
planned with as many epochs from its start. Otherwise it differs: a cosine, for one, continues at a higher
learning rate than where it ended.
"""

from typing import Final

from mien.config.load import with_overrides
from mien.config.recipe import Recipe
from mien.errors import RunError
from mien.files.writing import write_text
from mien.text import counted
from mien.training.loop import learning_rate
from mien.training.progress import is_out_of_patience
from mien.training.run_folder.adoption import adopt
from mien.training.run_folder.checkpoint import read_newest
from mien.training.run_folder.info import Extension, write_info
from mien.training.run_folder.recipe import RECIPE_FILE, recipe_text, with_epochs
from mien.training.run_folder.run import RunFolder
from mien.training.run_folder.state import State

_SAMPLES: Final = 16
"""Points of the completed epochs at which two schedules are compared."""


def extend_run(run: RunFolder, epochs: int, *, recover: bool = False) -> str:
    """Change the number of epochs of a run, and return what that does, in one line.

    The caller holds the lock of the run, and opens the run again to train it.

    Args:
        run: The run.
        epochs: Number of epochs of the whole training, completed ones included.
        recover: The training returns to its best epoch, so that early stopping doesn't end it at once.

    Raises:
        RunError: More epochs are completed, or early stopping has ended the training.
        RecipeError: It is no number of epochs.
    """
    recipe = with_overrides(run.recipe, [f"train.epochs={epochs}"])
    newest = read_newest(run.checkpoints, run)
    state = newest[0].state if newest else State()
    _require_possible(run, recipe, state, recover=recover)
    before = run.recipe.train.epochs
    if epochs == before:
        return f"the training has {counted(epochs, 'epoch')} already"
    _record(run, Extension(after_epoch=state.epoch, before=before, epochs=epochs))
    return f"the number of epochs changes from {before} to {epochs}: {_effect(run.recipe, recipe, state)}"


def _require_possible(run: RunFolder, recipe: Recipe, state: State, *, recover: bool) -> None:
    epochs = recipe.train.epochs
    if epochs < state.epoch:
        raise RunError(
            f"{run.path}: {counted(state.epoch, 'completed epoch')}, which is more than epochs={epochs}; "
            "pass a larger number",
            path=run.path,
        )
    if not recover and is_out_of_patience(state.history, recipe.train):
        raise RunError(
            f"{run.path}: early stopping ended the training after epoch {state.epoch}, and would end it "
            "again; start a new run with a larger train.early_stopping.patience",
            path=run.path,
        )


def _record(run: RunFolder, extension: Extension) -> None:
    """Write the change and the recipe; after a kill between the two, `recipe.yaml` is written on resuming."""
    adopt(run)
    recipe = with_epochs(run.info.recipe or run.recipe_tree, extension.epochs)
    extensions = (*run.info.extensions, extension)
    write_info(run.path, run.info.model_copy(update={"extensions": extensions, "recipe": recipe}))
    write_text(run.path / RECIPE_FILE, recipe_text(recipe), parents=False)


def _effect(before: Recipe, after: Recipe, state: State) -> str:
    """Return whether the result is that of a training planned with as many epochs, and why not."""
    planned = [] if _is_same_schedule(before, after, state) else [_schedule_effect(before, after, state)]
    fractions = {
        "augment.mix_until": before.augment.mix_until < 1,
        "train.progressive": bool(before.train.progressive),
        "train.sam.start": before.train.sam is not None and before.train.sam.start > 0,
    }
    planned += [
        f"{key} is a fraction of {counted(after.train.epochs, 'epoch')} now"
        for key, used in fractions.items()
        if used
    ]
    if not state.epoch:
        planned = []
    if not planned:
        return f"the result is that of a run planned with {counted(after.train.epochs, 'epoch')}"
    planned.append(
        f"the result differs from that of a run planned with {counted(after.train.epochs, 'epoch')}"
    )
    return "; ".join(planned)


def _is_same_schedule(before: Recipe, after: Recipe, state: State) -> bool:
    """Return whether the completed epochs would have had the same learning rates."""
    epochs = min(state.epoch, before.train.epochs)
    points = (epochs * at / _SAMPLES for at in range(_SAMPLES))
    return all(learning_rate(before, state, at) == learning_rate(after, state, at) for at in points)


def _schedule_effect(before: Recipe, after: Recipe, state: State) -> str:
    end, now = (
        learning_rate(recipe, state, min(state.epoch, recipe.train.epochs)) for recipe in (before, after)
    )
    return (
        f"the schedule {after.schedule.kind} is stretched to {counted(after.train.epochs, 'epoch')}, so "
        f"the learning rate continues at {now:.2g}, where it was {end:.2g}"
    )
