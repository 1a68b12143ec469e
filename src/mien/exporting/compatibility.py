"""What parts must share to become one bundle, and the views that it averages over."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict, ValidationError

from mien.bundles.description import describe_tta
from mien.bundles.metadata import Member
from mien.config.training import TTA
from mien.errors import BundleError, RunError
from mien.exporting.components import Part


class _Lenient(BaseModel):
    """Of a recipe on a metadata, which may be of another mien, only what is asked for."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Data(_Lenient):
    holdout: float


class _Train(_Lenient):
    seed: int


class TrainingSettings(_Lenient):
    """What a recipe says of how its faces were divided, and of its test-time views."""

    data: _Data
    train: _Train
    tta: TTA


def training_settings_of(part: Part, member: Member) -> TrainingSettings:
    """Return what the recipe of one network of a part says.

    Raises:
        BundleError: It doesn't.
    """
    try:
        return TrainingSettings.model_validate(member.recipe)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise BundleError(
            f"{part.given}: the recipe of {member.run} on its metadata has no valid {where}, so that it can't be "
            "told how it was trained; export it again from its run"
        ) from error


def chosen_views(parts: Sequence[Part], *, tta: bool, flip: bool, blur: bool) -> TTA | None:
    """Return the views to put in front of the parts, if any were asked for.

    Args:
        parts: One or more; with `tta` their recipes' views are the same.
        tta: Those of the recipes.
        flip: The mirror image only.
        blur: Softened faces, whatever else is asked for.

    Raises:
        RunError: Both the recipe's views and the mirror image only were asked for.
        BundleError: A part has views inside already that these can't stand in front of.
    """
    if tta and flip:
        raise RunError("--tta and --flip: the recipe's views or the mirror image only; give one of them")
    asked = [option for option, wanted in (("tta", tta), ("flip", flip), ("blur", blur)) if wanted]
    if not asked:
        return None
    for part in parts:
        # Softening comes before all other views anyway; it must not come twice.
        if part.tta is not None and (part.tta.blur or asked != ["blur"]):
            raise BundleError(
                f"{part.given}: {describe_tta(part.tta)} already; "
                f"leave {' and '.join(f'--{option}' for option in asked)} out, or export it again without"
            )
    views = training_settings_of(parts[0], parts[0].members[0]).tta if tta else TTA(flip=flip, shift=0)
    return views.with_blur(blur=blur)


def require_alike(parts: Sequence[Part], *, tta: bool, blur: bool = False) -> None:
    """Refuse parts that can't be one bundle.

    Args:
        parts: One or more.
        tta: They shall look through their recipes' views.
        blur: These shall be softened, whatever the recipes say of that.

    Raises:
        RunError: They differ in classes, side, CLAHE, views inside, or with `tta` in their recipes' views.
        BundleError: A metadata doesn't tell its views.
    """
    first, expected = next(_shared(parts, tta=tta, blur=blur))
    for part, facts in _shared(parts, tta=tta, blur=blur):
        for what, mine in expected.items():
            if facts[what] != mine:
                raise RunError(
                    f"{first.given} and {part.given} differ in {what}: {mine} and {facts[what]}; "
                    "the parts of one bundle share it"
                )


def _shared(parts: Sequence[Part], *, tta: bool, blur: bool) -> Iterator[tuple[Part, dict[str, str]]]:
    for part in parts:
        facts = {
            "classes": ", ".join(part.classes),
            "side": f"{part.size} pixels",
            "CLAHE": str(part.clahe or "none"),
            "views inside": str(part.tta or "none"),
        }
        for member in part.members:
            if tta:
                facts["views"] = str(training_settings_of(part, member).tta.with_blur(blur=blur))
            yield part, dict(facts)
