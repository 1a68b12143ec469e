"""The model card: its numbers are measured with the bundle, and its names are escaped."""

import hashlib
import re
from dataclasses import replace

import numpy as np
import pytest

from builders import faces, fer_csv, predictions
from bundle_builders import gray_of, tiny_bundle, tiny_card
from mien.bundles.metadata import ConfidenceThreshold
from mien.config import read_recipe, with_overrides
from mien.config.training import TTA
from mien.data import read_faces
from mien.errors import DataError
from mien.evaluation.scoring import evaluate
from mien.evaluation.shown_classes import lowest_f1
from mien.exporting.model_card import _metrics, model_card
from mien.exporting.networks import custom_recipes, custom_teachers, networks_of
from mien.labels import EMOTIONS
from training_builders import tiny_recipe

TREE = tiny_recipe().model_dump(mode="json")

UNREACHED = ConfidenceThreshold(value=1, coverage=0, accuracy=0, split="validation")


def grays(n=210):
    """Return faces that a tiny bundle classifies correctly, except fear in validation, which becomes sad."""
    some = faces(n)
    levels = np.array([gray_of(name) for name in EMOTIONS], np.uint8)
    shown = np.where((some.labels == 2) & some.in_split("validation"), 4, some.labels)
    images = np.broadcast_to(levels[shown][:, None, None], (n, 48, 48)).copy()
    images[:, 0, 0] = np.arange(n)  # so that no two are equal, except the next
    images[8] = images[np.flatnonzero(shown[:8] == shown[8])[0]]
    return replace(some, images=images)


@pytest.fixture
def data(tmp_path):
    return str(fer_csv(tmp_path / "fer2013.csv", grays()))


@pytest.fixture
def made(tmp_path, data):
    """Return a function that returns the model card of a bundle, with changes of its metadata."""

    def make(recipe=TREE, count=1, cost="", **changes):
        member = (
            tiny_card()
            .members[0]
            .model_copy(
                update={
                    "recipe": recipe,
                    "fingerprint": read_faces(data).fingerprint,
                    "source": "fer2013.csv",
                }
            )
        )
        path = tiny_bundle(tmp_path / "tiny.onnx", **{"members": (member,) * count, **changes})
        return model_card(str(path), data, cost=cost)

    return make


def table_of(text, heading):
    """Return the cells of the rows below the table's heading."""
    rows = text[text.index(heading) :].partition("\n\n")[0].splitlines()
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows[2:]]


def test_the_file_is_described(made, tmp_path):
    text = made(precision="int8")
    facts = dict(table_of(text, "| | |"))
    assert hashlib.sha256((tmp_path / "tiny.onnx").read_bytes()).hexdigest() in facts["SHA-256"]
    assert facts["file"] == "`tiny.onnx`, 0.1 MB, int8 weights and activations, ONNX opset 18"
    assert (facts["input"], facts["test-time augmentation"]) == ("48x48 pixels, gray", "none")
    assert "`mien bundle info tiny.onnx` prints" in text
    assert facts["network"] == "1,234 parameters"
    assert facts["recipe"] == "`tiny`; one seed (0)"
    assert re.fullmatch(
        r"168 training faces \(`fer2013.csv`, fingerprint `\w{32}`\); no other data, no pretrained weights",
        facts["training data"],
    )
    assert facts["selection and calibration"] == (
        "the validation split of fer2013.csv (21 faces): "
        "checkpoint (by accuracy), temperature scaling (temperature 1.000) and confidence threshold"
    )


def test_the_numbers_are_measured_with_the_bundle(made):
    text = made()
    assert "Accuracy **85.7 %** (95 % confidence interval 65.4 % to 95.0 %)" in text
    assert "1 of these faces also occur in the training split" in text
    rows = table_of(text, "| class |")
    assert [row[0] for row in rows] == list(EMOTIONS)
    assert rows[2] == ["fear", "3", "0.0 %", "0.0 %", "0.0 % to 56.1 %", "0.000"]
    assert rows[4] == ["sad", "3", "50.0 %", "100.0 %", "43.9 % to 100.0 %", "0.667"]
    assert table_of(text, "| most frequent") == [["fear → sad", "3", "100.0 %"]]
    assert "- Low recall: fear 0 %." in text
    assert "Confidence threshold 0.550: coverage 100.0 % at 85.7 % selective accuracy." in text


def test_the_stated_metrics_are_named_where_they_differ(made):
    assert "out of fold on the machine of the export, states: accuracy 65.3 %, coverage 71.0 %." in made()
    threshold = ConfidenceThreshold(value=0.55, coverage=1, accuracy=0.857, split="validation")
    scores = tiny_card().scores[0].model_copy(update={"accuracy": 18 / 21})
    assert "of the export" not in made(confidence_threshold=threshold, scores=(scores,))


@pytest.mark.parametrize(
    ("changes", "there", "missing"),
    [
        pytest.param(
            {"confidence_threshold": None},
            "temperature scaling (temperature 1.000) |",
            "Confidence threshold",
            id="no threshold",
        ),
        pytest.param(
            {"confidence_threshold": UNREACHED},
            "so every face is marked as uncertain",
            "Confidence threshold",
            id="no threshold is accurate enough",
        ),
        pytest.param({"recipe": {}}, "one seed |", "## Computational cost", id="unknown recipe"),
        pytest.param(
            {"recipe": {}, "cost": "1 ms"}, "## Computational cost\n1 ms.\n", "million", id="cost alone"
        ),
        pytest.param({"cost": "1 ms."}, "million multiply-adds per face: 1 ms.\n", "1 ms..", id="both costs"),
        pytest.param({"count": 2}, "| networks | ensemble of 2,", "one seed", id="ensemble"),
        pytest.param({}, "## Computational cost", "distilled from", id="plain"),
    ],
)
def test_known_facts_are_included(changes, there, missing, made):
    text = made(**changes)
    assert there in text
    assert missing not in text
    assert "\n\n\n" not in text


