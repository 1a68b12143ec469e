"""The oracles below compute timm's and Keras' networks from the tensors as these name them."""

import pickle

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from mien.errors import RecipeError, RunError
from mien.models import build_network
from mien.models.plain import ConvStage, Plain
from mien.models.pretrained import layout_of, load_pretrained, read_tensors
from mien.models.pretrained_names import name_in_file
from mien.models.resnet_v2 import ResNetV2

BLOCKS = (2, 3)
WIDTHS = (8, 16)


def network(layout, **keys):
    keys = {"blocks": BLOCKS, "width": 0.125, "layout": layout, **keys}
    return build_network(ResNetV2(kind="resnetv2", **keys), 7)


def random(*shape):
    return torch.randn(shape) * (2 / max(1, shape[1] if len(shape) > 1 else 1)) ** 0.5


def norm(name, channels, parts):
    """A BatchNorm's tensors: scale and variance lie above zero."""
    values = (
        torch.rand(channels) + 0.5,
        random(channels) * 0.1,
        random(channels) * 0.1,
        torch.rand(channels) + 0.5,
    )
    return {f"{name}{part}": value for part, value in zip(parts, values, strict=True)}


TIMM_NORM = (".weight", ".bias", ".running_mean", ".running_var")
KERAS_NORM = ("/gamma", "/beta", "/moving_mean", "/moving_variance")


def timm_tensors():
    tensors = {"stem.conv.weight": random(8, 3, 7, 7) * 0.2}
    inputs = 8
    for stage, (count, middle) in enumerate(zip(BLOCKS, WIDTHS, strict=True)):
        for block in range(count):
            name = f"stages.{stage}.blocks.{block}"
            tensors |= norm(f"{name}.norm1", inputs, TIMM_NORM)
            tensors |= norm(f"{name}.norm2", middle, TIMM_NORM) | norm(f"{name}.norm3", middle, TIMM_NORM)
            tensors[f"{name}.conv1.weight"] = random(middle, inputs, 1, 1)
            tensors[f"{name}.conv2.weight"] = random(middle, middle, 3, 3) * 0.3
            tensors[f"{name}.conv3.weight"] = random(4 * middle, middle, 1, 1)
            tensors[f"{name}.norm1.num_batches_tracked"] = torch.tensor(9)
            if block == 0:
                tensors[f"{name}.downsample.conv.weight"] = random(4 * middle, inputs, 1, 1)
            inputs = 4 * middle
    tensors |= norm("norm", inputs, TIMM_NORM)
    return tensors | {"head.fc.weight": random(1000, inputs, 1, 1), "head.fc.bias": random(1000)}


def keras_tensors():
    tensors = {"conv1_conv/kernel": random(7, 7, 3, 8) * 0.1, "conv1_conv/bias": random(8)}
    inputs = 8
    for stage, (count, middle) in enumerate(zip(BLOCKS, WIDTHS, strict=True), start=2):
        for block in range(1, count + 1):
            name = f"conv{stage}_block{block}"
            tensors |= norm(f"{name}_preact_bn", inputs, KERAS_NORM)
            tensors |= norm(f"{name}_1_bn", middle, KERAS_NORM) | norm(f"{name}_2_bn", middle, KERAS_NORM)
            tensors[f"{name}_1_conv/kernel"] = random(1, 1, inputs, middle) * 0.2
            tensors[f"{name}_2_conv/kernel"] = random(3, 3, middle, middle) * 0.1
            tensors[f"{name}_3_conv/kernel"] = random(1, 1, middle, 4 * middle) * 0.2
            tensors[f"{name}_3_conv/bias"] = random(4 * middle)
            if block == 1:
                tensors[f"{name}_0_conv/kernel"] = random(1, 1, inputs, 4 * middle) * 0.2
                tensors[f"{name}_0_conv/bias"] = random(4 * middle)
            inputs = 4 * middle
    tensors |= norm("post_bn", inputs, KERAS_NORM)
    return tensors | {"predictions/kernel": random(inputs, 1000), "predictions/bias": random(1000)}


