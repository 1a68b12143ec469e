import torch
from torch import nn

from mien.models import build_network
from mien.models.plain import Plain
from mien.models.resnet_v2 import ResNetV2
from mien.models.summary import Row, summarize, total


def small():
    return build_network(
        Plain.model_validate(
            {
                "kind": "plain",
                "stages": [
                    {"channels": 8, "dropout": 0.2},
                    {"channels": 4, "kernel": 5, "norm": False, "padding": "valid"},
                ],
                "dense": [{"units": 10}],
            }
        ),
        7,
    )


def test_rows_equal_a_count_by_hand():
    assert summarize(small()) == [
        Row("stages.0.block1.conv", "Conv2d", (8, 48, 48), 72, 72 * 48 * 48),
        Row("stages.0.block1.norm", "BatchNorm2d", (8, 48, 48), 16, 0),
        Row("stages.0.block1.relu", "ReLU", (8, 48, 48), 0, 0),
        Row("stages.0.pool", "MaxPool2d", (8, 24, 24), 0, 0),
        Row("stages.0.dropout", "Dropout", (8, 24, 24), 0, 0),
        Row("stages.1.block1.conv", "Conv2d", (4, 20, 20), 25 * 8 * 4 + 4, 25 * 8 * 4 * 20 * 20),
        Row("stages.1.block1.relu", "ReLU", (4, 20, 20), 0, 0),
        Row("stages.1.pool", "MaxPool2d", (4, 10, 10), 0, 0),
        Row("flatten", "Flatten", (400,), 0, 0),
        Row("dense.0.linear", "Linear", (10,), 4010, 4000),
        Row("dense.0.relu", "ReLU", (10,), 0, 0),
        Row("classifier", "Linear", (7,), 77, 70),
    ]


def test_total_equals_a_sum_by_hand_and_counts_every_parameter():
    network = small()
    sums = total(summarize(network))
    assert sums.parameters == 72 + 16 + 804 + 4010 + 77 == sum(p.numel() for p in network.parameters())
    assert sums.multiply_adds == 72 * 48 * 48 + 800 * 400 + 4000 + 70
    assert sums.shape == (7,)


def test_resnet_counts_every_parameter_and_the_shared_attention_once():
    config = ResNetV2(kind="resnetv2", blocks=(1, 1), width=0.25, attention="cbam", dense=8, dropout=0.1)
    network = build_network(config, 7)
    rows = {row.name: row for row in summarize(network)}
    assert total(list(rows.values())).parameters == sum(p.numel() for p in network.parameters())
    assert rows["attention.channel.squeeze"].multiply_adds == 2 * 128 * 8
    assert rows["body.stages.1.blocks.0.conv2"].multiply_adds == 32 * 32 * 9 * 6 * 6


def test_a_layer_used_twice_has_one_row():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 1, 3, padding=1)

        def forward(self, faces):
            return self.conv(self.conv(faces))

    assert summarize(Twice(), size=4) == [Row("conv", "Conv2d", (1, 4, 4), 10, 2 * 9 * 16)]


def test_the_network_is_left_as_it_was():
    network = small().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    summarize(network)
    assert network.training
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert not any(module._forward_hooks for module in network.modules())
    summarize(network.eval())
    assert not network.training
