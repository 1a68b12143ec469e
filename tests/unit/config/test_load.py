import pytest

from mien.config import list_recipes, read_recipe, recipe_header, with_overrides
from mien.errors import RecipeError

TEXT = """\
# A plain network.
#
#     mien train
title: small
network:
  kind: plain
  stages:
    - channels: 4
    - channels: 8
optimizer: {kind: sgd, lr: 0.1}
train: {epochs: 3}
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_reads_a_recipe_by_path_in_both_types(path):
    assert read_recipe(path) == read_recipe(str(path))
    assert read_recipe(path).train.epochs == 3


def test_the_header_is_the_comment_that_opens_the_file(path):
    assert recipe_header(path) == "A plain network.\n\n    mien train"


def test_a_recipe_without_a_comment_has_an_empty_header(path):
    path.write_text(TEXT.partition("title")[2])
    assert recipe_header(path) == ""


@pytest.mark.parametrize(
    ("override", "get", "value"),
    [
        ("train.epochs=20", lambda r: r.train.epochs, 20),
        ("optimizer.lr=1e-3", lambda r: r.optimizer.lr, 0.001),
        ("network.stages.1.channels=16", lambda r: [s.channels for s in r.network.stages], [4, 16]),
        ("network.stages.0={channels: 2}", lambda r: [s.channels for s in r.network.stages], [2, 8]),
        ("preprocess.clahe.clip_limit=3", lambda r: r.preprocess.clahe.clip_limit, 3.0),
        ("preprocess.clahe={}", lambda r: r.preprocess.clahe.tiles, 8),
        ("train.grad_clip_norm=", lambda r: r.train.grad_clip_norm, None),
        ("augment.flip = 0.25", lambda r: r.augment.flip, 0.25),
        ("distillation.teachers=small", lambda r: r.distillation.teachers, ("small",)),
        ("distillation.teachers=[small, a b.onnx]", lambda r: r.distillation.teachers, ("small", "a b.onnx")),
        ("distillation={teachers: default, alpha: 0.5}", lambda r: r.distillation.alpha, 0.5),
        ("distillation=", lambda r: r.distillation, None),
        ("title=a=b", lambda r: r.title, "a=b"),
        ("schedule={kind: cosine, warmup: 1}", lambda r: r.schedule.warmup, 1.0),
    ],
)
def test_overrides_reach_any_value(path, override, get, value):
    assert get(read_recipe(path, [override])) == value
    assert get(with_overrides(read_recipe(path), [override])) == value


def test_a_later_override_wins_and_the_recipe_itself_stays(path):
    recipe = read_recipe(path)
    assert with_overrides(recipe, ["train.epochs=4", "train.epochs=5"]).train.epochs == 5
    assert recipe.train.epochs == 3


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("train.epochs", r"'train.epochs': expected KEY=VALUE, such as"),
        ("=3", "expected KEY=VALUE"),
        ("learning_rate=0.1", r"unknown key 'learning_rate' \(did you mean 'optimizer.lr'\?\)"),
        ("train.epoch=3", r"unknown key 'train.epoch' \(did you mean 'train.epochs'\?\)"),
        ("ema_deca=0.9", r"unknown key 'ema_deca' \(did you mean 'train.ema_decay'\?\)"),
        ("network.stem.kernel=5", r"unknown key 'network.stem' \(another kind has it\)"),
        (
            "optimizer={kind: adamw, lr: 1, momentun: 0.9}",
            r"unknown key 'optimizer.momentun' \(another kind has 'optimizer.momentum'\)$",
        ),
        (
            "kind=adam",
            r"\(did you mean 'loss.kind' or 'network.kind' or 'optimizer.kind' or 'schedule.kind'\?\)$",
        ),
        ("optimizer={lr: 1}", r"optimizer.kind is missing; expected one of sgd, adam, adamw, rmsprop$"),
        (
            "augment={alternating_flip: true, flip: 0}",
            r"augment: alternating_flip flips every face, but flip is 0; remove",
        ),
        ("tta.blur=true", r"^overrides: tta.blur blurs test faces .*set tta.blur: false$"),
        ("zzz=3", r"unknown key 'zzz'$"),
        ("train.epochs=0", r"train\.epochs: expected 1 to 100000, found 0$"),
        ("train.epochs=many", r"train.epochs: .*integer.*found 'many'"),
        ("optimizer.lr=nan", r"overrides: optimizer.lr: .*finite number"),
        ("optimizer.momentum=0", r"optimizer: .*nesterov needs a momentum above 0"),
        (
            "schedule.kind=cosinus",
            r"no schedule 'cosinus' \(did you mean 'cosine'\?\); expected one of constant, .*log_cosine",
        ),
        (
            "network.stages.0.chanels=3",
            r"unknown key 'network.stages.0.chanels' \(did you mean 'network.stages.0.channels'\?\)",
        ),
        (
            "network.stages.2.channels=3",
            r"^'network.stages.2.channels': '2' is not a position in a list of 2",
        ),
        ("network.stages.x=3", r"'x' is not a position"),
        ("title.x=3", r"^'title.x': 'x' is below a value that has no keys"),
        (
            "distillation=small",
            r"distillation: expected keys with values, such as \{teachers: \[small\]\}, found 'small'$",
        ),
        (
            "distillation.teachers=[small, a, small]",
            r"distillation\.teachers: .*small is listed twice; list each bundle once",
        ),
        (
            "distillation.teachers=",
            r"distillation\.teachers: expected a list, such as \[small\], found nothing$",
        ),
        (
            "train.progressive=24",
            r"train\.progressive: expected a list, such as \[\{size: 24, until: 0\.5\}\], found 24$",
        ),
        ("distillation.alpha=0.5", r"distillation: .*expected either teachers, such as \[small\], or pre"),
        (
            "distillation={teachers: small, alpha: 0}",
            r"distillation\.alpha: expected a number over 0 and at most 1, found 0$",
        ),
        ("distillation.teachers=3", r"distillation\.teachers: .*found 3"),
        ("data.size=300", r"data\.size: expected 24 to 224, found 300$"),
        ("title=[", "not valid YAML"),
        ("title=2024-13-45", "not valid YAML"),
        ("title=" + "[" * 600, "not valid YAML"),
        ("title=!!python/name:os.system", "not valid YAML"),
    ],
    ids=lambda value: value[:30],
)
def test_overrides_that_do_not_fit_are_explained_in_one_line(path, override, message):
    with pytest.raises(RecipeError, match=message) as caught:
        with_overrides(read_recipe(path), [override])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a YAML mapping, found NoneType"),
        ("- a\n", "found list"),
        ("a: [\n", "not valid YAML"),
        ("when: 2024-13-45\n", "not valid YAML"),
        ("title: x\n", "network: Field required"),
        (TEXT + "tittle: y\n", r"unknown key 'tittle' \(did you mean 'title'\?\)"),
    ],
)
def test_files_that_are_no_recipe_are_named_and_explained(path, text, message):
    path.write_text(text)
    with pytest.raises(RecipeError, match=message) as caught:
        read_recipe(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\xff"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / "gone.yaml"
    if content:
        path.write_bytes(content)
    with pytest.raises(RecipeError, match=r"gone.yaml: can't read this recipe"):
        read_recipe(path)


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(RecipeError, match=r"no recipe 'nosuch'.* or the path of a .yaml file"):
        read_recipe("nosuch")


@pytest.mark.parametrize(
    ("overrides", "kept"),
    [
        ([], True),
        (["title=mine"], True),
        (["network.dense=[]"], False),
        (["train.seed=1"], False),
    ],
)
def test_what_a_recipe_says_of_its_worth_holds_for_itself_only(overrides, kept):
    shipped, changed = read_recipe("cnn-sgd"), read_recipe("cnn-sgd", overrides)
    assert (changed.cost, changed.result) == ((shipped.cost, shipped.result) if kept else ("", ""))
    assert read_recipe("cnn-sgd", [*overrides, "result=70 %"]).result == "70 %"


def test_a_misspelled_key_is_named_rather_than_the_one_that_is_missing_for_it():
    with pytest.raises(
        RecipeError, match=r"unknown key 'distillation.teacher' \(did you mean 'distillation.teachers'\?\)"
    ):
        read_recipe("cnn-sgd", ["distillation.teacher=small"])


def test_every_shipped_recipe_is_valid_and_has_a_title():
    assert all(read_recipe(name).title for name in list_recipes())


UNMEASURED = {"vgg16-bn"}
"""Recipes that were never trained to their end; they say so."""


@pytest.mark.parametrize("name", list_recipes())
def test_every_shipped_recipe_states_its_command_cost_and_result(name):
    recipe = read_recipe(name)
    assert recipe_header(name).startswith(f"{name}: ")
    assert f"    mien train {name} --data " in recipe_header(name)
    if (recipe.cost, recipe.result) == ("not measured", "not measured"):
        assert name in UNMEASURED
        assert "has been measured" in " ".join(recipe_header(name).split())
        return
    assert " min for " in recipe.cost or " s for " in recipe.cost
    assert f" {recipe.train.epochs} epochs" in recipe.cost or recipe.train.early_stopping
    assert "%" in recipe.result
    assert "seed" in recipe.result


@pytest.mark.parametrize(
    ("overrides", "kind", "rate"),
    [
        (["optimizer.kind=adam"], "adam", 0.001),
        (["optimizer.lr=0.02", "optimizer.kind=rmsprop"], "rmsprop", 0.02),
        (["optimizer.kind=sgd"], "sgd", 0.05),
    ],
)
def test_another_kind_leaves_the_keys_of_the_old_one_behind(overrides, kind, rate):
    optimizer = read_recipe("cnn-sgd", overrides).optimizer
    assert (optimizer.kind, optimizer.lr) == (kind, rate)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (".".join(["a"] * 5000) + "=1", "5,000 levels of keys, expected 20 at most"),
        ("train." * 40 + "x=1", "41 levels of keys"),
        ("train..epochs=1", "expected KEY=VALUE"),
        (".train=1", "expected KEY=VALUE"),
        ("network.stages.\u00b2=1", "is not a position in a list"),
        ("network.stages." + "9" * 5000 + "=1", "is not a position in a list"),
        ("network.stages.-1=1", "is not a position in a list"),
        ("train.epochs=" + "9" * 400, "train.epochs: "),
        ("train.epochs=" + "9" * 5000, "the value is not valid YAML"),
        ("train.epochs=1e400", "train.epochs: "),
        ("train.epochs=100001", "train.epochs: expected 1 to 100000, found 100001"),
        ("train.batch_size=65537", "train.batch_size: expected 2 to 65536"),
        ("train.epochs=" + "[" * 5000, "the value is not valid YAML"),
        ("title=" + "x" * (1 << 20), "over 262,144 characters"),
        (5, "override of type int, expected a text"),
    ],
)
def test_hostile_overrides_are_one_line(override, message):
    with pytest.raises(RecipeError, match=message) as caught:
        read_recipe("vgg-clahe", [override])
    assert len(str(caught.value)) <= 2100