def timm_body(t, rgb):
    """The last feature map of timm's resnetv2_50 (stride in the first 3x3 of later stages)."""

    def act(name, x):
        weight, bias, mean, variance = (t[name + part] for part in TIMM_NORM)
        return F.relu(F.batch_norm(x, mean, variance, weight, bias, eps=1e-5))

    x = F.max_pool2d(F.conv2d(rgb, t["stem.conv.weight"], stride=2, padding=3), 3, 2, padding=1)
    for stage, count in enumerate(BLOCKS):
        for block in range(count):
            name = f"stages.{stage}.blocks.{block}"
            stride = 2 if stage > 0 and block == 0 else 1
            active = act(f"{name}.norm1", x)
            if block == 0:
                x = F.conv2d(active, t[f"{name}.downsample.conv.weight"], stride=stride)
            y = F.conv2d(active, t[f"{name}.conv1.weight"])
            y = F.conv2d(act(f"{name}.norm2", y), t[f"{name}.conv2.weight"], stride=stride, padding=1)
            x = x + F.conv2d(act(f"{name}.norm3", y), t[f"{name}.conv3.weight"])
    return act("norm", x)


def keras_body(t, rgb):
    """The last feature map of Keras' ResNet50V2 (stride in the last block of all stages but the last)."""

    def act(name, x):
        gamma, beta, mean, variance = (t[name + part].view(1, -1, 1, 1) for part in KERAS_NORM)
        return F.relu((x - mean) / torch.sqrt(variance + 1.001e-5) * gamma + beta)

    def conv(name, x, stride=1):
        return F.conv2d(x, t[f"{name}/kernel"].permute(3, 2, 0, 1), t.get(f"{name}/bias"), stride)

    x = F.max_pool2d(F.pad(conv("conv1_conv", F.pad(rgb, (3,) * 4), 2), (1,) * 4), 3, 2)
    for stage, count in enumerate(BLOCKS, start=2):
        for block in range(1, count + 1):
            name = f"conv{stage}_block{block}"
            stride = 2 if block == count and stage - 1 < len(BLOCKS) else 1
            active = act(f"{name}_preact_bn", x)
            x = conv(f"{name}_0_conv", active) if block == 1 else x[:, :, ::stride, ::stride]
            y = act(f"{name}_1_bn", conv(f"{name}_1_conv", active))
            y = act(f"{name}_2_bn", conv(f"{name}_2_conv", F.pad(y, (1,) * 4), stride))
            x = x + conv(f"{name}_3_conv", y)
    return act("post_bn", x)


CASES = {"torch": (timm_tensors, timm_body), "keras": (keras_tensors, keras_body)}


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


@pytest.fixture
def written(tmp_path):
    def write(tensors, name="weights.safetensors"):
        path = tmp_path / name
        save_file({key: value.contiguous() for key, value in tensors.items()}, path)
        return path

    return write


@pytest.mark.parametrize("layout", ["torch", "keras"])
def test_a_gray_face_gives_what_the_original_gives_for_it_in_three_colors(layout, written):
    tensors, oracle = CASES[layout]
    weights = tensors()
    some = network(layout).eval()
    load_pretrained(some, written(weights))
    gray = torch.rand(2, 1, 48, 48) * 2 - 1
    with torch.no_grad():
        expected = oracle(weights, gray.expand(-1, 3, -1, -1))
        torch.testing.assert_close(some.body(gray), expected, rtol=1e-4, atol=1e-4)
    assert expected.std() > 0.1


@pytest.mark.parametrize("layout", ["torch", "keras"])
def test_report_names_every_tensor_once(layout, written):
    weights = CASES[layout][0]()
    some = network(layout)
    report = load_pretrained(some, written(weights))
    body = {name for name in some.body.state_dict() if not name.endswith("num_batches_tracked")}
    assert set(report.mapped) == body
    assert len(set(report.mapped.values())) == len(report.mapped)
    assert set(report.mapped.values()) | set(report.ignored) == set(weights)
    assert report.numbers == sum(some.body.state_dict()[name].numel() for name in body)
    assert f"{report.numbers:,} values" in str(report)


