import pytest
import torch
from pydantic import ValidationError
from torch.nn import functional as F

from mien.errors import RecipeError
from mien.models import build_network
from mien.models.resnet9 import ResidualPair, ResNet9, WindowPool, size_after


def resnet9(*stages, stem=None, **options):
    return ResNet9.model_validate(
        {"kind": "resnet9", "stem": stem or {}, "stages": stages or ({"channels": 8},), **options}
    )


def count(network):
    return sum(parameter.numel() for parameter in network.parameters())


def test_a_stem_that_skips_pixels_is_refused():
    with pytest.raises(ValidationError, match="kernel must be at least stride"):
        resnet9(stem={"kernel": 1, "stride": 4})


def test_parameters_equal_a_count_by_hand():
    config = resnet9({"channels": 16, "pairs": 2}, {"channels": 24, "pairs": 0}, stem={"channels": 8})
    stem = 16 * 1 * 8 + 2 * 8
    first = 9 * 8 * 16 + 2 * 16 + 4 * (9 * 16 * 16 + 2 * 16)
    second = 9 * 16 * 24 + 2 * 24
    assert count(build_network(config, 7)) == stem + first + second + (24 * 7 + 7)


@pytest.mark.parametrize(
    ("stem", "stages", "size", "left"),
    [
        ({"kernel": 4, "stride": 2}, 3, 48, 3),
        ({"kernel": 4, "stride": 2}, 3, 32, 2),
        ({"kernel": 3, "stride": 1}, 2, 48, 12),
        ({"kernel": 7, "stride": 3}, 1, 48, 8),
        ({"kernel": 5, "stride": 2}, 1, 47, 12),
        ({"kernel": 4, "stride": 2}, 3, 12, 0),
    ],
)
def test_side_of_the_last_map_is_what_the_network_leaves(stem, stages, size, left):
    config = resnet9(*[{"channels": 8, "pairs": 0}] * stages, stem={"channels": 8, **stem})
    assert size_after(config, size) == left
    if left:
        network = build_network(config, 2, size=size)
        maps = network.stages(network.stem(torch.zeros(1, 1, size, size)))
        assert maps.shape == (1, 8, left, left)


def test_one_network_takes_faces_of_several_sides():
    network = build_network(resnet9({"channels": 8}, {"channels": 8}), 3).eval()
    for size in (24, 32, 48, 64):
        assert network(torch.zeros(2, 1, size, size)).shape == (2, 3)


def test_stages_that_leave_nothing_are_refused():
    with pytest.raises(RecipeError, match="6 stages after the stem reduce a face of 48x48 to nothing"):
        build_network(resnet9(*[{"channels": 8}] * 6), 7)


def test_a_pair_begins_as_the_identity_and_learns():
    network = build_network(resnet9({"channels": 8, "pairs": 1}), 2)
    pair = network.stages[0].pair1
    assert isinstance(pair, ResidualPair)
    maps = torch.rand(4, 8, 5, 5)
    out = pair(maps)
    torch.testing.assert_close(out, maps)
    out.sum().backward()
    assert pair.norm2.weight.grad.abs().sum() > 0


@pytest.mark.parametrize(("pool", "expected"), [("max", 15.0), ("avg", 7.5)])
def test_the_last_map_becomes_its_largest_or_its_mean(pool, expected):
    network = build_network(resnet9(pool=pool), 2)
    maps = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert network.pool(maps).item() == expected


def test_a_grid_keeps_where_something_was_seen_for_every_side():
    config = resnet9({"channels": 8}, {"channels": 8}, stem={"channels": 8}, grid=3, dense=[{"units": 16}])
    network = build_network(config, 5).eval()
    assert network.classifier.in_features == 16
    assert network.dense[0].linear.in_features == 8 * 3 * 3
    for size in (24, 32, 48):
        assert network(torch.zeros(2, 1, size, size)).shape == (2, 5)


@pytest.mark.parametrize("size", [24, 40, 48, 64, 128, 224])
def test_a_grid_accepts_faces_of_every_size(size):
    config = resnet9(*[{"channels": 8, "pairs": 0}] * 3, stem={"channels": 8}, grid=3)
    network = build_network(config, 5, size=size).eval()
    assert network(torch.zeros(2, 1, size, size)).shape == (2, 5)


@pytest.mark.parametrize("size", [1, 2, 4, 5, 7, 8, 14])
def test_pooling_of_windows_equals_adaptive_pooling(size):
    maps = torch.randn(2, 3, size, size)
    for grid in (2, 3):
        torch.testing.assert_close(WindowPool(grid, "max")(maps), F.adaptive_max_pool2d(maps, grid))
        torch.testing.assert_close(WindowPool(grid, "avg")(maps), F.adaptive_avg_pool2d(maps, grid))


def test_windows_are_pooled_only_where_the_grid_does_not_divide_the_map():
    stages = [{"channels": 8, "pairs": 0}] * 3
    pools = {size: build_network(resnet9(*stages, grid=3), 2, size=size).pool for size in (48, 64, 96)}
    assert [size for size, pool in pools.items() if isinstance(pool, WindowPool)] == [64]


def test_the_size_dial_multiplies_all_widths():
    config = resnet9({"channels": 64}, stem={"channels": 32}, dense=[{"units": 128}], width=0.5)
    network = build_network(config, 7)
    assert network.stem.conv.out_channels == 16
    assert network.stages[0].conv.out_channels == 32
    assert network.dense[0].linear.out_features == 64


def test_dropout_stands_where_the_config_says():
    network = build_network(resnet9({"channels": 8, "dropout": 0.3}, dropout=0.4), 2)
    assert network.stages[0].dropout.p == 0.3
    assert network.dropout.p == 0.4


def test_a_stage_begins_by_passing_on_what_comes_in():
    network = build_network(resnet9({"channels": 12, "pairs": 0}, stem={"channels": 8}), 2)
    maps = torch.rand(2, 8, 6, 6)
    passed = network.stages[0].conv(maps)[:, :8]
    torch.testing.assert_close(passed, maps)
    assert network.stages[0].conv.weight[8:].std() > 0
