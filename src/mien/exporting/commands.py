"""The command lines that make a bundle, which an export stores in its metadata."""

import json
import shlex
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from mien.bundles.metadata import Member
from mien.bundles.reading import shipped_names
from mien.config import Recipe, list_recipes, read_recipe
from mien.config.recipe import DESCRIPTIVE
from mien.evaluation.calibration.methods import AUTO
from mien.exporting.components import Component
from mien.exporting.options import ExportOptions
from mien.faceset import FaceSet
from mien.training.run_folder.info import Extension, Source
from mien.training.start import ADOPTED_DATA


def commands_of(
    components: Sequence[Component], options: ExportOptions, file: str, name: str
) -> tuple[str, ...]:
    """Return the command lines of the trainings and exports that lead to a bundle, in order.

    Run folders are placed below `runs`, and files are named without their folders.

    Args:
        components: What the bundle is made from.
        options: What the export does.
        file: Name of the bundle's file.
        name: Name of the bundle.
    """
    commands, words = list[str](), list[str]()
    for component, folder in zip(components, _folders(components), strict=True):
        if component.run is None:
            commands += component.commands
            words.append(_bundle_name(component))
        else:
            info = component.run.info
            (member,) = component.members
            commands.append(
                _training(_as_planned(member, info.extensions), info.source, info.pretrained, folder)
            )
            commands += (
                f"mien train --resume {shlex.quote(f'runs/{folder}')} --epochs {one.epochs}"
                for one in info.extensions
            )
            words.append(f"runs/{folder}")
    commands.append(shlex.join(["mien", "export", *words, *_options(options, file, name), "-o", file]))
    return tuple(dict.fromkeys(" ".join(command.split()) for command in commands))


def _folders(components: Sequence[Component]) -> list[str]:
    """Return a folder for each run: the name of its folder, with a number if another has the same name."""
    names, folders = {one.run.name for one in components if one.run}, list[str]()
    for component in components:
        wanted = component.run.name if component.run else ""
        others = (f"{wanted}-{number}" for number in count(2))
        free = (name for name in others if name not in names and name not in folders)
        folders.append(wanted if not wanted or wanted not in folders else next(free))
    return folders


def _bundle_name(component: Component) -> str:
    return component.name if component.name in shipped_names() else Path(component.name).name


def _options(options: ExportOptions, file: str, name: str) -> list[str]:
    words = ["--int8"] * options.int8 + ["--tta"] * options.tta
    words += ["--tta-flip"] * options.flip + ["--tta-blur"] * options.blur
    words += ["--calibration", options.calibration] if options.calibration != AUTO else []
    words += ["--logit-adjustment", f"{options.logit_adjustment:g}"] if options.logit_adjustment else []
    if (data := options.data) is not None:
        words += ["--data", Path(data.source if isinstance(data, FaceSet) else data).name]
    return [*words, "--name", name] if f"{name}.onnx" != file else words


def _as_planned(member: Member, extensions: Sequence[Extension]) -> Member:
    """Return a network with the number of epochs that its training began with."""
    if not extensions:
        return member
    train = {**member.recipe["train"], "epochs": extensions[0].before}
    return member.model_copy(update={"recipe": {**member.recipe, "train": train}})


def _training(member: Member, source: Source, pretrained: str | None, folder: str) -> str:
    shipped = member.recipe_name in list_recipes()
    words = ["mien", "train", member.recipe_name if shipped else f"{member.recipe_name}.yaml"]
    words += ["--data", member.source]
    words += ["--ferplus", Path(source.ferplus).name] if source.ferplus else []
    words += ["--pretrained", Path(pretrained).name] if pretrained else []
    words += ["--skip-bad"] * source.skip_bad
    for override in _overrides(member) if shipped else ():
        words += ["--set", override]
    return shlex.join([*words, "-o", f"runs/{folder}"] if folder != member.recipe_name else words)


def _overrides(member: Member) -> list[str]:
    """Return the overrides that lead from the shipped recipe to the one used."""
    recipe = read_recipe(member.recipe_name)
    shipped, used = (
        recipe.model_dump(mode="json"),
        Recipe.model_validate(member.recipe).model_dump(mode="json"),
    )
    if recipe.network.takes_network_of_weights():
        shipped, used = (_without_adopted(tree) for tree in (shipped, used))
    changes = dict(_differences(shipped, used))
    return [f"{key}={_yaml(value)}" for key, value in changes.items() if key not in DESCRIPTIVE]


def _without_adopted(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a recipe without what a training takes over from its pretrained weights."""
    data = {key: value for key, value in tree["data"].items() if key not in ADOPTED_DATA}
    kept = {key: value for key, value in tree.items() if key != "preprocess"}
    return {**kept, "data": data, "network": {"trainable": tree["network"].get("trainable")}}


def _differences(old: dict[str, Any], new: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the keys whose values differ; all keys of a section whose kind differs."""
    kinds = [tree.get("kind") for tree in (old, new)]
    if kinds[0] != kinds[1]:
        old = {}
    for key, value in new.items():
        before = old.get(key, _differences)
        if isinstance(before, dict) and isinstance(value, dict):
            yield from _differences(before, value, f"{path}{key}.")
        elif before != value:
            yield f"{path}{key}", value


def _yaml(value: object) -> str:
    """Return a value as YAML; JSON is YAML, and a plain word needs no quotes."""
    return value if isinstance(value, str) and value.isidentifier() else json.dumps(value)