@pytest.mark.parametrize("layout", ["torch", "keras"])
def test_attention_and_head_keep_their_fresh_start(layout, written):
    some = network(layout, attention="cbam", dense=8)
    before = {name: value.clone() for name, value in some.state_dict().items()}
    load_pretrained(some, written(CASES[layout][0]()))
    kept = {name for name, value in some.state_dict().items() if torch.equal(value, before[name])}
    learned = {name for name in before if not name.startswith("body.")}
    assert kept == learned | {name for name in before if name.endswith("num_batches_tracked")}


@pytest.mark.parametrize(
    "rename",
    [
        lambda name: name.replace("/", "."),
        lambda name: f"resnet50v2/{name}",
        lambda name: f"{name.split('/')[0]}/{name}:0",
    ],
)
def test_other_spellings_of_keras_names_are_understood(rename, written):
    weights = {rename(name): value for name, value in keras_tensors().items()}
    assert load_pretrained(network("keras"), written(weights)).naming == "keras"


def test_half_precision_weights_become_float32(written):
    weights = {k: v.half() if v.is_floating_point() else v for k, v in timm_tensors().items()}
    some = network("torch")
    load_pretrained(some, written(weights))
    assert some.body.norm.weight.dtype == torch.float32
    assert torch.equal(some.body.norm.weight, weights["norm.weight"].float())


@pytest.mark.parametrize(("tensors", "layout"), [(timm_tensors, "torch"), (keras_tensors, "keras")])
def test_a_config_is_fitted_to_the_layout_of_a_file(tensors, layout, written):
    other = {"torch": "keras", "keras": "torch"}[layout]
    config = ResNetV2(kind="resnetv2", layout=other, dense=64)
    assert config.starting_from(written(tensors())) == ResNetV2(kind="resnetv2", layout=layout, dense=64)


def without(name):
    return lambda t: t.pop(name)


def with_value(name, change):
    return lambda t: t.update({name: change(t.get(name))})


@pytest.mark.parametrize(
    ("layout", "damage", "error", "message"),
    [
        (
            "torch",
            without("norm.weight"),
            RunError,
            r"1 missing tensor \(norm\.weight\); .*network\.blocks",
        ),
        ("keras", without("post_bn/gamma"), RunError, r"1 missing tensor \(post_bn/gamma\)"),
        (
            "torch",
            with_value("extra.weight", lambda _: torch.ones(1)),
            RunError,
            r"1 unexpected tensor \(extra\.weight\)",
        ),
        ("keras", with_value("conv4_block1_1_conv/kernel", lambda _: torch.ones(1)), RunError, "unexpected"),
        (
            "torch",
            with_value("norm.weight", lambda v: v[:-1]),
            RecipeError,
            r"norm\.weight has shape \(63,\), .*\(64,\)",
        ),
        ("torch", with_value("norm.weight", lambda v: v * torch.nan), RunError, "norm.weight holds NaN"),
        (
            "torch",
            with_value("norm.weight", lambda v: v.to(torch.int8)),
            RunError,
            "torch.int8, expected floating",
        ),
        ("torch", without("stem.conv.weight"), RunError, "named neither as timm's resnetv2_50"),
        ("keras", with_value("a.post_bn.gamma", lambda _: torch.ones(1)), RunError, "the same tensor twice"),
    ],
)
def test_weights_that_do_not_fill_the_body_leave_it_untouched(layout, damage, error, message, written):
    weights = CASES[layout][0]()
    damage(weights)
    some = network(layout)
    before = {name: value.clone() for name, value in some.state_dict().items()}
    with pytest.raises(error, match=message) as caught:
        load_pretrained(some, written(weights))
    assert "\n" not in str(caught.value)
    assert all(torch.equal(before[name], value) for name, value in some.state_dict().items())


