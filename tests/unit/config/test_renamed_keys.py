from pathlib import Path

import pytest
from pydantic import ValidationError

from mien.config import Recipe, read_recipe
from mien.config.load import with_overrides
from mien.config.renamed_keys import RENAMED, renamed_keys
from mien.errors import RecipeError

OLD = """\
network: {family: plain, stages: [{channels: 4}]}
prepare: {per_face: true}
optimiser: {kind: sgd, rate: 0.1}
train: {epochs: 3, progressive: [{side: 24, until: 0.5}]}
"""


@pytest.mark.parametrize("old", sorted(RENAMED))
def test_an_old_key_is_refused_with_its_new_name(old: str) -> None:
    override = f"{old}=1" if "progressive" not in old else "train.progressive=[{side: 1}]"
    with pytest.raises(RecipeError, match=f"{old.replace('.', '[.]')} is now {RENAMED[old]}$"):
        with_overrides(read_recipe("cnn-sgd"), [override])


@pytest.mark.parametrize("new", sorted(set(RENAMED.values())))
def test_new_names_are_keys_of_a_recipe(new: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Recipe.model_validate(_nested(new))
    unknown = [problem["loc"] for problem in caught.value.errors() if problem["type"] == "extra_forbidden"]
    assert unknown == []


def test_all_old_keys_of_a_recipe_are_named_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "old.yaml"
    path.write_text(OLD)
    with pytest.raises(RecipeError) as caught:
        read_recipe(path)
    assert str(caught.value) == (
        f"{path}: keys of an earlier version of mien: network.family is now network.kind, "
        "prepare.per_face is now preprocess.per_image, optimiser.rate is now optimizer.lr, "
        "train.progressive.side is now train.progressive.size"
    )


def test_a_current_recipe_has_none() -> None:
    assert renamed_keys(read_recipe("best").model_dump(mode="json")) == {}


def _nested(path: str) -> dict[str, object]:
    """A recipe of sections that have every kind's keys where a key depends on the kind."""
    kinds = {"network": "plain", "loss": "focal", "optimizer": "sgd", "schedule": "plateau"}
    section, *rest = path.split(".")
    value: object = "x"
    for key in reversed(rest):
        value = {key: value}
    kind = "one_cycle" if path == "schedule.pct_start" else kinds.get(section)
    if isinstance(value, dict) and kind and "kind" not in value:
        value = {"kind": kind, **value}
    return {section: value}
