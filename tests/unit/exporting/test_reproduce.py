"""The commands of a model card: run as they stand, they tell a training what it was told."""

import shlex

import pytest

from bundle_builders import tiny_card
from mien.config import Recipe, read_recipe, with_overrides
from mien.config.training import TTA
from mien.exporting.reproduce import commands_of, own_recipes, own_teachers, recipe_of


def member(recipe, name="vgg-long", run="vgg-long", source="fer2013.csv"):
    """Return a network that was trained on a recipe."""
    tree = recipe.model_dump(mode="json") if isinstance(recipe, Recipe) else recipe
    changes = {"recipe": tree, "recipe_name": name, "run": run, "source": source}
    return tiny_card().members[0].model_copy(update=changes)


def lines(*members, cost="", file="tiny.onnx", **changes):
    return commands_of(tiny_card(members=members, **changes), file, cost)


def overrides_in(command):
    words = shlex.split(command)
    return [words[at + 1] for at, word in enumerate(words) if word == "--set"]


def test_a_shipped_recipe_as_it_is():
    assert lines(member(read_recipe("vgg-long"))) == [
        "mien train vgg-long --data fer2013.csv",
        "mien export runs/vgg-long -o tiny.onnx",
        "mien bundle card tiny.onnx --data fer2013.csv",
    ]


@pytest.mark.parametrize(
    "overrides",
    [
        ["train.seed=3"],
        ["optimizer.kind=adam", "optimizer.lr=0.002"],
        [
            "network.stages.0.channels=48",
            "loss.label_smoothing=0",
            "preprocess.clahe={clip_limit: 3, tiles: 4}",
        ],
        ["distillation.teachers=[a.onnx, b.onnx]", "distillation.temperature=4"],
        ["schedule.kind=plateau", "train.early_stopping={patience: 4}"],
        ["network.kind=resnet9", "network.stages=[{channels: 32}]"],
    ],
    ids=lambda overrides: overrides[0],
)
def test_overrides_lead_to_the_recipe_as_used(overrides):
    shipped = read_recipe("vgg-long")
    used = with_overrides(shipped, overrides)
    training = lines(member(used))[0]
    assert with_overrides(shipped, overrides_in(training)) == used


def test_teachers_that_do_not_ship_are_files():
    taught = [
        member(with_overrides(read_recipe("vgg-long"), [f"distillation.teachers=[{names}]"]))
        for names in ("small, b.onnx", "a.onnx, b.onnx", "large")
    ]
    assert own_teachers(tiny_card(members=taught)) == {"a.onnx": "", "b.onnx": ""}
    assert own_teachers(tiny_card(members=[member(read_recipe("vgg-long")), member({})])) == {}


def test_words_of_a_recipe_are_no_overrides():
    used = read_recipe("vgg-long").model_copy(update={"title": "another", "cost": "more", "result": "less"})
    assert overrides_in(lines(member(used))[0]) == []


@pytest.mark.parametrize("recipe", [{}, {"train": 7}, {"a key of": "tomorrow"}])
def test_a_recipe_that_is_not_known_is_a_file(recipe):
    unknown = member(recipe)
    assert recipe_of(unknown) is None
    assert lines(unknown)[0] == "mien train vgg-long.yaml --data fer2013.csv"
    assert own_recipes(tiny_card(members=[unknown])) == ["vgg-long"]


def test_an_ensemble_with_views_in_int8_under_a_name_of_its_own():
    votes = with_overrides(read_recipe("vgg-long"), ["data.targets=majority"])
    votes_of = "--data fer2013.csv --ferplus fer2013new.csv --set data.targets=majority"
    members = member(votes, run="a b"), member(read_recipe("cnn-sgd"), name="mine", run="c")
    assert lines(
        *members,
        precision="int8",
        tta=TTA(blur=True),
        name="both",
        file="two.onnx",
        cost="1 ms",
    ) == [
        f"mien train vgg-long {votes_of} --out 'runs/a b'",
        "mien train mine.yaml --data fer2013.csv --out runs/c",
        "mien export 'runs/a b' runs/c --int8 --tta --tta-blur --name both -o two.onnx",
        "mien bundle card two.onnx --data fer2013.csv --cost '1 ms'",
    ]
    assert own_recipes(tiny_card(members=members)) == ["mine"]


def test_runs_of_the_same_name_get_folders_of_their_own():
    shipped = read_recipe("vgg-long")
    runs = ["vgg-long", "vgg-long", "vgg-long-2", "vgg-long"]
    *trainings, export, _ = lines(*(member(shipped, run=run) for run in runs))
    outs = ["", " --out runs/vgg-long-3", " --out runs/vgg-long-2", " --out runs/vgg-long-4"]
    assert trainings == [f"mien train vgg-long --data fer2013.csv{out}" for out in outs]
    folders = "runs/vgg-long runs/vgg-long-3 runs/vgg-long-2 runs/vgg-long-4"
    assert export == f"mien export {folders} -o tiny.onnx"


@pytest.mark.parametrize(
    ("tta", "option"),
    [
        pytest.param(None, "", id="one look"),
        pytest.param(TTA(blur=True), " --tta --tta-blur", id="those of the recipe"),
        pytest.param(TTA(shift=0), " --tta-flip", id="the mirror image only"),
        pytest.param(TTA(flip=False, shift=0, blur=True), " --tta-blur", id="one softened look"),
        pytest.param(TTA(shift=0, blur=True), " --tta-flip --tta-blur", id="both softened"),
        pytest.param(TTA(shift=1), "", id="others"),
    ],
)
def test_the_option_is_the_one_that_gives_these_views(tta, option):
    assert lines(member(read_recipe("vgg-long")), tta=tta)[1] == (
        f"mien export runs/vgg-long{option} -o tiny.onnx"
    )


@pytest.mark.parametrize(
    ("tta", "told", "options"),
    [
        pytest.param(TTA(blur=True), [], "--tta --tta-blur", id="export softens anyway"),
        pytest.param(TTA(shift=0), [], "--tta-flip", id="export doesn't look at the recipe"),
        pytest.param(TTA(), ["tta.blur=false"], "--tta", id="the recipe softens by now"),
    ],
)
def test_of_a_recipe_that_did_not_soften_yet_softening_is_told_once(tta, told, options):
    used = with_overrides(read_recipe("vgg-long"), ["tta.blur=false"])
    training, export, _ = lines(member(used), tta=tta)
    assert overrides_in(training) == told
    assert export == f"mien export runs/vgg-long {options} -o tiny.onnx"


def test_a_command_is_one_line_and_one_command():
    (training, *_) = lines(member({}, name="x\n; rm", source="$(rm).csv"))
    assert training == "mien train 'x ; rm.yaml' --data '$(rm).csv' --out runs/vgg-long"


def test_a_shipped_recipe_tells_how_its_teachers_are_made():
    distilled = read_recipe("distilled")
    other = with_overrides(distilled, ["distillation.teachers=[vgg-long.onnx, friend.onnx]"])
    found = own_teachers(tiny_card(members=[member(other, "distilled")]))
    assert found == {"friend.onnx": "", "vgg-long.onnx": "distilled"}