@pytest.mark.parametrize(
    ("layout", "keys", "message"),
    [
        ("keras", {}, r"weights of timm need network\.layout=torch, .*; set network\.layout=torch"),
        ("torch", {"width": 0.25}, r"network\.width=1"),
        ("torch", {"stem": "small"}, r"network\.stem=imagenet"),
    ],
)
def test_a_network_of_another_size_or_layout_is_refused(layout, keys, message, written):
    with pytest.raises(RecipeError, match=message):
        load_pretrained(network(layout, **keys), written(timm_tensors()))


@pytest.mark.parametrize("layout", ["torch", "keras"])
def test_rgb_faces_keep_the_three_colors_of_the_stem(layout, written):
    tensors = timm_tensors() if layout == "torch" else keras_tensors()
    config = ResNetV2(kind="resnetv2", blocks=BLOCKS, width=0.125, layout=layout)
    color, gray = (build_network(config, 7, channels=channels) for channels in (3, 1))
    for some in (color, gray):
        config.load_pretrained(some, written(tensors))
    weight = color.body.stem.conv.weight
    assert weight.shape == (8, 3, 7, 7)
    assert torch.allclose(weight.sum(1, keepdim=True), gray.body.stem.conv.weight, atol=1e-6)
    if layout == "torch":
        assert torch.equal(weight, tensors["stem.conv.weight"])


def test_files_with_names_of_the_network_have_no_layout(written):
    assert layout_of(written({"body.stem.conv.weight": torch.zeros(1)})) is None


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("unpickled",))


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("a.pth", r"torch\.load\('.*a\.pth', weights_only=True\)"),
        ("a.pt", "safetensors"),
        ("a.bin", "safetensors"),
        ("a_notop.h5", "include_top=False"),
        ("a.keras", "include_top=True"),
        ("a.npz", "save the weights of timm's"),
        ("a.safetensors", "can't read it as safetensors"),
    ],
)
def test_other_formats_are_never_opened(name, advice, tmp_path):
    path = tmp_path / name
    path.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(RunError, match=advice):
        read_tensors(path)


@pytest.mark.parametrize("size", [0, 4, 2000])
def test_a_truncated_file_is_refused(size, written):
    path = written(timm_tensors())
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(RunError, match="download or convert it again"):
        read_tensors(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(RunError, match=r"none\.safetensors: can't read it"):
        read_tensors(tmp_path / "none.safetensors")


@pytest.mark.parametrize(
    ("name", "timm", "keras"),
    [
        ("stem.conv.weight", "stem.conv.weight", "conv1_conv/kernel"),
        ("norm.running_var", "norm.running_var", "post_bn/moving_variance"),
        (
            "stages.2.blocks.4.conv3.weight",
            "stages.2.blocks.4.conv3.weight",
            "conv4_block5_3_conv/kernel",
        ),
        (
            "stages.0.blocks.0.shortcut.weight",
            "stages.0.blocks.0.downsample.conv.weight",
            "conv2_block1_0_conv/kernel",
        ),
        (
            "stages.3.blocks.1.norm1.bias",
            "stages.3.blocks.1.norm1.bias",
            "conv5_block2_preact_bn/beta",
        ),
        ("stages.3.blocks.1.norm3.weight", "stages.3.blocks.1.norm3.weight", "conv5_block2_2_bn/gamma"),
    ],
)
def test_names_in_both_files(name, timm, keras):
    assert name_in_file(name, "timm") == timm
    assert name_in_file(name, "keras") == keras


def test_without_weights_every_layer_is_trained_and_other_networks_stay_as_they_are():
    config = ResNetV2(kind="resnetv2", trainable=50, dense=64)
    assert config.starting_from(None) == ResNetV2(kind="resnetv2", dense=64)
    plain = Plain(kind="plain", stages=(ConvStage(channels=4),))
    assert plain.starting_from(None) is plain
