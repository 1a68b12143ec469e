"""Which parts can be one bundle, and through which views they look."""

import pytest

from export_builders import idle_part, member
from mien.config.data import Clahe
from mien.config.learning import Views
from mien.errors import BundleError, RunError
from mien.export.alike import chosen_views, lesson_of, require_alike

TEN = Views()
ONE_SOFT = Views(flip=False, shift=0, soften=True)
MOVED = ("augment.rotate=10",)
NONE = dict.fromkeys(("tta", "flip", "soften"), False)


@pytest.mark.parametrize(
    ("changes", "tta", "said"),
    [
        pytest.param(
            {"classes": ("calm", "merry")}, False, "classes: .*neutral and calm, merry", id="classes"
        ),
        pytest.param({"side": 64}, False, "side: 48 pixels and 64 pixels", id="side"),
        pytest.param({"clahe": Clahe(clip=3.0)}, False, "CLAHE: none and clip=3.0 tiles=8", id="CLAHE"),
        pytest.param(
            {"views": TEN}, False, "views inside: none and flip=True shift=2 soften=False", id="views inside"
        ),
        pytest.param(
            {"members": (member(), member("views.shift=4"))},
            True,
            "views: flip=True shift=2 soften=False and flip=True shift=4 soften=False",
            id="the views of a second network inside",
        ),
        pytest.param({"members": (member("views.shift=4"),)}, False, None, id="views that nobody asked for"),
        pytest.param({"members": (member("prepare.mean=0.4", "train.seed=7"),)}, True, None, id="the rest"),
        pytest.param({"members": (member(recipe={}),)}, False, None, id="a card of few words"),
    ],
)
def test_parts_must_share_what_a_bundle_has_once(changes, tta, said):
    one, two = idle_part("one"), idle_part("two.onnx", **changes)
    require_alike([one], tta=tta)
    if said is None:
        require_alike([one, two], tta=tta)
    else:
        with pytest.raises(RunError, match=rf"one and two\.onnx differ in {said}"):
            require_alike([one, two], tta=tta)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((), None),
        (("tta",), Views(shift=4)),
        (("flip",), Views(flip=True, shift=0)),
        (("soften",), Views(flip=False, shift=0, soften=True)),
        (("tta", "soften"), Views(shift=4, soften=True)),
        (("flip", "soften"), Views(flip=True, shift=0, soften=True)),
    ],
    ids=str,
)
def test_views_are_the_recipes_or_those_asked_for(asked, expected):
    parts = [idle_part(members=(member("views.shift=4"),))]
    assert chosen_views(parts, **NONE | dict.fromkeys(asked, True)) == expected


def test_a_recipe_that_softens_does_so_without_being_asked_again():
    parts = [idle_part(members=(member("views.soften=true", *MOVED),))]
    assert chosen_views(parts, **NONE | {"tta": True}) == Views(soften=True)
    assert chosen_views(parts, **NONE | {"flip": True}) == Views(shift=0)


def test_both_views_are_refused():
    with pytest.raises(RunError, match="give one of them"):
        chosen_views([idle_part()], **NONE | {"tta": True, "flip": True})


@pytest.mark.parametrize(
    ("inside", "asked", "said"),
    [
        (TEN, ["tta"], r"mean of 10: shifted by 2 pixels and mirrored already; leave --tta out"),
        (TEN, ["flip"], r"mean of 10: .* already; leave --flip out"),
        (TEN, ["flip", "soften"], r"mean of 10: .* already; leave --flip and --soften out"),
        (ONE_SOFT, ["soften"], r"looks once, softened already; leave --soften out"),
        (ONE_SOFT, ["flip"], r"looks once, softened already; leave --flip out"),
    ],
    ids=str,
)
def test_views_of_views_are_refused(inside, asked, said):
    part = idle_part("ten.onnx", views=inside)
    assert chosen_views([part], **NONE) is None
    with pytest.raises(BundleError, match=rf"^ten\.onnx: {said}, or export it again without$"):
        chosen_views([idle_part(), part], **NONE | dict.fromkeys(asked, True))


def test_softening_may_come_before_views_inside():
    assert chosen_views([idle_part(views=TEN)], **NONE | {"soften": True}) == ONE_SOFT


def test_recipes_may_differ_in_softening_if_all_are_softened():
    parts = [
        idle_part(str(soft), members=(member(f"views.soften={soft}", *MOVED),)) for soft in ("true", "false")
    ]
    require_alike(parts, tta=True, soften=True)
    with pytest.raises(RunError, match="differ in views"):
        require_alike(parts, tta=True)


@pytest.mark.parametrize(
    ("recipe", "where"),
    [({}, "data"), ({"data": {"holdout": 0.1}, "train": {"seed": "x"}, "views": {}}, r"train\.seed")],
)
def test_a_card_that_says_too_little_of_its_training_is_refused(recipe, where):
    with pytest.raises(BundleError, match=rf"one\.onnx: the recipe of tiny-1 .*no valid {where},"):
        lesson_of(idle_part(), member(recipe=recipe))


def test_a_recipe_of_another_mien_is_read_as_far_as_it_is_needed():
    recipe = member().recipe
    newer = member(recipe=recipe | {"train": recipe["train"] | {"magic": 1}, "more": 2})
    assert lesson_of(idle_part(), newer) == lesson_of(idle_part(), member())