@pytest.mark.parametrize(
    ("distilled", "notes", "expected"),
    [
        pytest.param(False, "", "; no other data, no pretrained weights |", id="nothing"),
        pytest.param(True, "", "; no pretrained weights |", id="distilled, without a note"),
        pytest.param(
            True,
            "It was distilled from small.",
            "; no pretrained weights. It was distilled from small. |",
            id="distilled",
        ),
        pytest.param(
            False, "The training\nstarted from a|b.", r". The training started from a\|b. |", id="pretrained"
        ),
        pytest.param(
            True,
            "The training started from a. It was distilled from small.",
            ". The training started from a. It was distilled from small. |",
            id="both",
        ),
    ],
)
def test_other_inputs_of_the_training_are_named(distilled, notes, expected, made):
    recipe = (
        {**TREE, "distillation": {"teachers": ["small"], "alpha": 1, "temperature": 1}} if distilled else TREE
    )
    text = made(recipe, notes=notes)
    (line,) = (row for row in text.splitlines() if row.startswith("| training data |"))
    assert line.endswith(f"){expected}")
    assert "\n\n\n" not in text


@pytest.mark.parametrize("count", [1, 2])
def test_teachers_are_named(count, made):
    text = made(
        {**TREE, "distillation": {"teachers": ["a.onnx", "b.onnx"], "alpha": 0.7, "temperature": 4}}, count
    )
    assert "a.onnx and b.onnx (alpha 0.7, temperature 4) |" in text
    assert "distilled from |" in text
    assert "no other data" not in text
    for name in ("a.onnx", "b.onnx"):
        assert text.count(f"\nThe teacher `{name}` does not ship with mien. Place it in") == 1
    assert "\n\n\n" not in text


def test_cost_counts_every_view_of_every_network(made):
    def work(text):
        return int(re.search(r"^([\d,]+) million", text, re.MULTILINE)[1].replace(",", ""))

    recipe = read_recipe("cnn3-weighted").model_dump(mode="json")
    assert work(made(recipe)) == 11
    assert work(made(recipe, 3, tta=TTA())) == pytest.approx(330, abs=15)


def test_fer2013_is_recognized_by_its_class_counts(made, monkeypatch):
    counts = tuple(3 for _ in EMOTIONS)
    monkeypatch.setattr("mien.evaluation.caveats.KNOWN", {counts: "FER2013's PublicTest"})
    text = made()
    assert "Measured on FER2013's PublicTest. The checkpoint was selected on PublicTest" in text
    assert "PrivateTest is held out" in text
    assert "collected by a web search in 2013" in text
    assert "168 Training rows of FER2013" in text


def test_other_faces_than_those_of_the_training_are_refused(made, data, tmp_path):
    made(count=2)
    expected = r"synthetic:70: fingerprint .* was trained on fer2013.csv \(\w+\); a model card"
    with pytest.raises(DataError, match=expected):
        model_card(str(tmp_path / "tiny.onnx"), "synthetic:70")


@pytest.mark.parametrize("recipe", [{}, {"train": 3, "distillation": "x"}, {"title": 5}])
def test_an_unreadable_recipe_is_accepted(recipe):
    (network,) = networks_of(
        tiny_card(members=[tiny_card().members[0].model_copy(update={"recipe": recipe})])
    )
    assert (network.seed, network.teachers, network.multiply_adds) == (None, "", None)


def test_names_are_escaped_in_tables(made):
    text = made({**TREE, "title": "x | y\nz"}, 2, name="a`b|c")
    (first, *_) = table_of(text, "| network |")
    assert first == ["tiny-1", r"`tiny`: x \| y z", "0", "1,234"]
    assert text.startswith("# Model card: `a'b\\|c`\n")


def test_the_stored_commands_are_printed(made):
    text = made(commands=("mien train x --data d.csv", "mien export runs/x -o tiny.onnx"), cost="1 ms")
    section = text.partition("## Reproduction\n")[2]
    assert section.startswith(
        "    mien train x --data d.csv\n    mien export runs/x -o tiny.onnx\n"
        "    mien bundle card tiny.onnx --data fer2013.csv --cost '1 ms'\n"
    )


def trained_with(name, *overrides):
    recipe = with_overrides(read_recipe("vgg-long" if name == "mine" else name), overrides)
    changes = {"recipe": recipe.model_dump(mode="json"), "recipe_name": name}
    return tiny_card().members[0].model_copy(update=changes)


def test_custom_recipes_and_teachers_are_named():
    teachers = "distillation.teachers=[{}]".format
    members = [
        trained_with("vgg-long", teachers("small, b.onnx")),
        trained_with("mine", teachers("a.onnx, b.onnx")),
        trained_with("distilled", teachers("vgg-long.onnx, friend.onnx")),
    ]
    metadata = tiny_card(members=members)
    assert custom_recipes(metadata) == ["mine"]
    expected = {"a.onnx": "", "b.onnx": "", "friend.onnx": "", "vgg-long.onnx": "distilled"}
    assert custom_teachers(metadata) == expected


def test_of_many_classes_those_with_the_lowest_f1_are_listed():
    found = predictions(200, 40)
    values = _metrics(tiny_card(classes=found.classes, scores=()), evaluate(found))
    assert values["omitted"] == "the 30 lowest by F1 of 40 classes"
    assert [row["scores"] for row in values["rows"]] == list(lowest_f1(evaluate(found)))
