"""The recipe of a run: `recipe.yaml` is for people and other trainings, `run.json` records it.

The two are compared whenever the recipe is read, and an error names the key that was edited.
"""

from pathlib import Path
from typing import Any, Final

import yaml

from mien.config.load import read_recipe_tree
from mien.config.yaml_text import NOT_YAML, parse_yaml
from mien.errors import RecipeError, RunError
from mien.files.writing import write_text
from mien.training.run_folder.earlier_versions import with_recipe_keys_of_this_version
from mien.training.run_folder.identity import changed_keys
from mien.training.run_folder.info import RunInfo

RECIPE_FILE: Final = "recipe.yaml"

_EXTENSION_KEYS: Final = frozenset({"train.epochs", "cost", "result"})
"""Keys that more epochs change: measurements are valid for the previous number only."""

_COPY: Final = f"without {RECIPE_FILE}, its copy in run.json is used"


def recipe_text(tree: dict[str, Any]) -> str:
    """Return a recipe as YAML."""
    return yaml.safe_dump(tree, sort_keys=False)


def is_as_written(path: Path) -> bool:
    """Return whether a file is a recipe exactly as mien writes it, without comments or other formatting."""
    try:
        text = path.read_text(encoding="utf-8")
        tree = parse_yaml(text)
    except (OSError, *NOT_YAML):
        return False
    return (
        isinstance(tree, dict) and {"network", "train", "data"} <= tree.keys() and recipe_text(tree) == text
    )


def recorded_recipe(folder: Path, info: RunInfo) -> dict[str, Any]:
    """Return the recipe of a run as a tree with the keys of this version.

    That of `run.json`, or of `recipe.yaml` if the run was made by a version that didn't record it.

    Raises:
        RunError: `recipe.yaml` was edited or is damaged; or it is missing, and `run.json` has no recipe.
    """
    path = folder / RECIPE_FILE
    if info.recipe is None:
        return with_recipe_keys_of_this_version(_read(path))
    if path.exists():
        try:
            found = _read(path)
        except RunError as error:
            raise RunError(f"{error}; {_COPY}", path=path) from error
        _require_same(info, found, path)
    return with_recipe_keys_of_this_version(info.recipe)


def with_epochs(recipe: dict[str, Any], epochs: int) -> dict[str, Any]:
    """Return the tree of a recipe with another number of epochs, and without measurements."""
    measured = {key: "" for key in _EXTENSION_KEYS if key in recipe}
    return {**recipe, **measured, "train": {**recipe["train"], "epochs": epochs}}


def restore_recipe(folder: Path, info: RunInfo) -> None:
    """Write `recipe.yaml` again if it is missing, or if the last change of the epochs was interrupted.

    Raises:
        RunError: It was edited or is damaged.
        MienError: It can't be written.
    """
    path = folder / RECIPE_FILE
    recorded_recipe(folder, info)  # refuses an edited one
    if info.recipe is None or (path.exists() and not _changed(info.recipe, _read(path))):
        return
    write_text(path, recipe_text(info.recipe), parents=False)


def _read(path: Path) -> dict[str, Any]:
    try:
        return read_recipe_tree(path)
    except RecipeError as error:
        raise RunError(str(error), path=path) from error


def _changed(recorded: dict[str, Any], found: dict[str, Any]) -> list[str]:
    return list(changed_keys(parse_yaml(recipe_text(recorded)), found))


def _require_same(info: RunInfo, found: dict[str, Any], path: Path) -> None:
    recorded = info.recipe or {}
    changed = _changed(recorded, found)
    if not changed or _is_unfinished_extension(info, found, changed):
        return
    more = f" (and {len(changed) - 1} more)" if len(changed) > 1 else ""
    advice = "undo the edit, or train a new run with this recipe"
    if changed == ["train.epochs"]:
        advice = "undo the edit, and pass epochs=... when resuming to change their number"
    raise RunError(
        f"{path}: {changed[0]}{more} was edited since the run was created; {advice}; {_COPY}", path=path
    )


def _is_unfinished_extension(info: RunInfo, found: dict[str, Any], changed: list[str]) -> bool:
    """Return whether the process was killed between `run.json` and `recipe.yaml`."""
    if not info.extensions or not _EXTENSION_KEYS.issuperset(changed):
        return False
    train = found.get("train")
    return isinstance(train, dict) and train.get("epochs") == info.extensions[-1].before
