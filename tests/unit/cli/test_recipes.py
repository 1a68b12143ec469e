import pytest
import torch

from mien.cli.app import run
from mien.cli.recipes import list_, show
from mien.config import list_recipes, read_recipe, with_overrides
from mien.models import build_network

RECIPE = """\
# What it is.
#   mien train tiny.yaml
title: tiny
cost: 3 s
result: 50 %
network: {kind: plain, stages: [{channels: 8}], width: 1.0}
optimizer: {kind: adam}
train: {epochs: 1}
"""

TOO_SMALL = [
    word
    for change in ("kernel=11", "padding=valid", "convolutions=5")
    for word in ("--set", f"network.stages.0.{change}")
]


@pytest.fixture
def tiny(tmp_path):
    path = tmp_path / "tiny.yaml"
    path.write_text(RECIPE)
    return path


@pytest.mark.parametrize("name", list_recipes())
def test_every_shipped_recipe_builds_a_network_of_seven_logits(name):
    recipe = read_recipe(name)
    size, channels = recipe.data.size, recipe.data.channels
    network = build_network(recipe.network, 7, size=size, channels=channels).eval()
    with torch.no_grad():
        logits = network(torch.rand(2, channels, size, size))
    assert logits.shape == (2, 7)
    assert logits.isfinite().all()


def test_the_list_has_a_line_for_every_recipe(capsys):
    list_()
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.split() == ["name", "title", "cost", "result"]
    assert [line.split()[0] for line in lines] == list_recipes()
    assert all(read_recipe(name).title in line for name, line in zip(list_recipes(), lines, strict=True))


def test_show_prints_header_recipe_and_layers(tiny, capsys):
    show(str(tiny))
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["# What it is.", "#   mien train tiny.yaml", "title: tiny"]
    assert lines[-1].split() == ["#", "total", "7", f"{72 + 16 + 8 * 24 * 24 * 7 + 7:,}", "198,144"]
    assert "# stages.0.block1.conv  Conv2d       8 x 48 x 48          72        165,888" in lines


def test_a_terminal_gets_tables(tiny, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    show(str(tiny))
    list_()
    out = capsys.readouterr().out
    assert " stages.0.block1.conv" in out
    assert "# stages" not in out
    assert sum("─" * 50 in line for line in out.splitlines()) == 2


@pytest.mark.parametrize(
    "overrides", [(), ("network.stages.0.channels=16", "train.epochs=7"), ("distillation.teachers=default",)]
)
def test_what_show_prints_is_a_recipe(tiny, overrides, tmp_path, capsys):
    show(str(tiny), overrides=overrides)
    again = tmp_path / "again.yaml"
    again.write_text(capsys.readouterr().out)
    assert read_recipe(again) == with_overrides(read_recipe(tiny), overrides)


@pytest.mark.parametrize("name", list_recipes())
def test_a_shipped_recipe_survives_being_shown(name, tmp_path, capsys):
    show(name)
    again = tmp_path / "again.yaml"
    again.write_text(capsys.readouterr().out)
    assert read_recipe(again) == read_recipe(name)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["recipes", "show", "nonsense"], "no recipe 'nonsense'"),
        (["recipes", "show", "demo", "--set", "network.widht=2"], "did you mean 'network.width'?"),
        (["recipes", "show", "demo", *TOO_SMALL], "too small for this stage"),
    ],
)
def test_errors_are_one_line_and_exit_code_two(words, message, capsys):
    assert run(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert captured.err.count("\n") == 1
