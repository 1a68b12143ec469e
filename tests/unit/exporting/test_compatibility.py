"""Which components can be one bundle, and the test-time augmentation added to them."""

import pytest

from export_builders import idle_component, member
from mien.config.data import Clahe
from mien.config.training import TTA
from mien.errors import BundleError, RunError
from mien.exporting.compatibility import added_tta, require_compatible, training_settings_of
from mien.exporting.options import ExportOptions

TEN = TTA()
BLUR_ONLY = TTA(flip=False, shift=0, blur=True)
RESAMPLED = ("augment.rotate=10",)


def options(*names):
    return ExportOptions(**dict.fromkeys(names, True))


@pytest.mark.parametrize(
    ("changes", "tta", "message"),
    [
        pytest.param(
            {"classes": ("calm", "merry")}, False, "classes: .*neutral and calm, merry", id="classes"
        ),
        pytest.param({"size": 64}, False, "size: 48 pixels and 64 pixels", id="size"),
        pytest.param({"channels": 3}, False, "channels: 1 and 3", id="channels"),
        pytest.param(
            {"clahe": Clahe(clip_limit=3.0)}, False, "CLAHE: none and clip_limit=3.0 tiles=8", id="CLAHE"
        ),
        pytest.param(
            {"tta": TEN}, False, "TTA inside the graph: none and 10 views", id="TTA inside the graph"
        ),
        pytest.param(
            {"members": (member(), member("tta.shift=4"))},
            True,
            "TTA of the recipe: .*shifts by 2 pixels, .* and .*shifts by 4 pixels",
            id="TTA of a second network of a bundle",
        ),
        pytest.param({"members": (member("tta.shift=4"),)}, False, None, id="TTA that is not requested"),
        pytest.param(
            {"members": (member("preprocess.mean=0.4", "train.seed=7"),)}, True, None, id="other settings"
        ),
        pytest.param({"members": (member(recipe={}),)}, False, None, id="no stored recipe"),
    ],
)
def test_components_must_share_what_a_bundle_has_once(changes, tta, message):
    one, two = idle_component("one"), idle_component("two.onnx", **changes)
    requested = ExportOptions(tta=tta)
    require_compatible([one], requested)
    if message is None:
        require_compatible([one, two], requested)
    else:
        with pytest.raises(RunError, match=rf"one and two\.onnx differ in {message}"):
            require_compatible([one, two], requested)


@pytest.mark.parametrize(
    ("requested", "expected"),
    [
        ((), None),
        (("tta",), TTA(shift=4)),
        (("flip",), TTA(flip=True, shift=0)),
        (("blur",), BLUR_ONLY),
        (("tta", "blur"), TTA(shift=4, blur=True)),
        (("flip", "blur"), TTA(flip=True, shift=0, blur=True)),
    ],
    ids=str,
)
def test_the_added_tta_is_the_recipes_or_the_requested_one(requested, expected):
    components = [idle_component(members=(member("tta.shift=4"),))]
    assert added_tta(components, options(*requested)) == expected


def test_the_blur_of_a_recipe_belongs_to_its_tta_only():
    components = [idle_component(members=(member("tta.blur=true", *RESAMPLED),))]
    assert added_tta(components, options("tta")) == TTA(blur=True)
    assert added_tta(components, options("flip")) == TTA(shift=0)


def test_tta_and_flip_exclude_each_other():
    with pytest.raises(RunError, match="tta=True and flip=True exclude each other"):
        added_tta([idle_component()], options("tta", "flip"))


@pytest.mark.parametrize(
    ("inside", "requested", "message"),
    [
        (TEN, ["tta"], r"10 views \(.*\) already; leave out tta=True"),
        (TEN, ["flip"], r"10 views .* already; leave out flip=True"),
        (TEN, ["flip", "blur"], r"10 views .* already; leave out flip=True and blur=True"),
        (BLUR_ONLY, ["blur"], r"blur already; leave out blur=True"),
        (BLUR_ONLY, ["flip"], r"blur already; leave out flip=True"),
    ],
    ids=str,
)
def test_views_are_not_added_twice(inside, requested, message):
    component = idle_component("ten.onnx", tta=inside)
    assert added_tta([component], options()) is None
    expected = rf"^ten\.onnx: its test-time augmentation is {message}, or export it again without$"
    with pytest.raises(BundleError, match=expected):
        added_tta([idle_component(), component], options(*requested))


def test_blur_can_be_added_before_the_views_of_a_bundle():
    assert added_tta([idle_component(tta=TEN)], options("blur")) == BLUR_ONLY


def test_recipes_may_differ_in_blur_if_it_is_requested():
    components = [
        idle_component(str(blur), members=(member(f"tta.blur={blur}", *RESAMPLED),))
        for blur in ("true", "false")
    ]
    require_compatible(components, options("tta", "blur"))
    with pytest.raises(RunError, match="differ in TTA of the recipe"):
        require_compatible(components, options("tta"))


@pytest.mark.parametrize(
    ("recipe", "where"),
    [({}, "data"), ({"data": {"holdout": 0.1}, "train": {"seed": "x"}, "tta": {}}, r"train\.seed")],
)
def test_a_stored_recipe_without_the_settings_is_refused(recipe, where):
    with pytest.raises(BundleError, match=rf"one\.onnx: the stored recipe of tiny-1 .*no valid {where},"):
        training_settings_of(idle_component(), member(recipe=recipe))


def test_unknown_keys_of_a_stored_recipe_are_ignored():
    recipe = member().recipe
    newer = member(recipe=recipe | {"train": recipe["train"] | {"magic": 1}, "more": 2})
    assert training_settings_of(idle_component(), newer) == training_settings_of(idle_component(), member())
