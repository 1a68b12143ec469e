import pytest

from mien.training.run_folder.identity import Identity, changed_keys, changed_parts, digests_of, identity_from

RECIPE = {
    "title": "a",
    "optimizer": {"lr": 0.1},
    "network": {"stages": [{"channels": 4}]},
    "train": {"epochs": 3},
}
DATA = ("fingerprint", 48, 1)


def identity(recipe: dict = RECIPE, classes: tuple[str, ...] = ("a", "b"), data: tuple = DATA) -> Identity:
    return identity_from("1", recipe, classes, data)


@pytest.mark.parametrize(
    ("other", "part"),
    [
        (identity(), None),
        (identity({**RECIPE, "title": "b", "train": {"epochs": 5}}), None),
        (identity({**RECIPE, "optimizer": {"lr": 0.2}}), "recipe"),
        (identity(classes=("b", "a")), "classes"),
        (identity(data=("fingerprint", 48, 3)), "data"),
        (Identity("2", identity().recipe, identity().classes, identity().data), "id"),
    ],
)
def test_the_part_that_differs_is_named(other: Identity, part: str | None) -> None:
    assert identity().difference(other) == part
    assert Identity.from_json(other.to_json()) == other


@pytest.mark.parametrize(
    ("found", "keys"),
    [
        (RECIPE, []),
        ({**RECIPE, "optimizer": {"lr": 0.2}}, ["optimizer.lr"]),
        ({**RECIPE, "network": {"stages": [{"channels": 5}]}}, ["network.stages.0.channels"]),
        ({**RECIPE, "network": {"stages": []}}, ["network.stages"]),
        ({**RECIPE, "optimizer": {}}, ["optimizer.lr"]),
        ({**RECIPE, "optimizer": {"lr": 0.1, "new": None}}, ["optimizer.new"]),
        ({**RECIPE, "train": {"epochs": True}}, ["train.epochs"]),
        ({**RECIPE, "optimizer": {"lr": 0.1}, "title": 1}, ["title"]),
    ],
)
def test_changed_keys_are_named_by_their_path(found: dict, keys: list[str]) -> None:
    assert list(changed_keys(RECIPE, found)) == keys


def test_true_is_not_one() -> None:
    assert list(changed_keys({"flip": 1}, {"flip": True})) == ["flip"]


def test_parts_that_were_changed_added_or_removed_are_named() -> None:
    digests = digests_of(RECIPE)
    found = {**RECIPE, "title": "b", "new": 1}
    del found["train"]
    assert changed_parts(found, digests) == ["title", "train", "new"]
