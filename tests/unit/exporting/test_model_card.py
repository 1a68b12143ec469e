"""The model card: every number in it is the bundle's own, and every name in it stays a name."""

import hashlib
import re
from dataclasses import replace

import numpy as np
import pytest

from builders import faces, fer_csv
from bundle_builders import gray_of, tiny_bundle, tiny_card
from mien.bundles.metadata import ConfidenceThreshold
from mien.config import read_recipe
from mien.config.training import TTA
from mien.data import read_faces
from mien.errors import DataError
from mien.exporting.model_card import model_card, networks_of
from mien.labels import EMOTIONS
from training_builders import tiny_recipe

TREE = tiny_recipe().model_dump(mode="json")


def grays(n=210):
    """Return faces that a tiny bundle knows, but for the fear of validation, which it takes for sad."""
    some = faces(n)
    levels = np.array([gray_of(name) for name in EMOTIONS], np.uint8)
    shown = np.where((some.labels == 2) & some.in_split("validation"), 4, some.labels)
    images = np.broadcast_to(levels[shown][:, None, None], (n, 48, 48)).copy()
    images[:, 0, 0] = np.arange(n)  # so that they are not the same, but for the next
    images[8] = images[np.flatnonzero(shown[:8] == shown[8])[0]]
    return replace(some, images=images)


@pytest.fixture
def data(tmp_path):
    return str(fer_csv(tmp_path / "fer2013.csv", grays()))


@pytest.fixture
def made(tmp_path, data):
    """Return a function that gives the model card of a bundle whose metadata has changes."""

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


def test_it_is_about_this_very_file(made, tmp_path):
    text = made(precision="int8")
    facts = dict(table_of(text, "| | |"))
    assert hashlib.sha256((tmp_path / "tiny.onnx").read_bytes()).hexdigest() in facts["SHA-256"]
    assert facts["file"] == "`tiny.onnx`, 0.1 MB, int8 weights and activations, ONNX opset 18"
    assert facts["looks at"] == "48x48 pixels, gray; looks once"
    assert "`mien bundle info tiny.onnx` prints" in text
    assert facts["network"] == "1,234 parameters"
    assert facts["recipe"] == "`tiny`; one seed (0)"
    assert re.fullmatch(
        r"168 training faces \(`fer2013.csv`, fingerprint `\w{32}`\); nothing else, no pretrained weights",
        facts["data"],
    )
    assert facts["chosen and calibrated on"] == (
        "the validation split of fer2013.csv (21 faces): "
        "it chose the epoch (by accuracy), the temperature (1.000) and the threshold"
    )


def test_the_numbers_are_measured_with_the_bundle(made):
    text = made()
    assert "accuracy **85.7%** (95 % interval 65.4% to 95.0%)" in text
    assert "1 of these faces are among the training faces too" in text
    rows = table_of(text, "| expression |")
    assert [row[0] for row in rows] == list(EMOTIONS)
    assert rows[2] == ["fear", "3", "0.0%", "0.0%", "0.0% to 56.1%", "0.000"]
    assert rows[4] == ["sad", "3", "50.0%", "100.0%", "43.9% to 100.0%", "0.667"]
    assert table_of(text, "| most frequent") == [["fear → sad", "3", "100.0%"]]
    assert "- It misses 100% of fear." in text
    assert "from a probability of 0.550 on: 100.0% of the faces, 85.7% of them right" in text


def test_what_the_bundle_says_of_itself_is_told_where_it_differs(made):
    assert "Measured at its export, on another machine: 65.3% accuracy, 71.0% sure." in made()
    sure = ConfidenceThreshold(value=0.55, coverage=1, accuracy=0.857, split="validation")
    scores = tiny_card().scores[0].model_copy(update={"accuracy": 18 / 21})
    assert "at its export" not in made(confidence_threshold=sure, scores=(scores,))


