import pytest
import torch
from pydantic import ValidationError

from mien.models import build_network
from mien.models.resnet_v2 import ResNetV2, ResNetV2Body, halving_block

TIMM_RESNETV2_50 = 25_549_352
"""All parameters of timm's network with its 1000-class head; it has no biases but the head's."""

KERAS_RESNET50V2 = 25_613_800
"""What Keras' summary calls total: with the head, and the moving statistics of BatchNorm."""

IMAGENET_HEAD = 2048 * 1000 + 1000

KERAS_STATISTICS = 2 * sum(
    (inputs + 2 * middle) + (count - 1) * (4 * middle + 2 * middle)
    for inputs, middle, count in [(64, 64, 3), (256, 128, 4), (512, 256, 6), (1024, 512, 3)]
) + 2 * 2048  # fmt: skip


def resnet(**keys):
    return ResNetV2.model_validate({"kind": "resnetv2", **keys})


def small(**keys):
    return resnet(**{"blocks": (2, 2), "width": 0.125, **keys})


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize(
    ("layout", "body"),
    [
        ("torch", TIMM_RESNETV2_50 - IMAGENET_HEAD),
        ("keras", KERAS_RESNET50V2 - IMAGENET_HEAD - KERAS_STATISTICS),
    ],
)
def test_parameters_equal_the_published_networks(layout, body):
    config = resnet(layout=layout)
    assert count(ResNetV2Body(config, channels=3)) == body
    gray = body - 2 * 64 * 7 * 7
    assert count(build_network(config, 7)) == gray + 2048 * 7 + 7


def test_parameters_of_attention_and_head_equal_a_count_by_hand():
    config = resnet(attention="cbam", dense=256, dropout=0.5)
    attention = 2 * 2048 * 128 + 2 * 49
    head = (2048 * 256 + 256) + 2 * 256 + (256 * 7 + 7)
    assert count(build_network(config, 7)) == count(ResNetV2Body(config)) + attention + head


@pytest.mark.parametrize(
    ("keys", "sides"),
    [
        ({"layout": "torch"}, [12, 12, 6, 3, 2]),
        ({"layout": "keras"}, [12, 6, 3, 2, 2]),
        ({"layout": "torch", "stem": "small"}, [48, 48, 24, 12, 6]),
        ({"layout": "keras", "stem": "small"}, [48, 24, 12, 6, 6]),
    ],
)
def test_sides_of_the_maps_equal_a_count_by_hand(keys, sides):
    body = ResNetV2Body(small(blocks=(1, 2, 1, 2), width=0.0625, **keys)).eval()
    features = torch.zeros(1, 1, 48, 48)
    found = []
    with torch.no_grad():
        for part in (body.stem, *body.stages):
            features = part(features)
            found.append(features.shape[-1])
    assert found == sides


@pytest.mark.parametrize(("layout", "blocks"), [("torch", [None, 0, 0, 0]), ("keras", [2, 3, 5, None])])
def test_which_bottleneck_halves_the_map(layout, blocks):
    assert [halving_block(resnet(layout=layout), group) for group in range(4)] == blocks


def test_channels_and_width():
    assert ResNetV2Body(resnet(blocks=(1, 1), width=1)).channels == 512
    assert ResNetV2Body(resnet(blocks=(1, 1), width=0.25)).channels == 128


@pytest.mark.parametrize("blocks", [(), (0,), (2, 0)])
def test_groups_without_bottlenecks_are_refused(blocks):
    with pytest.raises(ValidationError):
        resnet(blocks=blocks)


@pytest.mark.parametrize(
    "keys",
    [
        {"layout": "torch"},
        {"layout": "keras", "attention": "cbam", "dense": 16, "dropout": 0.3},
        {"stem": "small", "blocks": (1, 1)},
    ],
)
def test_learns_in_bfloat16_and_channels_last(keys):
    torch.manual_seed(0)
    network = build_network(small(**keys), 7).to(memory_format=torch.channels_last)
    faces = torch.randn(4, 1, 48, 48).to(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(faces)
    assert logits.shape == (4, 7)
    assert logits.abs().max() < 2
    logits.float().square().sum().backward()
    assert all(torch.isfinite(parameter.grad).all() for parameter in network.parameters())


def test_one_seed_gives_one_network_and_one_answer():
    def logits():
        torch.manual_seed(5)
        return build_network(small(attention="cbam"), 7).eval()(torch.ones(2, 1, 48, 48))

    assert torch.equal(logits(), logits())


def test_state_names_tell_where_a_tensor_stands():
    names = build_network(small(blocks=(1,), attention="cbam", dense=8), 7).state_dict()
    learned = [name for name in names if "running" not in name and "tracked" not in name]
    assert learned == [
        "body.stem.conv.weight",
        "body.stages.0.blocks.0.norm1.weight",
        "body.stages.0.blocks.0.norm1.bias",
        "body.stages.0.blocks.0.shortcut.weight",
        "body.stages.0.blocks.0.conv1.weight",
        "body.stages.0.blocks.0.norm2.weight",
        "body.stages.0.blocks.0.norm2.bias",
        "body.stages.0.blocks.0.conv2.weight",
        "body.stages.0.blocks.0.norm3.weight",
        "body.stages.0.blocks.0.norm3.bias",
        "body.stages.0.blocks.0.conv3.weight",
        "body.norm.weight",
        "body.norm.bias",
        "attention.channel.squeeze.weight",
        "attention.channel.expand.weight",
        "attention.spatial.conv.weight",
        "head.linear.weight",
        "head.linear.bias",
        "head.norm.weight",
        "head.norm.bias",
        "classifier.weight",
        "classifier.bias",
    ]
