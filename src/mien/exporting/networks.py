"""The networks of a bundle, as a model card describes them; from the stored recipes alone."""

from dataclasses import dataclass
from typing import Any

from mien.bundles.metadata import BundleMetadata, Member
from mien.bundles.reading import shipped_names
from mien.config import Recipe, list_recipes, read_recipe
from mien.errors import RecipeError


@dataclass(frozen=True)
class Network:
    """One network of a bundle.

    Attributes:
        member: Its metadata.
        title: Title of its recipe.
        seed: Seed of its training; None if its recipe has none.
        teachers: The bundles that it was distilled from, with the settings; "" if there are none.
        multiply_adds: For one view of one face; None if this version of mien can't read its recipe.
    """

    member: Member
    title: str
    seed: int | None
    teachers: str
    multiply_adds: int | None


def networks_of(metadata: BundleMetadata) -> list[Network]:
    """Return the networks of a bundle."""
    return [
        Network(
            member=member,
            title=str(member.recipe.get("title") or ""),
            seed=member.section("train").get("seed"),
            teachers=_describe_teachers(member.section("distillation")),
            multiply_adds=_multiply_adds(member, metadata),
        )
        for member in metadata.members
    ]


def custom_recipes(metadata: BundleMetadata) -> list[str]:
    """Return the names of the recipes that don't ship with this version of mien."""
    return sorted({member.recipe_name for member in metadata.members} - set(list_recipes()))


def custom_teachers(metadata: BundleMetadata) -> dict[str, str]:
    """Return the teachers that don't ship with mien, by file name.

    The value is the shipped recipe whose description says how to create the teacher, or "".
    """
    found = dict[str, str]()
    for member in metadata.members:
        documented = _documented_teachers(member.recipe_name)
        for name in _teachers(member) - set(shipped_names()):
            found[name] = found.get(name) or (member.recipe_name if name in documented else "")
    return dict(sorted(found.items()))


def _teachers(member: Member) -> set[str]:
    teachers = member.section("distillation").get("teachers", ())
    return {str(name) for name in teachers} if isinstance(teachers, list | tuple) else set()


def _documented_teachers(recipe_name: str) -> set[str]:
    if recipe_name not in list_recipes():
        return set()
    distillation = read_recipe(recipe_name).distillation
    return set(distillation.teachers) if distillation else set()


def _describe_teachers(distillation: dict[str, Any]) -> str:
    if not distillation:
        return ""
    from_bundles = " and ".join(str(name) for name in distillation.get("teachers", ()))
    names = from_bundles or str(distillation.get("predictions") or "other bundles")
    settings = [f"{key} {distillation[key]}" for key in ("alpha", "temperature") if key in distillation]
    return f"{names} ({', '.join(settings)})" if settings else names


def _multiply_adds(member: Member, metadata: BundleMetadata) -> int | None:
    from mien.models.build import build_network
    from mien.models.summary import summarize, total

    try:
        recipe = Recipe.model_validate(member.recipe)
    except (ValueError, RecipeError):
        return None
    size, channels = metadata.size, metadata.channels
    network = build_network(recipe.network, len(metadata.classes), size=size, channels=channels)
    return total(summarize(network, size, channels)).multiply_adds
