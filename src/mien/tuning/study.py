"""The study folder: a recipe, a search space, a journal of trials, and the run of each trial."""

from functools import cached_property
from pathlib import Path

from mien.arguments import checked, of_type
from mien.config.load import with_overrides
from mien.config.recipe import Recipe
from mien.errors import RunError
from mien.files.targets import require_folder
from mien.files.writing import as_path, make_folder
from mien.tuning.claims import Claims
from mien.tuning.storage import create_storage, open_storage
from mien.tuning.study_file import (
    JOURNAL,
    LOCKS,
    STUDY_FILE,
    TRIALS,
    StudyInfo,
    read_study_info,
    require_same_study,
    write_study_info,
)
from mien.tuning.trials import Trial, best_of, trials_of


class StudyFolder:
    """A study that exists.

    Args:
        path: The folder.

    Attributes:
        path: The folder.
        info: The content of `study.json`.

    Raises:
        RunError: It is no study, or is damaged.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = as_path(path, "study", RunError)
        self.info: StudyInfo = read_study_info(self.path)

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.path.resolve().name

    @cached_property
    def base(self) -> Recipe:
        """The recipe that is tuned, with the hold-out on which trials are compared."""
        return self.info.base

    @property
    def trials(self) -> tuple[Trial, ...]:
        """The trials that have begun, in the order of their numbers; read anew each time.

        Raises:
            RunError: The journal is missing or damaged.
        """
        return trials_of(open_storage(self.path, self.info), self.path)

    @checked(RunError, trial=of_type(Trial, "a trial of the study"))
    def recipe_of(self, trial: Trial) -> Recipe:
        """Return the recipe of a trial, as it was trained.

        Raises:
            RecipeError: Its values don't go together.
        """
        return with_overrides(self.base, self.info.parameters.overrides(trial.values))

    def best_recipe(self) -> Recipe:
        """Return the recipe of the best trial, validated as the recipe was before the study.

        Raises:
            RunError: No trial is complete.
        """
        best = best_of(self.trials)
        if best is None:
            raise RunError(f"{self.path}: no trial is complete yet", path=self.path)
        return with_overrides(self.recipe_of(best), [f"data.validation={self.info.validation}"])


def open_or_create(path: Path, wanted: StudyInfo) -> StudyFolder:
    """Return the study in a folder, which is created unless it exists.

    Args:
        path: The folder.
        wanted: What the study tunes, on which data, and how.

    Raises:
        RunError: The folder has another study, or other files.
    """
    require_folder(path)
    require_free(path)
    for folder in (path, path / LOCKS, path / TRIALS):
        make_folder(folder)
    with Claims(path / LOCKS).choosing():
        if (path / STUDY_FILE).exists():
            require_same_study(read_study_info(path), wanted, path)
        else:
            create_storage(path)
            write_study_info(path, wanted)
    return StudyFolder(path)


def require_free(path: Path) -> None:
    """Check that a folder is a study, is empty, or doesn't exist.

    Raises:
        RunError: It is something else.
    """
    if not path.exists() or (path / STUDY_FILE).exists():
        return
    ours = {LOCKS, TRIALS, JOURNAL}  # of a process that was killed when it created the study
    others = [one.name for one in path.iterdir() if one.name not in ours] if path.is_dir() else [path.name]
    if others:
        raise RunError(
            f"{path}: already exists and is not a study; pass out=... for another folder", path=path
        )
