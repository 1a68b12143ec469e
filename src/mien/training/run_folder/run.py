"""The run folder: recipe, environment, history, checkpoints, predictions and reports of one training.

Everything inside is found relative to the folder, so it can be moved. The data set, and teachers if
there are any, stay outside; their paths and digests are kept.
"""

import logging
from functools import cached_property, lru_cache
from os import PathLike
from pathlib import Path
from typing import Any, Final

from mien.config.load import recipe_from
from mien.config.recipe import Recipe
from mien.errors import RecipeError, RunError
from mien.faceset import FaceSet
from mien.files.writing import as_path
from mien.training.run_folder.identity import Identity, identity_from
from mien.training.run_folder.info import RunInfo, read_info
from mien.training.run_folder.recipe import RECIPE_FILE, recorded_recipe

_LOG: Final = logging.getLogger("mien")


class RunFolder:
    """A run folder that exists.

    Args:
        path: The folder.
        data: The data set or its path, if it can't be read from the path that the run recorded.

    Attributes:
        path: The folder.
        info: The content of `run.json`.
        data: The data set or its path as it was passed, or None.

    Raises:
        RunError: There is no such folder, or its `run.json` is missing, damaged, or edited.
    """

    def __init__(self, path: str | Path, *, data: str | Path | FaceSet | None = None) -> None:
        if not isinstance(path, str | PathLike):
            raise RunError(f"run of type {type(path).__name__}, expected the path of a run folder")
        self.path = as_path(path, "run", RunError)
        self.data = data
        self.info: RunInfo = read_info(self.path)
        if not self.info.id:
            _report_unprotected(str(self.path.absolute()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RunFolder):
            return NotImplemented
        return (self.path, self.info) == (other.path, other.info)

    def __hash__(self) -> int:
        return hash(self.path)

    @cached_property
    def recipe_tree(self) -> dict[str, Any]:
        """The recipe of the run as a tree; reading it needs no torch.

        Raises:
            RunError: `recipe.yaml` was edited, is damaged, or is missing without a copy in `run.json`.
        """
        return recorded_recipe(self.path, self.info)

    @cached_property
    def recipe(self) -> Recipe:
        """The recipe of the run. It is validated here: evaluating saved predictions doesn't need it.

        Raises:
            RunError: As `recipe_tree`, or the recipe is of another version of mien.
        """
        try:
            return recipe_from(self.recipe_tree)
        except RecipeError as error:
            path = self.path / RECIPE_FILE
            raise RunError(f"{path}: {error}", path=path) from error

    @property
    def has_recipe(self) -> bool:
        """Whether `recipe.yaml` or its copy in `run.json` exists."""
        return self.info.recipe is not None or (self.path / RECIPE_FILE).exists()

    @property
    def identity(self) -> Identity | None:
        """What its checkpoints must name as their run; None for a run of an earlier version."""
        info = self.info
        if not info.id:
            return None
        data = (info.source.fingerprint, info.size, info.channels)
        return identity_from(info.id, info.recipe or {}, info.classes, data)

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.path.resolve().name

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the logits."""
        return self.info.classes

    @property
    def source(self) -> str:
        """Path or name of the data set it was trained on."""
        return self.info.source.path

    @property
    def fingerprint(self) -> str:
        """Fingerprint of that data set."""
        return self.info.source.fingerprint

    @property
    def checkpoints(self) -> Path:
        """The folder of the checkpoints."""
        return self.path / "checkpoints"

    @property
    def has_history(self) -> bool:
        """Whether epochs were completed, even if their checkpoints were removed since."""
        path = self.path / "history.jsonl"
        return path.is_file() and path.stat().st_size > 0

    @property
    def has_checkpoint(self) -> bool:
        """Whether its training has started."""
        return self.checkpoints.is_dir() and any(self.checkpoints.glob("[!.]*"))


@lru_cache(maxsize=64)
def _report_unprotected(path: str) -> None:
    """Report a run of an earlier version, once in a process."""
    _LOG.warning(
        "%s: this run was made by an earlier version of mien, without digests: edited or exchanged files in "
        "it are not detected",
        path,
    )
