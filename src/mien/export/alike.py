"""What parts must share to become one bundle, and the views that it averages over."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict, ValidationError

from mien.bundle.card import Member
from mien.bundle.words import views_of
from mien.config.learning import Views
from mien.errors import BundleError, RunError
from mien.export.parts import Part


class _Known(BaseModel):
    """Of a recipe on a card, which may be of another mien, only what is asked for."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Data(_Known):
    holdout: float


class _Train(_Known):
    seed: int


class Lesson(_Known):
    """What a recipe says of how its faces were divided, and of its test-time views."""

    data: _Data
    train: _Train
    views: Views


def lesson_of(part: Part, member: Member) -> Lesson:
    """Return what the recipe of one network of a part says.

    Raises:
        BundleError: It doesn't.
    """
    try:
        return Lesson.model_validate(member.recipe)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise BundleError(
            f"{part.given}: the recipe of {member.run} on its card has no valid {where}, so that it can't be "
            "told how it was trained; export it again from its run"
        ) from error


def chosen_views(parts: Sequence[Part], *, tta: bool, flip: bool, soften: bool) -> Views | None:
    """Return the views to put in front of the parts, if any were asked for.

    Args:
        parts: One or more; with `tta` their recipes' views are the same.
        tta: Those of the recipes.
        flip: The mirror image only.
        soften: Softened faces, whatever else is asked for.

    Raises:
        RunError: Both the recipe's views and the mirror image only were asked for.
        BundleError: A part has views inside already that these can't stand in front of.
    """
    if tta and flip:
        raise RunError("--tta and --flip: the recipe's views or the mirror image only; give one of them")
    asked = [option for option, wanted in (("tta", tta), ("flip", flip), ("soften", soften)) if wanted]
    if not asked:
        return None
    for part in parts:
        # Softening comes before all other views anyway; it must not come twice.
        if part.views is not None and (part.views.soften or asked != ["soften"]):
            raise BundleError(
                f"{part.given}: {views_of(part.views)} already; "
                f"leave {' and '.join(f'--{option}' for option in asked)} out, or export it again without"
            )
    views = lesson_of(parts[0], parts[0].members[0]).views if tta else Views(flip=flip, shift=0)
    return views.softer(soften=soften)


def require_alike(parts: Sequence[Part], *, tta: bool, soften: bool = False) -> None:
    """Refuse parts that can't be one bundle.

    Args:
        parts: One or more.
        tta: They shall look through their recipes' views.
        soften: These shall be softened, whatever the recipes say of that.

    Raises:
        RunError: They differ in classes, side, CLAHE, views inside, or with `tta` in their recipes' views.
        BundleError: A card doesn't tell its views.
    """
    first, expected = next(_shared(parts, tta=tta, soften=soften))
    for part, facts in _shared(parts, tta=tta, soften=soften):
        for what, mine in expected.items():
            if facts[what] != mine:
                raise RunError(
                    f"{first.given} and {part.given} differ in {what}: {mine} and {facts[what]}; "
                    "the parts of one bundle share it"
                )


def _shared(parts: Sequence[Part], *, tta: bool, soften: bool) -> Iterator[tuple[Part, dict[str, str]]]:
    for part in parts:
        facts = {
            "classes": ", ".join(part.classes),
            "side": f"{part.side} pixels",
            "CLAHE": str(part.clahe or "none"),
            "views inside": str(part.views or "none"),
        }
        for member in part.members:
            if tta:
                facts["views"] = str(lesson_of(part, member).views.softer(soften=soften))
            yield part, dict(facts)
