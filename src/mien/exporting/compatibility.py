"""What the components of one bundle must have in common, and the test-time augmentation added to them."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict, ValidationError

from mien.bundles.description import describe_tta
from mien.bundles.metadata import Member
from mien.config.training import TTA
from mien.errors import BundleError, RunError
from mien.exporting.components import Component
from mien.exporting.options import ExportOptions


class _Lenient(BaseModel):
    """The needed keys of a stored recipe, which may be of another version of mien."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Data(_Lenient):
    holdout: float
    validation: str = "source"


class _Train(_Lenient):
    seed: int


class TrainingSettings(_Lenient):
    """The settings of a recipe that decide its validation split and its test-time augmentation."""

    data: _Data
    train: _Train
    tta: TTA

    @property
    def split_key(self) -> tuple[float, int]:
        """Hold-out fraction and seed, which decide the split of `mien.data.splits`."""
        return self.data.holdout, self.train.seed

    @property
    def always_held_out(self) -> bool:
        """Whether the validation split is held out of training even if the source has one."""
        return self.data.validation == "holdout"


def training_settings_of(component: Component, member: Member) -> TrainingSettings:
    """Return the training settings of one network of a component.

    Raises:
        BundleError: Its stored recipe lacks them.
    """
    try:
        return TrainingSettings.model_validate(member.recipe)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise BundleError(
            f"{component.name}: the stored recipe of {member.run} has no valid {where}, so its split is "
            "unknown; export it again from its run"
        ) from error


def added_tta(components: Sequence[Component], options: ExportOptions) -> TTA | None:
    """Return the test-time augmentation to add in front of the components, or None.

    Args:
        components: One or more; with `options.tta` their recipes agree on it.
        options: Which of `tta`, `flip` and `blur` are requested.

    Raises:
        RunError: Both `tta` and `flip` are requested.
        BundleError: A component has test-time augmentation inside that these can't be added to.
    """
    if options.tta and options.flip:
        raise RunError(
            "tta=True and flip=True exclude each other: the views of the recipe, or the horizontal flip only"
        )
    if not options.tta_names:
        return None
    for component in components:
        _require_addable(component, options)
    recipe = training_settings_of(components[0], components[0].members[0]).tta if options.tta else None
    return (recipe or TTA(flip=options.flip, shift=0)).with_blur(blur=options.blur)


def _require_addable(component: Component, options: ExportOptions) -> None:
    """Check that no view is added twice: only blur, which precedes all views, may be added later."""
    inside = component.tta
    if inside is not None and (inside.blur or options.tta_names != ("blur",)):
        raise BundleError(
            f"{component.name}: its test-time augmentation is {describe_tta(inside)} already; leave out "
            f"{' and '.join(f'{name}=True' for name in options.tta_names)}, or export it again without"
        )


def require_compatible(components: Sequence[Component], options: ExportOptions) -> None:
    """Check that components can be joined.

    Args:
        components: One or more.
        options: With `tta`, the test-time augmentation of their recipes must agree, apart from a
            requested `blur`.

    Raises:
        RunError: They differ in classes, size, channels, CLAHE, or test-time augmentation.
        BundleError: A stored recipe lacks its test-time augmentation.
    """
    first, expected = next(_shared(components, options))
    for component, found in _shared(components, options):
        for key, value in expected.items():
            if found[key] != value:
                raise RunError(
                    f"{first.name} and {component.name} differ in {key}: {value} and {found[key]}; "
                    "all components of a bundle share it"
                )


def _shared(
    components: Sequence[Component], options: ExportOptions
) -> Iterator[tuple[Component, dict[str, str]]]:
    for component in components:
        properties = {
            "classes": ", ".join(component.classes),
            "size": f"{component.size} pixels",
            "channels": str(component.channels),
            "CLAHE": str(component.clahe or "none"),
            "TTA inside the graph": describe_tta(component.tta),
        }
        for member in component.members:
            if options.tta:
                tta = training_settings_of(component, member).tta.with_blur(blur=options.blur)
                properties["TTA of the recipe"] = describe_tta(tta)
            yield component, dict(properties)
