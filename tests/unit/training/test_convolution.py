"""Fast convolutions give the results and gradients of torch's own, up to rounding."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mien.training import convolution as module
from mien.training.convolution import LIMITS, FastConvolutions, Limit, Limits

PRECISIONS = (torch.float32, torch.bfloat16, torch.float64)
CASES = [
    pytest.param(nn.Conv2d(8, 12, 1), 6, id="pointwise"),
    pytest.param(nn.Conv2d(8, 12, 1, stride=2, bias=False), 5, id="pointwise with stride"),
    pytest.param(nn.Conv2d(8, 12, 1, padding=1), 5, id="pointwise with padding"),
    pytest.param(nn.Conv2d(8, 12, 3, padding=1), 2, id="products in all passes"),
    pytest.param(nn.Conv2d(8, 12, 3, padding=1), 3, id="products by type"),
    pytest.param(nn.Conv2d(8, 12, 3, padding=1), 6, id="product in the gradient of the weight"),
    pytest.param(nn.Conv2d(8, 12, 3, stride=2, padding=1, bias=False), 4, id="stride"),
    pytest.param(nn.Conv2d(8, 12, 3), 4, id="no padding"),
    pytest.param(nn.Conv2d(8, 12, 3, padding=2), 2, id="large padding"),
    pytest.param(nn.Conv2d(8, 12, 3, padding=1), 20, id="large maps"),
    pytest.param(nn.Conv2d(8, 8, 3, padding=1, groups=8), 6, id="depthwise"),
    pytest.param(nn.Conv2d(8, 8, 5, stride=2, padding=2, groups=8), 7, id="depthwise with stride"),
    pytest.param(nn.Conv2d(8, 12, 3, padding=1, groups=4), 3, id="groups"),
    pytest.param(nn.Conv2d(8, 12, 3, padding=2, dilation=2), 3, id="dilation"),
    pytest.param(nn.Conv2d(8, 12, (1, 3), padding=(0, 1)), 3, id="kernel of two sizes"),
    pytest.param(nn.Conv2d(8, 12, 3, padding=(1, 0)), 3, id="paddings"),
    pytest.param(nn.Conv2d(8, 12, 3, padding="same"), 3, id="padding by name"),
]


@pytest.fixture
def products(monkeypatch: pytest.MonkeyPatch) -> None:
    """Matrix products on small maps whatever the channels, so that tests are cheap."""
    for precision, kind in product(PRECISIONS, ("pointwise", "spatial")):
        monkeypatch.setitem(LIMITS, (precision, kind), Limits(Limit(9, 1), Limit(9, 1), Limit(36, 1)))


@pytest.mark.usefixtures("products")
@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(("layer", "size"), CASES)
def test_output_and_gradients_are_those_of_torch(layer: nn.Conv2d, size: int, precision: torch.dtype) -> None:
    maps = torch.rand(5, 8, size, size, generator=torch.Generator().manual_seed(0)) - 0.5
    expected = _results(layer, maps, precision, fast=False)
    found = _results(layer, maps, precision, fast=True)
    tolerance = 1e-5 if precision == torch.float32 else 0.02
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == other.dtype
        assert one.shape == other.shape
        assert float((one - other).abs().max()) <= tolerance * float(other.abs().max())


@pytest.mark.usefixtures("products")
@pytest.mark.parametrize("shape", [(2, 8, 2, 3), (8, 3, 3)], ids=["unequal sides", "one unbatched map"])
def test_maps_of_other_shapes(shape: tuple[int, ...]) -> None:
    weight, maps = torch.rand(12, 8, 3, 3), torch.rand(shape, requires_grad=True)
    with FastConvolutions():
        found = F.conv2d(input=maps, weight=weight, padding=1)
    assert torch.equal(found, F.conv2d(maps, weight, padding=1))


@pytest.mark.usefixtures("products")
@pytest.mark.parametrize(
    "check", [torch.autograd.gradcheck, torch.autograd.gradgradcheck], ids=["first", "second"]
)
def test_derivatives_in_double_precision_are_numerically_right(check: Callable[..., bool]) -> None:
    maps = torch.rand(2, 3, 3, 3, dtype=torch.float64, requires_grad=True)
    weight = torch.rand(4, 3, 3, 3, dtype=torch.float64, requires_grad=True)
    bias = torch.rand(4, dtype=torch.float64, requires_grad=True)
    assert check(lambda *inputs: module.convolution(*inputs, padding=1), (maps, weight, bias), fast_mode=True)


@pytest.mark.usefixtures("products")
def test_outputs_can_be_changed_in_place() -> None:
    layer, maps = nn.Conv2d(8, 12, 3, padding=1), torch.rand(2, 8, 2, 2) - 0.5
    with FastConvolutions():
        nn.ReLU(inplace=True)(layer(maps)).sum().backward()
    found = layer.weight.grad
    layer.zero_grad()
    layer(maps).relu().sum().backward()
    torch.testing.assert_close(found, layer.weight.grad)


@pytest.mark.usefixtures("products")
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"stride": np.int64(1), "padding": [1]}, id="numbers of numpy"),
        pytest.param({"stride": torch.tensor(1)}, id="a tensor"),
        pytest.param({"stride": [1], "padding": [1, 1], "dilation": [1]}, id="lists"),
        pytest.param({"stride": []}, id="an empty list"),
        pytest.param({"stride": 0}, id="stride 0"),
        pytest.param({"padding": -1}, id="negative padding"),
        pytest.param({"weight": torch.rand(12, 8, 5, 5)}, id="kernel larger than the map"),
        pytest.param({"weight": torch.rand(12, 8, 3)}, id="kernel of one axis"),
        pytest.param({"weight": torch.rand(12, 4, 3, 3)}, id="other channels"),
        pytest.param({"weight": torch.rand(12, 8, 3, 3).bfloat16()}, id="other type"),
        pytest.param({"bias": torch.rand(1)}, id="bias of another shape"),
        pytest.param({"input": torch.ones(2, 8, 3, 3, dtype=torch.uint8)}, id="whole numbers"),
    ],
)
@pytest.mark.parametrize("autocast", [False, True], ids=["float32", "autocast"])
def test_unusual_arguments_are_accepted_or_refused_as_by_torch(
    arguments: dict[str, Any], autocast: bool
) -> None:
    tensors = {"input": torch.rand(2, 8, 3, 3), "weight": torch.rand(12, 8, 3, 3), **arguments}
    tensors["weight"].requires_grad_()

    def outcome(mode: AbstractContextManager[object]) -> object:
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast), mode:
            try:
                output = F.conv2d(**tensors)
            except RuntimeError as error:
                return str(error)
            return output.shape, output.dtype

    assert outcome(FastConvolutions()) == outcome(nullcontext())


@pytest.mark.usefixtures("products")
def test_autocast_leaves_double_precision_as_it_is() -> None:
    layer = nn.Conv2d(8, 12, 3).double()
    with torch.autocast("cpu", torch.bfloat16), FastConvolutions():
        assert layer(torch.rand(2, 8, 3, 3, dtype=torch.float64)).dtype == torch.float64


@pytest.mark.usefixtures("products")
@pytest.mark.parametrize("frozen", ["weight", "bias", "maps"])
def test_what_needs_no_gradient_gets_none(frozen: str) -> None:
    layer, maps = nn.Conv2d(8, 12, 3, padding=1), torch.rand(2, 8, 2, 2, requires_grad=True)
    tensors = {"weight": layer.weight, "bias": layer.bias, "maps": maps}
    tensors[frozen].requires_grad_(False)  # type: ignore[union-attr]
    with FastConvolutions():
        layer(maps).sum().backward()
    assert {name for name, tensor in tensors.items() if tensor.grad is None} == {frozen}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("channels", "size", "passes"),
    [
        pytest.param(256, 2, 3, id="forward pass and both gradients"),
        pytest.param(256, 3, 2, id="forward pass and gradient of the weight"),
        pytest.param(64, 6, 1, id="gradient of the weight"),
        pytest.param(48, 6, 0, id="few channels"),
        pytest.param(128, 7, 0, id="large map"),
    ],
)
def test_products_are_used_where_they_are_faster(
    channels: int, size: int, passes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    patches, seen = module._patches, []
    monkeypatch.setattr(module, "_patches", lambda *args: seen.append(size) or patches(*args))
    _results(
        nn.Conv2d(channels, channels, 3, padding=1),
        torch.rand(2, channels, size, size),
        torch.bfloat16,
        fast=True,
    )
    assert len(seen) == passes


@pytest.mark.usefixtures("products")
def test_without_gradients_torch_computes_the_convolution(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module._Convolution, "apply", lambda *_: pytest.fail("no gradient is needed"))
    layer = nn.Conv2d(8, 8, 3, padding=1)
    maps = torch.rand(2, 8, 2, 2)
    with torch.no_grad(), FastConvolutions():
        assert torch.equal(layer(maps), F.conv2d(maps, layer.weight, layer.bias, padding=1))


def _results(layer: nn.Conv2d, maps: Tensor, precision: torch.dtype, *, fast: bool) -> list[Tensor]:
    """Return the output and the gradients of maps, weight and bias, for a loss with unequal gradients."""
    layer.zero_grad()
    maps = maps.clone().to(memory_format=torch.channels_last).requires_grad_()
    autocast = torch.autocast("cpu", precision, enabled=precision != torch.float32)
    with autocast, FastConvolutions() if fast else nullcontext():
        output = layer(maps)
    (output.float() * torch.linspace(-1, 1, output.numel()).view(output.shape)).sum().backward()
    tensors = [
        output.detach(),
        maps.grad,
        layer.weight.grad,
        layer.bias.grad if layer.bias is not None else None,
    ]
    return [tensor for tensor in tensors if tensor is not None]
