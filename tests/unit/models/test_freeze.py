import copy

import pytest
import torch
from pydantic import ValidationError
from torch import nn

from mien.errors import RecipeError
from mien.models import build_network
from mien.models.freeze import Freezing, depths, layers_at
from mien.models.plain import ConvStage, Plain
from mien.models.resnet_v2 import ResNetV2

NARROW = {"kind": "resnetv2", "width": 0.125}
PLAIN = {"kind": "plain", "stages": [{"channels": 2}, {"channels": 3}], "dense": [{"units": 4, "norm": True}]}


def frozen(config, epoch=0):
    some = build_network(config, 7)
    Freezing(config, some).apply(epoch)
    return some


def resnet(trainable, **keys):
    return frozen(ResNetV2.model_validate({**NARROW, "trainable": trainable, **keys}))


def learning(some):
    return [name for name, parameter in some.named_parameters() if parameter.requires_grad]


@pytest.mark.parametrize(
    ("trainable", "epoch", "first"),
    [
        ("all", 0, "stages.0.block1.conv.weight"),
        (3, 0, "stages.0.block1.conv.weight"),
        (2, 0, "stages.1.block1.conv.weight"),
        (1, 0, "dense.0.linear.weight"),
        (0, 0, "classifier.weight"),
        ("head", 0, "classifier.weight"),
        ({0: "head", 2: 1, 4: "all"}, 0, "classifier.weight"),
        ({0: "head", 2: 1, 4: "all"}, 3, "dense.0.linear.weight"),
        ({"0": "head", "2": 1, "4": "all"}, 4, "stages.0.block1.conv.weight"),
    ],
)
def test_what_is_trained_first(trainable, epoch, first):
    some = frozen(Plain.model_validate({**PLAIN, "trainable": trainable}), epoch)
    names = learning(some)
    assert names[0] == first
    assert names == [name for name, _ in some.named_parameters()][-len(names) :]


@pytest.mark.parametrize(
    "trainable", ["none", -1, 1.5, True, {}, {1: "head"}, {"a": 1}, {0: "half"}, [1], {-1: "all", 0: "all"}]
)
def test_other_forms_are_one_error(trainable):
    with pytest.raises(ValidationError, match="expected") as caught:
        Plain.model_validate({**PLAIN, "trainable": trainable})
    assert len(caught.value.errors()) == 1


def test_a_recipe_of_an_earlier_version_trains_all():
    assert ResNetV2.model_validate({**NARROW, "trainable": None}).trainable == "all"


def test_layers_by_epoch():
    parts = {0: "head", 2: 4, 5: "all"}
    assert [layers_at(parts, epoch) for epoch in (0, 1, 2, 4, 5, 9)] == ["head", "head", 4, 4, "all", "all"]


def test_what_is_frozen_before_stays_frozen():
    config = Plain(kind="plain", stages=(ConvStage(channels=2),), trainable={0: "head", 1: "all"})
    some = build_network(config, 7)
    whitened = some.get_submodule("stages.0.block1.conv")
    whitened.weight.requires_grad_(False)
    Freezing(config, some).apply(1)
    assert not whitened.weight.requires_grad
    assert some.get_submodule("stages.0.block1.norm").weight.requires_grad


def test_what_is_never_trained_is_frozen_before_an_optimizer_is_made():
    config = Plain.model_validate({**PLAIN, "trainable": {0: "head", 3: 1}})
    some = build_network(config, 7)
    Freezing(config, some)
    assert learning(some)[0] == "dense.0.linear.weight"


def test_the_last_fifty_layers_begin_with_keras_conv4_block5_3_conv():
    some = resnet(50, layout="keras", attention="cbam", dense=8)
    names = learning(some)
    assert names[0] == "body.stages.2.blocks.4.conv3.weight"
    still = {name for name, _ in some.named_parameters()} - set(names)
    assert all(name.startswith(("body.stem", *(f"body.stages.{n}." for n in range(3)))) for name in still)


@pytest.mark.parametrize(
    ("trainable", "first"),
    [(0, "classifier.weight"), (1, "classifier.weight"), (2, "body.norm.weight"),
     (4, "body.stages.1.blocks.0.conv3.weight"), ("all", "body.stem.conv.weight")],
)  # fmt: skip
def test_layers_of_resnetv2_are_counted_as_in_keras(trainable, first):
    assert learning(resnet(trainable, blocks=(1, 1)))[0] == first


@pytest.mark.parametrize("trainable", [4, {0: "head", 2: 4}])
def test_more_layers_than_the_body_has_are_refused(trainable):
    with pytest.raises(RecipeError, match="4 layers, but the body of this network has 3; expected at most"):
        frozen(Plain.model_validate({**PLAIN, "trainable": trainable}))


def test_frozen_norms_keep_their_statistics_and_others_do_not():
    config = ResNetV2.model_validate({**NARROW, "blocks": (1, 1), "trainable": 12})
    some = build_network(config, 7).train()
    Freezing(config, some).apply(0)
    before = copy.deepcopy(some.state_dict())
    some(torch.randn(4, 1, 24, 24))
    after = some.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert "body.stages.0.blocks.0.norm1.running_mean" not in changed
    assert "body.stages.1.blocks.0.norm2.running_mean" in changed


def test_depths_count_the_layers_behind_a_parameter():
    config = Plain.model_validate(PLAIN)
    some = build_network(config, 7)
    found = {name: depths(config, some).get(weight, 0) for name, weight in some.named_parameters()}
    assert found["stages.0.block1.conv.weight"] == found["stages.0.block1.norm.bias"] == 3
    assert (found["stages.1.block1.conv.weight"], found["dense.0.linear.weight"]) == (2, 1)
    assert found["classifier.weight"] == 0


def test_every_parameter_but_the_head_is_in_one_layer():
    for config in (Plain.model_validate(PLAIN), ResNetV2.model_validate({**NARROW, "blocks": (1, 1)})):
        some = build_network(config, 7)
        inside = [id(p) for layer in config.body_layers(some) for m in layer for p in m.parameters()]
        head = {id(p) for p in some.get_submodule("classifier").parameters()}
        assert sorted(inside) == sorted({id(p) for p in some.parameters()} - head)


def test_a_network_without_a_last_layer_has_all_its_layers_in_the_body():
    some = nn.Sequential(nn.BatchNorm2d(1), nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Conv2d(2, 7, 3))
    config = Plain.model_validate(PLAIN)
    assert [len(layer) for layer in config.body_layers(some)] == [1, 2]
