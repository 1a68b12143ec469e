"""What a report shows of the training of a run: its recipe, its history, and when and where it ran."""

from dataclasses import dataclass

from mien.errors import MienError
from mien.training.progress import Progress, progress_of
from mien.training.run_folder.history import read_history
from mien.training.run_folder.info import RunInfo
from mien.training.run_folder.recipe import recipe_text
from mien.training.run_folder.run import RunFolder
from mien.training.run_folder.state import Epoch


@dataclass(frozen=True)
class TrainingRecord:
    """The training of a run.

    Attributes:
        info: The content of `run.json`.
        recipe: The recipe as used, as YAML.
        history: A row for each epoch.
        progress: Completed epochs.
    """

    info: RunInfo
    recipe: str
    history: tuple[Epoch, ...]
    progress: Progress

    @property
    def best(self) -> Epoch | None:
        """The first epoch of highest validation accuracy."""
        return max(self.history, key=lambda row: row.validation_accuracy, default=None)

    @property
    def seconds(self) -> float:
        """Duration of all epochs."""
        return sum(row.seconds for row in self.history)


def training_record(run: RunFolder) -> TrainingRecord | None:
    """Return the record of a run's training; None if its files are damaged, as a report can be without it."""
    try:
        recipe = recipe_text(run.recipe_tree)
        return TrainingRecord(run.info, recipe, read_history(run.path), progress_of(run))
    except MienError:
        return None
