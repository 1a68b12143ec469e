"""The training of one trial: an ordinary run in the folder of the study."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mien.config.recipe import Recipe
from mien.faceset import FaceSet
from mien.training.callbacks import Callback
from mien.training.loop import is_finished
from mien.training.run_folder.changes import changes_between, remaining_changes
from mien.training.run_folder.info import RUN_FILE, Source
from mien.training.run_folder.run import RunFolder
from mien.training.run_folder.state import State
from mien.training.runner import train_run
from mien.training.setup import Training, known_training, new_training
from mien.training.start import start_of
from mien.tuning.study import StudyFolder
from mien.tuning.trials import Trial

ReadFaces = Callable[[Recipe], tuple[Source, FaceSet]]
"""Returns the source and the faces for a recipe; its `data.size` and `data.channels` may differ."""


@dataclass(frozen=True)
class Outcome:
    """How a training ended.

    Attributes:
        accuracy: Validation accuracy of the best epoch, 0 to 1; None without an epoch.
        seconds: Time of all epochs.
        is_finished: All epochs are completed, or early stopping ended it.
    """

    accuracy: float | None
    seconds: float
    is_finished: bool


def train_trial(
    study: StudyFolder, trial: Trial, faces: ReadFaces, callbacks: Sequence[Callback], *, device: str
) -> Outcome:
    """Train the run of a trial to its end, from its newest checkpoint if it has one.

    Raises:
        RecipeError: The values don't go together.
        RunError: The training diverged repeatedly, or the run is damaged.
        DataError: The faces can't be read, or differ from those of the study.
    """
    training = _prepared(study, trial, faces, callbacks, device)
    state = train_run(training)
    return _outcome(state, training.run.recipe)


def _prepared(
    study: StudyFolder, trial: Trial, read: ReadFaces, callbacks: Sequence[Callback], device: str
) -> Training:
    recipe = study.recipe_of(trial)
    if (trial.path / RUN_FILE).exists():
        run = RunFolder(trial.path)
        return known_training(run, callbacks, data=read(run.recipe)[1], device=device)
    changes = changes_between(study.base, recipe)
    recipe, start = start_of(recipe, study.info.pretrained)
    changes = remaining_changes(changes, recipe)
    source, faces = read(recipe)
    name = study.info.recipe_name
    return new_training(
        trial.path, name, recipe, source, faces, callbacks, device=device, start=start, changes=changes
    )


def _outcome(state: State, recipe: Recipe) -> Outcome:
    best = state.best(recipe.train.monitor)
    return Outcome(
        accuracy=best.validation_accuracy if best else None,
        seconds=sum(row.seconds for row in state.history),
        is_finished=is_finished(state, recipe),
    )
