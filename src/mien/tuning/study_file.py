"""`study.json`: what a study tunes, on which data, and how; all processes that work on it read it."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pydantic import Field

from mien.config.base import Strict
from mien.config.load import recipe_from
from mien.config.recipe import Recipe
from mien.errors import RecipeError, RunError
from mien.files.bounded import read_text
from mien.files.identify import STUDY, require_kind
from mien.files.writing import write_json
from mien.limits import MAX_RECORD_BYTES
from mien.training.run_folder.identity import changed_keys
from mien.training.run_folder.info import Source
from mien.tuning.space import Space
from mien.tuning.space_file import read_space

STUDY_FILE: Final = "study.json"
JOURNAL: Final = "journal.jsonl"
TRIALS: Final = "trials"
LOCKS: Final = "locks"
BEST: Final = "best.yaml"
PAGE: Final = "index.html"


_NAMES: Final = {
    "source": "the faces", "recipe_name": "the recipe", "space": "the search space",
    "validation": "data.validation", "pretrained": "the pretrained weights",
    "seed": "the seed of its proposals",
}  # fmt: skip
"""What the fields of a study are called in errors."""


class StudyInfo(Strict):
    """What `study.json` holds."""

    study: str = Field(default_factory=lambda: uuid.uuid4().hex)
    """Identifies the study."""
    created: str = Field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    recipe_name: str
    recipe: dict[str, Any]
    """The recipe that is tuned, with all overrides."""
    space: dict[str, Any]
    """The search space, as in its YAML file."""
    source: Source
    """Where the faces came from."""
    validation: str = "source"
    """`data.validation` of the recipe before the study, for its best recipe."""
    pretrained: str | None = None
    """Name or path of the weights that each trial starts from."""
    seed: int = 0
    """Seed of the proposed values."""
    pruning: bool = True
    """Trials that are worse than others after the same number of epochs are ended."""

    @property
    def parameters(self) -> Space:
        """The search space."""
        return read_space(self.space)

    @property
    def base(self) -> Recipe:
        """The recipe that is tuned.

        Raises:
            RecipeError: It is of another version of mien.
        """
        return recipe_from(self.recipe)


def read_study_info(folder: Path) -> StudyInfo:
    """Read the `study.json` of a study.

    Raises:
        RunError: There is none, or it is damaged.
    """
    require_kind(folder, "the folder of a study", (STUDY,), RunError)
    path = folder / STUDY_FILE
    if not path.is_file():
        raise RunError(
            f"{folder}: not a study, there is no {STUDY_FILE} in it; expected a folder made by tuning",
            path=folder, expected=STUDY_FILE,
        )  # fmt: skip
    try:
        return StudyInfo.model_validate(json.loads(read_text(path, MAX_RECORD_BYTES)))
    except (OSError, ValueError, RecursionError, RecipeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise RunError(f"{path}: damaged, or of another version of mien ({reason})", path=path) from error


def write_study_info(folder: Path, info: StudyInfo) -> None:
    """Write the `study.json` of a study."""
    write_json(folder / STUDY_FILE, info.model_dump(mode="json"))


def require_same_study(found: StudyInfo, wanted: StudyInfo, folder: Path) -> None:
    """Check that a study is the one that a call describes.

    Raises:
        RunError: They differ; the error names the first difference.
    """
    trees: tuple[Mapping[str, Any], Mapping[str, Any]] = tuple(  # type: ignore[assignment]
        {**one.model_dump(mode="json"), "source": one.source.fingerprint, "study": "", "created": ""}
        for one in (found, wanted)
    )
    difference = next(iter(changed_keys(*trees)), None)
    if difference is None:
        return
    what = _NAMES.get(
        difference, difference.removeprefix("recipe.").replace("space.", "the search space of ", 1)
    )
    raise RunError(
        f"{folder}: this study differs from the requested one in {what}; pass out=... for another folder, or "
        "resume the study without a recipe and a space",
        path=folder,
    )
