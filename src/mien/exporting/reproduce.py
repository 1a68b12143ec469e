"""The commands that make a bundle again, told by its metadata alone."""

import json
import shlex
from collections.abc import Iterator, Sequence, Set
from itertools import count
from typing import Any

from pydantic import ValidationError

from mien.bundles.metadata import BundleMetadata, Member
from mien.bundles.reading import shipped_names
from mien.config import Recipe, list_recipes, read_recipe
from mien.config.recipe import DESCRIPTIVE
from mien.config.training import TTA


def commands_of(metadata: BundleMetadata, file: str, cost: str = "") -> list[str]:
    """Return a command line for each network, one that makes the bundle of them, and one for its model card.

    Args:
        metadata: Of the bundle.
        file: What the bundle's file shall be called.
        cost: As the model card tells it.
    """
    folders = _folders(metadata.members)
    untold = DESCRIPTIVE | _told_by_export(metadata)
    trainings = [
        _training(member, folder, untold) for member, folder in zip(metadata.members, folders, strict=True)
    ]
    commands = [*trainings, _export(metadata, folders, file)]
    describing = ["mien", "bundle", "card", file, "--data", metadata.members[0].source]
    commands.append(shlex.join([*describing, *(["--cost", cost] if cost else [])]))
    return [" ".join(command.split()) for command in commands]


def own_recipes(metadata: BundleMetadata) -> list[str]:
    """Return the names of those recipes that don't ship with this mien, or that it can't read any more."""
    return sorted({member.recipe_name for member in metadata.members if not _ships(member)})


def own_teachers(metadata: BundleMetadata) -> dict[str, str]:
    """Return those teachers that don't ship with this mien, by the names of their files in the commands.

    Each with the shipped recipe whose first lines tell how it is made, or "" if none does.
    """
    found = dict[str, str]()
    for member in metadata.members:
        named = _teachers_in(read_recipe(member.recipe_name)) if _ships(member) else set()
        for name in _teachers_in(recipe_of(member)) - set(shipped_names()):
            found[name] = found.get(name) or (member.recipe_name if name in named else "")
    return dict(sorted(found.items()))


def _teachers_in(recipe: Recipe | None) -> set[str]:
    return set(recipe.distillation.teachers) if recipe and recipe.distillation else set()


def recipe_of(member: Member) -> Recipe | None:
    """Return the recipe of a network, or None if this mien knows no such recipe any more."""
    try:
        return Recipe.model_validate(member.recipe)
    except ValidationError:
        return None


def _folders(members: Sequence[Member]) -> list[str]:
    """A run folder for each network: called as its run was, with a number where two were called the same."""
    runs, folders = {member.run for member in members}, list[str]()
    for member in members:
        others = (f"{member.run}-{number}" for number in count(2))
        free = (name for name in others if name not in runs and name not in folders)
        folders.append(member.run if member.run not in folders else next(free))
    return folders


def _training(member: Member, folder: str, untold: Set[str]) -> str:
    shipped = _ships(member)
    words = ["mien", "train", member.recipe_name if shipped else f"{member.recipe_name}.yaml"]
    words += ["--data", member.source]
    if member.part("data").get("targets", "labels") != "labels":
        words += ["--ferplus", "fer2013new.csv"]
    for change in _changes(member, untold) if shipped else ():
        words += ["--set", change]
    if folder != member.recipe_name:
        words += ["--out", f"runs/{folder}"]
    return shlex.join(words)


def _ships(member: Member) -> bool:
    return member.recipe_name in list_recipes() and recipe_of(member) is not None


def _export(metadata: BundleMetadata, folders: Sequence[str], file: str) -> str:
    words = ["mien", "export", *(f"runs/{folder}" for folder in folders)]
    words += ["--int8"] * (metadata.precision == "int8") + _looking(metadata)
    if metadata.name != file.removesuffix(".onnx"):
        words += ["--name", metadata.name]
    return shlex.join([*words, "-o", file])


def _looking(metadata: BundleMetadata) -> list[str]:
    """The options that give the bundle its views; there are none for other shifts than the recipes'."""
    tta = metadata.tta or TTA(flip=False, shift=0)
    softening = ["--tta-blur"] * tta.blur
    if tta.shift == 0:
        return ["--tta-flip"] * tta.flip + softening
    recipes = [recipe_of(member) for member in metadata.members]
    fits = all(recipe and recipe.tta.with_blur(blur=tta.blur) == tta for recipe in recipes)
    return ["--tta", *softening] if fits else []


def _told_by_export(metadata: BundleMetadata) -> Set[str]:
    """What a recipe needn't say again, since the export's options do, or don't look at it."""
    only_recipe_tells = metadata.tta is not None and metadata.tta.shift > 0 and not metadata.tta.blur
    return set() if only_recipe_tells else {"tta.blur"}


def _changes(member: Member, untold: Set[str]) -> list[str]:
    """What the training was told beside the shipped recipe, each as an override."""
    shipped = read_recipe(member.recipe_name).model_dump(mode="json")
    used = Recipe.model_validate(member.recipe).model_dump(mode="json")
    changes = dict(_differences(shipped, used))
    return [f"{key}={_yaml(value)}" for key, value in changes.items() if key not in untold]


def _differences(old: dict[str, Any], new: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the keys whose values differ; a part of another kind differs in all of its keys."""
    kinds = [tree.get("kind", tree.get("family")) for tree in (old, new)]
    if kinds[0] != kinds[1]:
        old = {}
    for key, value in new.items():
        before = old.get(key, _differences)
        if isinstance(before, dict) and isinstance(value, dict):
            yield from _differences(before, value, f"{path}{key}.")
        elif before != value:
            yield f"{path}{key}", value


def _yaml(value: object) -> str:
    """JSON is YAML; a plain word needs no quotes."""
    return value if isinstance(value, str) and value.isidentifier() else json.dumps(value)
