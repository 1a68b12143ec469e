"""What trackers get of a run."""

from mien.tracking.content import content_of, metrics_of, parameters_of
from run_builders import epoch
from tracker_builders import status_of


def test_the_recipe_is_parameters_and_text(tmp_path):
    content = content_of(status_of(tmp_path / "a", 0.5))
    assert content.parameters["optimizer.lr"] == 0.01
    assert content.parameters["train.epochs"] == 2
    assert content.parameters["train.sam"] == "null"
    assert content.parameters["train.progressive"] == "[]"
    assert "title" not in content.parameters
    assert "lr: 0.01" in content.recipe
    assert content.facts["recipe"] == "tiny"
    assert content.facts["data"] == "synthetic:70"
    assert content.facts["torch"]
    assert "pretrained" not in content.facts


def test_values_that_are_no_numbers_or_texts_are_json():
    assert parameters_of({"a": {"b": [{"c": 1}], "d": True}, "e": "x"}) == {
        "a.b": '[{"c": 1}]',
        "a.d": True,
        "e": "x",
    }


def test_metrics_are_grouped_by_their_names():
    metrics = metrics_of(epoch(2, 0.5))
    assert metrics["validation/accuracy"] == 0.5
    assert metrics["optimizer/lr"] == 0.05
    assert all(type(value) is float for value in metrics.values())
