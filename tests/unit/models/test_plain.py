import pytest
import torch

from mien.errors import RecipeError
from mien.models import build_network
from mien.models.plain import Plain, PlainNetwork, size_after


def plain(*stages, dense=(), width=1.0):
    return Plain.model_validate({"kind": "plain", "stages": stages, "dense": dense, "width": width})


def count(network):
    return sum(parameter.numel() for parameter in network.parameters())


KERAS_SMALL = plain(
    {"channels": 32, "kernel": 3, "padding": "valid", "dropout": 0.25},
    {"channels": 64, "kernel": 5, "padding": "same", "dropout": 0.25},
    dense=[{"units": 128, "dropout": 0.5}],
)


def test_parameters_equal_a_count_by_hand():
    conv = (9 * 1 * 32 + 2 * 32) + (25 * 32 * 64 + 2 * 64)
    dense = (64 * 11 * 11 * 128 + 128) + (128 * 7 + 7)
    assert count(build_network(KERAS_SMALL, 7)) == conv + dense


def test_convolutions_have_a_bias_only_where_no_norm_follows():
    with_norm = build_network(plain({"channels": 8}), 2)
    without = build_network(plain({"channels": 8, "norm": False}), 2)
    assert with_norm.stages[0].block1.conv.bias is None
    assert without.stages[0].block1.conv.bias.shape == (8,)


@pytest.mark.parametrize(
    ("stages", "size", "left"),
    [
        ([{"channels": 8}], 48, 24),
        ([{"channels": 8}] * 5, 48, 1),
        ([{"channels": 8, "pool": False}], 48, 48),
        ([{"channels": 8, "padding": "valid", "kernel": 5, "convolutions": 2}], 48, 20),
        ([{"channels": 8, "padding": "valid"}] * 3, 48, 4),
        ([{"channels": 8, "kernel": 4}], 31, 15),
        ([{"channels": 8, "kernel": 4, "padding": "valid", "pool": False}], 31, 28),
    ],
)
def test_side_of_the_map_is_what_the_network_leaves(stages, size, left):
    config = plain(*stages)
    network = PlainNetwork(config, 7, size=size).eval()
    assert size_after(config.stages, size) == left
    with torch.no_grad():
        assert network.stages(torch.zeros(1, 1, size, size)).shape[2:] == (left, left)
        assert network(torch.zeros(2, 1, size, size)).shape == (2, 7)


@pytest.mark.parametrize(
    "stages",
    [
        [{"channels": 8}] * 6,
        [{"channels": 8, "padding": "valid", "kernel": 11, "convolutions": 5}],
    ],
)
def test_stages_that_leave_nothing_of_a_face_are_refused(stages):
    with pytest.raises(
        RecipeError, match=rf"network\.stages\.{len(stages) - 1}: a feature map of .* too small"
    ):
        build_network(plain(*stages), 7)


@pytest.mark.parametrize(("width", "channels"), [(1.0, 20), (0.5, 8), (0.01, 8), (2.0, 40)])
def test_width_scales_channels_in_steps_of_eight(width, channels):
    network = build_network(plain({"channels": 20}, dense=[{"units": 20}], width=width), 7)
    assert network.stages[0].block1.conv.out_channels == channels
    assert network.dense[0].linear.out_features == channels


def test_first_logits_are_near_zero():
    torch.manual_seed(0)
    network = build_network(KERAS_SMALL, 7).eval()
    with torch.no_grad():
        assert network(torch.randn(16, 1, 48, 48)).abs().max() < 1


def test_one_seed_gives_one_network():
    def weights(seed):
        torch.manual_seed(seed)
        return torch.cat(
            [value.flatten().float() for value in build_network(KERAS_SMALL, 7).state_dict().values()]
        )

    assert torch.equal(weights(3), weights(3))
    assert not torch.equal(weights(3), weights(4))


def test_learns_in_bfloat16_and_channels_last():
    network = build_network(KERAS_SMALL, 7).to(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(torch.randn(4, 1, 48, 48).to(memory_format=torch.channels_last))
    logits.float().logsumexp(1).sum().backward()
    assert all(torch.isfinite(parameter.grad).all() for parameter in network.parameters())