@pytest.mark.parametrize(
    ("changes", "there", "missing"),
    [
        pytest.param(
            {"confidence_threshold": None},
            "the temperature (1.000) |",
            "**ThresholdFit and uncertain.**",
            id="never uncertain",
        ),
        pytest.param({"recipe": {}}, "one seed |", "## What it costs", id="unknown recipe"),
        pytest.param({"recipe": {}, "cost": "1 ms"}, "## What it costs\n1 ms.\n", "million", id="cost alone"),
        pytest.param({"cost": "1 ms."}, "million multiply-adds a face: 1 ms.\n", "1 ms..", id="both costs"),
        pytest.param({"count": 2}, "| networks | 2, whose", "one seed", id="ensemble"),
        pytest.param({}, "## What it costs", "taught by", id="plain"),
    ],
)
def test_what_is_known_is_told(changes, there, missing, made):
    text = made(**changes)
    assert there in text
    assert missing not in text
    assert "\n\n\n" not in text


@pytest.mark.parametrize(
    ("taught", "notes", "told"),
    [
        pytest.param(False, "", "; nothing else, no pretrained weights |", id="nothing"),
        pytest.param(True, "", "; no pretrained weights |", id="taught before notes said so"),
        pytest.param(
            True, "It was taught by small.", "; no pretrained weights. It was taught by small. |", id="taught"
        ),
        pytest.param(
            False, "The training\nstarted from a|b.", r". The training started from a\|b. |", id="pretrained"
        ),
        pytest.param(
            True,
            "The training started from a. It was taught by small.",
            ". The training started from a. It was taught by small. |",
            id="both",
        ),
    ],
)
def test_what_a_training_had_beside_the_faces_is_one_sentence_after_another(taught, notes, told, made):
    recipe = (
        {**TREE, "distillation": {"teachers": ["small"], "alpha": 1, "temperature": 1}} if taught else TREE
    )
    text = made(recipe, notes=notes)
    (line,) = (row for row in text.splitlines() if row.startswith("| data |"))
    assert line.endswith(f"){told}")
    assert ("add `--pretrained FILE` to its command" in text) == ("started from" in notes.replace("\n", " "))
    assert "\n\n\n" not in text


@pytest.mark.parametrize("count", [1, 2])
def test_teachers_are_told(count, made):
    text = made(
        {**TREE, "distillation": {"teachers": ["a.onnx", "b.onnx"], "alpha": 0.7, "temperature": 4}}, count
    )
    assert "a.onnx and b.onnx (alpha 0.7, temperature 4) |" in text
    assert "taught by |" in text
    assert "nothing else" not in text
    for name in ("a.onnx", "b.onnx"):
        assert text.count(f"\n`{name}`, which taught, does not ship with this mien: ") == 1
    assert "\n\n\n" not in text


def test_work_counts_every_look_of_every_network(made):
    def work(text):
        return int(re.search(r"^([\d,]+) million", text, re.MULTILINE)[1].replace(",", ""))

    recipe = read_recipe("cnn3-weighted").model_dump(mode="json")
    assert work(made(recipe)) == 11
    assert work(made(recipe, 3, tta=TTA())) == pytest.approx(330, abs=15)


def test_fer2013_is_told_by_its_counts(made, monkeypatch):
    counts = tuple(3 for _ in EMOTIONS)
    monkeypatch.setattr("mien.evaluation.caveats.KNOWN", {counts: "FER2013's PublicTest"})
    text = made()
    assert "On FER2013's PublicTest, which chose it" in text
    assert "PrivateTest chose nothing" in text
    assert "gathered by a web search in 2013" in text
    assert "168 Training rows" in text


def test_other_faces_than_those_of_the_training_are_refused(made, data, tmp_path):
    made(count=2)
    told_once = r"synthetic:70: faces of fingerprint .* was trained on fer2013.csv \(\w+\); its metadata"
    with pytest.raises(DataError, match=told_once):
        model_card(str(tmp_path / "tiny.onnx"), "synthetic:70")


@pytest.mark.parametrize("recipe", [{}, {"train": 3, "distillation": "x"}, {"title": 5}])
def test_a_recipe_of_another_time_is_no_trouble(recipe):
    (network,) = networks_of(
        tiny_card(members=[tiny_card().members[0].model_copy(update={"recipe": recipe})])
    )
    assert (network.seed, network.teacher, network.multiply_adds) == (None, "", None)


def test_tables_are_whole_whatever_the_names(made):
    text = made({**TREE, "title": "x | y\nz"}, 2, name="a`b|c")
    (first, *_) = table_of(text, "| network |")
    assert first == ["tiny-1", r"`tiny`: x \| y z", "0", "1,234"]
    assert text.startswith("# Model card: `a'b\\|c`\n")
