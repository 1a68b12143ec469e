import copy

import pytest
import torch

from mien.models import build_network
from mien.models.freeze import body_layers, freeze
from mien.models.resnet_v2 import ResNetV2, ResNetV2Body

NARROW = {"kind": "resnetv2", "width": 0.125}


def network(**keys):
    return build_network(ResNetV2.model_validate({**NARROW, **keys}), 7)


def learning(some):
    return [name for name, parameter in some.named_parameters() if parameter.requires_grad]


@pytest.mark.parametrize(("layout", "layers"), [("keras", 190), ("torch", 187)])
def test_resnet50v2_has_as_many_layers_as_keras_counts(layout, layers):
    assert len(body_layers(ResNetV2Body(ResNetV2(layout=layout, **NARROW)))) == layers


@pytest.mark.parametrize("layout", ["keras", "torch"])
def test_every_weight_of_the_body_belongs_to_one_layer(layout):
    body = ResNetV2Body(ResNetV2(layout=layout, **NARROW))
    counted = [p for layer in body_layers(body) if layer is not None for p in layer.parameters()]
    assert [id(p) for p in counted] != []
    assert sorted(map(id, counted)) == sorted(map(id, body.parameters()))


@pytest.mark.parametrize("layout", ["keras", "torch"])
def test_the_last_fifty_layers_begin_with_keras_conv4_block5_3_conv(layout):
    some = network(layout=layout, attention="cbam", dense=8)
    freeze(some, 50)
    names = learning(some)
    before = (
        "body.stem.",
        "body.stages.0.",
        "body.stages.1.",
        *(f"body.stages.2.blocks.{n}." for n in range(4)),
    )
    assert names[0] == "body.stages.2.blocks.4.conv3.weight"
    assert not [name for name in names if name.startswith(before)]
    frozen = {name for name, _ in some.named_parameters()} - set(names)
    assert not [
        name for name in frozen if name.startswith(("body.stages.3", "body.stages.2.blocks.5", "body.norm"))
    ]
    assert not [name for name in frozen if not name.startswith("body.")]


@pytest.mark.parametrize(
    ("trainable", "first"),
    [
        (0, "classifier.weight"),
        (1, "classifier.weight"),
        (2, "body.norm.weight"),
        (4, "body.stages.3.blocks.2.conv3.weight"),
        (6, "body.stages.3.blocks.2.norm3.weight"),
        (10_000, "body.stem.conv.weight"),
        (None, "body.stem.conv.weight"),
    ],
)
def test_what_learns_first(trainable, first):
    some = network()
    freeze(some, 0)
    freeze(some, trainable)
    assert learning(some)[0] == first


def test_frozen_norms_keep_their_statistics_and_others_do_not():
    some = network(blocks=(1, 1))
    freeze(some, 12)
    before = copy.deepcopy(some.state_dict())
    some.train()
    some(torch.randn(4, 1, 48, 48))
    after = some.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    frozen, free = "body.stages.0.blocks.0.norm1.running_mean", "body.stages.1.blocks.0.norm2.running_mean"
    assert frozen not in changed
    assert free in changed
    assert "body.norm.running_var" in changed


def test_a_frozen_network_frozen_while_training_is_fixed_at_once():
    some = network(blocks=(1, 1)).train()
    freeze(some, 0)
    assert not some.body.norm.training
    freeze(some, None)
    some.train()
    assert some.body.norm.training


def test_the_configuration_freezes_its_network():
    config = ResNetV2.model_validate({**NARROW, "trainable": 0})
    some = build_network(config, 7)
    config.freeze(some)
    assert not any(weight.requires_grad for weight in some.body.parameters())
    assert all(weight.requires_grad for weight in some.classifier.parameters())
