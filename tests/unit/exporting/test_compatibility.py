"""Which parts can be one bundle, and through which views they look."""

import pytest

from export_builders import idle_part, member
from mien.config.data import Clahe
from mien.config.training import TTA
from mien.errors import BundleError, RunError
from mien.exporting.compatibility import chosen_views, require_alike, training_settings_of

TEN = TTA()
ONE_SOFT = TTA(flip=False, shift=0, blur=True)
MOVED = ("augment.rotate=10",)
NONE = dict.fromkeys(("tta", "flip", "blur"), False)


@pytest.mark.parametrize(
    ("changes", "tta", "said"),
    [
        pytest.param(
            {"classes": ("calm", "merry")}, False, "classes: .*neutral and calm, merry", id="classes"
        ),
        pytest.param({"size": 64}, False, "side: 48 pixels and 64 pixels", id="side"),
        pytest.param(
            {"clahe": Clahe(clip_limit=3.0)}, False, "CLAHE: none and clip_limit=3.0 tiles=8", id="CLAHE"
        ),
        pytest.param(
            {"tta": TEN}, False, "views inside: none and flip=True shift=2 blur=False", id="views inside"
        ),
        pytest.param(
            {"members": (member(), member("tta.shift=4"))},
            True,
            "views: flip=True shift=2 blur=False and flip=True shift=4 blur=False",
            id="the views of a second network inside",
        ),
        pytest.param({"members": (member("tta.shift=4"),)}, False, None, id="views that nobody asked for"),
        pytest.param(
            {"members": (member("preprocess.mean=0.4", "train.seed=7"),)}, True, None, id="the rest"
        ),
        pytest.param({"members": (member(recipe={}),)}, False, None, id="a metadata of few words"),
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
        (("tta",), TTA(shift=4)),
        (("flip",), TTA(flip=True, shift=0)),
        (("blur",), TTA(flip=False, shift=0, blur=True)),
        (("tta", "blur"), TTA(shift=4, blur=True)),
        (("flip", "blur"), TTA(flip=True, shift=0, blur=True)),
    ],
    ids=str,
)
def test_views_are_the_recipes_or_those_asked_for(asked, expected):
    parts = [idle_part(members=(member("tta.shift=4"),))]
    assert chosen_views(parts, **NONE | dict.fromkeys(asked, True)) == expected


def test_a_recipe_that_softens_does_so_without_being_asked_again():
    parts = [idle_part(members=(member("tta.blur=true", *MOVED),))]
    assert chosen_views(parts, **NONE | {"tta": True}) == TTA(blur=True)
    assert chosen_views(parts, **NONE | {"flip": True}) == TTA(shift=0)


def test_both_views_are_refused():
    with pytest.raises(RunError, match="give one of them"):
        chosen_views([idle_part()], **NONE | {"tta": True, "flip": True})


@pytest.mark.parametrize(
    ("inside", "asked", "said"),
    [
        (TEN, ["tta"], r"mean of 10: shifted by 2 pixels and mirrored already; leave --tta out"),
        (TEN, ["flip"], r"mean of 10: .* already; leave --flip out"),
        (TEN, ["flip", "blur"], r"mean of 10: .* already; leave --flip and --blur out"),
        (ONE_SOFT, ["blur"], r"looks once, softened already; leave --blur out"),
        (ONE_SOFT, ["flip"], r"looks once, softened already; leave --flip out"),
    ],
    ids=str,
)
def test_views_of_views_are_refused(inside, asked, said):
    part = idle_part("ten.onnx", tta=inside)
    assert chosen_views([part], **NONE) is None
    with pytest.raises(BundleError, match=rf"^ten\.onnx: {said}, or export it again without$"):
        chosen_views([idle_part(), part], **NONE | dict.fromkeys(asked, True))


def test_softening_may_come_before_views_inside():
    assert chosen_views([idle_part(tta=TEN)], **NONE | {"blur": True}) == ONE_SOFT


def test_recipes_may_differ_in_softening_if_all_are_softened():
    parts = [
        idle_part(str(soft), members=(member(f"tta.blur={soft}", *MOVED),)) for soft in ("true", "false")
    ]
    require_alike(parts, tta=True, blur=True)
    with pytest.raises(RunError, match="differ in views"):
        require_alike(parts, tta=True)


@pytest.mark.parametrize(
    ("recipe", "where"),
    [({}, "data"), ({"data": {"holdout": 0.1}, "train": {"seed": "x"}, "tta": {}}, r"train\.seed")],
)
def test_a_card_that_says_too_little_of_its_training_is_refused(recipe, where):
    with pytest.raises(BundleError, match=rf"one\.onnx: the recipe of tiny-1 .*no valid {where},"):
        training_settings_of(idle_part(), member(recipe=recipe))


def test_a_recipe_of_another_mien_is_read_as_far_as_it_is_needed():
    recipe = member().recipe
    newer = member(recipe=recipe | {"train": recipe["train"] | {"magic": 1}, "more": 2})
    assert training_settings_of(idle_part(), newer) == training_settings_of(idle_part(), member())
