"""Which runs can be one bundle."""

from dataclasses import replace

import pytest

from mien.errors import RunError
from mien.export.members import joined, require_alike
from training_builders import tiny_recipe, tiny_run


def recipe_of(*overrides):
    return lambda run: replace(run, recipe=tiny_recipe(*overrides))


def info_of(**changes):
    return lambda run: replace(run, info=run.info.model_copy(update=changes))


@pytest.mark.parametrize(
    ("change", "tta", "said"),
    [
        (info_of(classes=("calm", "merry")), False, "classes: .*neutral and calm, merry"),
        (info_of(side=64), False, "side: 48 pixels and 64 pixels"),
        (recipe_of("prepare.clahe.clip=3.0"), False, "CLAHE: none and clip=3.0 tiles=8"),
        (recipe_of("views.shift=4"), True, "views: flip=True shift=2 and flip=True shift=4"),
        (recipe_of("views.shift=4"), False, None),
        (recipe_of("prepare.mean=0.4", "train.seed=7"), True, None),
    ],
)
def test_runs_must_share_what_a_bundle_has_once(tmp_path, change, tta, said):
    run = tiny_run(tmp_path / "one")
    other = replace(change(run), path=tmp_path / "two")
    require_alike([run], tta=tta)
    if said is None:
        require_alike([run, other], tta=tta)
    else:
        with pytest.raises(RunError, match=rf"one and .*two differ in {said}"):
            require_alike([run, other], tta=tta)


def test_a_run_that_was_never_trained_has_no_network(tmp_path):
    with pytest.raises(RunError, match="not a readable checkpoint"):
        joined([tiny_run(tmp_path / "one")], None)
