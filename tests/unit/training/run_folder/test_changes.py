"""Which values of a recipe a run changed."""

from mien.config import read_recipe
from mien.training.run_folder.changes import (
    changes_between,
    changes_of,
    dotted_keys,
    remaining_changes,
    unused_changes,
    value_at,
)
from mien.training.run_folder.info import Extension
from training_builders import tiny_recipe, tiny_run


def test_changes_are_the_values_that_differ_without_descriptions():
    after = tiny_recipe("optimizer.lr=0.5", "title=x", "network.stages.0.channels=6", "loss.kind=focal")
    changes = changes_between(tiny_recipe(), after)
    assert changes["optimizer.lr"] == 0.5
    assert changes["network.stages.0.channels"] == 6
    assert changes["loss.kind"] == "focal"
    assert "title" not in changes


def test_a_run_records_them_and_more_epochs_are_one(tmp_path):
    info = tiny_run(tmp_path / "a").info
    recorded = info.model_copy(update={"changes": {"train.seed": 1}})
    tree = {"train": {"epochs": 9}}
    assert changes_of(recorded, tree) == {"train.seed": 1}
    longer = recorded.model_copy(update={"extensions": (Extension(after_epoch=1, before=2, epochs=9),)})
    assert changes_of(longer, tree) == {"train.seed": 1, "train.epochs": 9}


def test_a_run_without_a_record_is_compared_with_the_shipped_recipe(tmp_path):
    info = tiny_run(tmp_path / "a").info
    tree = read_recipe("demo", ["optimizer.lr=0.5", "augment.flip=0.25"]).model_dump(mode="json")
    known = info.model_copy(update={"recipe_name": "demo"})
    assert changes_of(known, tree) == {"optimizer.lr": 0.5, "augment.flip": 0.25}
    assert changes_of(known, read_recipe("demo").model_dump(mode="json")) == {}
    assert changes_of(info, tree) == {}  # no such recipe


def test_changes_that_a_start_without_weights_takes_back_are_left_out():
    changes = {"network.trainable": "head", "optimizer.lr": 0.5}
    assert remaining_changes(changes, tiny_recipe("optimizer.lr=0.5")) == {"optimizer.lr": 0.5}
    assert remaining_changes(changes, tiny_recipe("optimizer.lr=0.5", "network.trainable=head")) == changes


def test_unused_changes_are_named_with_the_reason():
    requested, remaining = {"data.size": 64, "train.epochs": 1}, {"train.epochs": 1}
    assert unused_changes(requested, requested, pretrained=True) is None
    assert unused_changes(requested, remaining, pretrained=True).startswith(
        "data.size: unused, since network,"
    )
    assert "all layers are trained" in unused_changes(requested, remaining, pretrained=False)


def test_values_by_epoch_are_one_value():
    before, after = (tiny_recipe(f"network.trainable={{0: head, {epoch}: all}}") for epoch in (2, 3))
    (changes,) = changes_between(before, after).items()
    assert changes[0] == "network.trainable"
    assert list(map(str, changes[1])) == ["0", "3"]
    assert list(dotted_keys({"a": {"0": 1, "3": 2}, "b": {1: 2}})) == ["a", "b"]


def test_values_of_a_tree():
    tree = {"a": {"b": [{"c": 1}, 2], "d": {}}, "e": None}
    assert list(dotted_keys(tree)) == ["a.b", "a.d", "e"]
    assert [value_at(tree, key) for key in ("a.b.0.c", "a.b.1", "a.b.9", "a.x.y", "e")] == [
        1,
        2,
        None,
        None,
        None,
    ]
