"""The command lines in the metadata: run as they are, they make the same bundle."""

import shlex
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest

from bundle_builders import in_memory
from export_builders import idle_component, member
from mien.config import Recipe, read_recipe, with_overrides
from mien.exporting.commands import commands_of
from mien.exporting.components import component_of_bundle
from mien.exporting.options import ExportOptions
from mien.training.run_folder.info import Extension, Source
from mien.training.start import start_of


@dataclass(frozen=True)
class StandIn:
    """The parts of a run that its command depends on."""

    name: str
    info: SimpleNamespace


def trained(
    recipe, name="vgg-long", run="vgg-long", source="fer2013.csv", pretrained=None, extensions=(), **changes
):
    """Return the component of a run on a recipe."""
    tree = recipe.model_dump(mode="json") if isinstance(recipe, Recipe) else recipe
    known = Source(path=f"/home/somebody/{source}", fingerprint="f", **changes)
    stored = member(recipe=tree, recipe_name=name, run=run, source=source)
    info = SimpleNamespace(source=known, pretrained=pretrained, extensions=extensions)
    return idle_component(f"/home/somebody/{run}", run=StandIn(run, info), members=(stored,))


def lines(*components, file="tiny.onnx", name="tiny", **options):
    return commands_of(components, ExportOptions(**options), file, name)


def overrides_in(command):
    words = shlex.split(command)
    return [words[at + 1] for at, word in enumerate(words) if word == "--set"]


def test_a_shipped_recipe_without_overrides():
    assert lines(trained(read_recipe("vgg-long"))) == (
        "mien train vgg-long --data fer2013.csv",
        "mien export runs/vgg-long -o tiny.onnx",
    )


def test_an_extended_training_is_resumed_with_more_epochs():
    recipe = read_recipe("vgg-long")
    longer = with_overrides(recipe, ["train.epochs=999"])
    extension = Extension(after_epoch=1, before=recipe.train.epochs, epochs=999)
    assert lines(trained(longer, extensions=(extension,)))[:2] == (
        "mien train vgg-long --data fer2013.csv",
        "mien train --resume runs/vgg-long --epochs 999",
    )


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
        ["tta.blur=false"],
    ],
    ids=lambda overrides: overrides[0],
)
def test_overrides_lead_to_the_recipe_used(overrides):
    shipped = read_recipe("vgg-long")
    used = with_overrides(shipped, overrides)
    training = lines(trained(used))[0]
    assert with_overrides(shipped, overrides_in(training)) == used


def test_descriptions_of_a_recipe_are_not_overrides():
    used = read_recipe("vgg-long").model_copy(update={"title": "another", "cost": "more", "result": "less"})
    assert overrides_in(lines(trained(used))[0]) == []


def test_a_custom_recipe_is_a_file():
    training = lines(trained({}, name="mine"))[0]
    assert training == "mien train mine.yaml --data fer2013.csv -o runs/vgg-long"


def test_inputs_of_the_training_are_named_without_folders():
    votes = with_overrides(read_recipe("vgg-long"), ["data.targets=majority"])
    component = trained(
        votes, ferplus="/home/x/fer2013new.csv", skip_bad=True, pretrained="/x/resnet.safetensors"
    )
    assert lines(component)[0] == (
        "mien train vgg-long --data fer2013.csv --ferplus fer2013new.csv --pretrained resnet.safetensors "
        "--skip-bad --set data.targets=majority"
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, ""),
        ({"int8": True, "flip": True, "blur": True}, " --int8 --tta-flip --tta-blur"),
        ({"tta": True}, " --tta"),
        ({"data": "/home/x/fer2013.csv"}, " --data fer2013.csv"),
        ({"name": "other"}, " --name other"),
    ],
    ids=str,
)
def test_the_options_of_the_export(options, words):
    export = lines(trained(read_recipe("vgg-long")), **{"name": "tiny"} | options)[-1]
    assert export == f"mien export runs/vgg-long{words} -o tiny.onnx"


def test_runs_of_the_same_name_have_folders_of_their_own():
    shipped = read_recipe("vgg-long")
    runs = ["vgg-long", "vgg-long", "vgg-long-2", "vgg-long"]
    *trainings, export = lines(
        *(trained(with_overrides(shipped, [f"train.seed={seed}"]), run=run) for seed, run in enumerate(runs))
    )
    outputs = [command.partition(" -o ")[2] for command in trainings]
    assert outputs == ["", "runs/vgg-long-3", "runs/vgg-long-2", "runs/vgg-long-4"]
    folders = "runs/vgg-long runs/vgg-long-3 runs/vgg-long-2 runs/vgg-long-4"
    assert export == f"mien export {folders} -o tiny.onnx"


def test_the_commands_of_a_bundle_come_first():
    made = ("mien train x --data d.csv", "mien export runs/x -o x.onnx")
    bundle = idle_component("/home/somebody/x.onnx", commands=made)
    other = idle_component(
        "elsewhere/y.onnx", commands=("mien train x --data d.csv", "mien export runs/x -o y.onnx")
    )
    assert lines(bundle, other) == (
        *made,
        "mien export runs/x -o y.onnx",
        "mien export x.onnx y.onnx -o tiny.onnx",
    )


def test_a_shipped_bundle_needs_no_commands():
    bundle = replace(in_memory(commands=("mien train x",), members=(member(),)), name="small")
    model = idle_component("small", commands=component_of_bundle(bundle).commands)
    assert lines(model) == ("mien export small -o tiny.onnx",)


def test_a_command_is_one_line_and_one_command():
    training = lines(trained({}, name="x\n; rm", source="$(rm).csv"))[0]
    assert training == "mien train 'x ; rm.yaml' --data '$(rm).csv' -o runs/vgg-long"


def test_what_a_training_takes_over_from_its_weights_is_no_override():
    recipe, _ = start_of(read_recipe("finetune", ["train.epochs=9"]), None)
    command = lines(trained(recipe, "finetune", "finetune", pretrained="small"))[0]
    assert command == "mien train finetune --data fer2013.csv --pretrained small --set train.epochs=9"
    recipe, _ = start_of(read_recipe("finetune", ["network.trainable=all"]), None)
    assert overrides_in(lines(trained(recipe, "finetune", "finetune"))[0]) == ["network.trainable=all"]
