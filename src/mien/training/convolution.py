"""Convolutions with fast gradients on CPUs.

oneDNN is far below the speed of a matrix product where a feature map has few positions and many channels,
most of all in the gradient of the weights, and computes some gradients of depthwise convolutions in bfloat16
by reference code (`docs/lab-notebook.md` has the measurements). `FastConvolutions` computes these in
other ways, which give the same results up to rounding:

- dense convolutions of small maps: the product of kernels and patches of the maps (im2col; Chellapilla
  et al. 2006);
- those gradients of depthwise convolutions: in float32.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

import torch
from torch import Tensor
from torch.autograd.function import Function, FunctionCtx
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode


class FastConvolutions(TorchFunctionMode):
    """Within this context, `torch.nn.functional.conv2d` has fast gradients on CPUs.

    Convolutions for which there is no faster way, among them those on other devices, stay as they are.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - the result of any function of torch
        """Call `func`, or `convolution` in its place."""
        if func is F.conv2d:
            return convolution(*args, **(kwargs or {}))
        return func(*args, **(kwargs or {}))


class Geometry(NamedTuple):
    """Kernel size, stride and padding of a convolution, each the same along both axes."""

    kernel: int
    stride: int
    padding: int

    def output_size(self, size: int) -> int:
        """Return the height of the output of maps that are `size` high."""
        return (size + 2 * self.padding - self.kernel) // self.stride + 1


class Limit(NamedTuple):
    """Where a matrix product is faster than oneDNN."""

    positions: int
    """Largest number of positions of the output."""
    channels: int
    """Smallest geometric mean of input and output channels."""

    def allows(self, size: int, weight: Tensor) -> bool:
        """Return whether it is, for outputs of size x size."""
        return size**2 <= self.positions and weight.shape[0] * weight.shape[1] >= self.channels**2


class Limits(NamedTuple):
    """Limits of the forward pass, the gradient of the input (stride 1) and that of the weight."""

    forward: Limit
    input: Limit
    weight: Limit


LIMITS: Final = {
    (torch.bfloat16, "pointwise"): Limits(Limit(36, 256), Limit(36, 256), Limit(144, 1)),
    (torch.bfloat16, "spatial"): Limits(Limit(9, 256), Limit(4, 256), Limit(36, 64)),
    (torch.float32, "spatial"): Limits(Limit(9, 512), Limit(9, 512), Limit(9, 512)),
}
"""By type and kind of kernel, 1x1 or larger; measured with `benchmarks/convolution.py`."""

_NEVER: Final = Limit(0, 0)


def convolution(
    input: Tensor,  # noqa: A002 - the name in torch
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, int] = 1,
    padding: str | int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
    groups: int = 1,
) -> Tensor:
    """Return what `torch.nn.functional.conv2d` returns, with fast gradients where there are some."""
    geometry = _geometry(input, weight, stride, padding, dilation)
    trained = torch.is_grad_enabled() and (input.requires_grad or weight.requires_grad)
    if geometry is None or not trained or input.device.type != "cpu":
        return F.conv2d(input, weight, bias, stride, padding, dilation, groups)
    maps, weight = _autocast(input), _autocast(weight)
    bias = None if bias is None else _autocast(bias)
    size = geometry.output_size(maps.shape[2])
    fits = _are_consistent(maps, weight, bias, groups)  # otherwise torch reports an error
    dense = groups == 1 and any(limit.allows(size, weight) for limit in _limits(weight))
    depthwise = 1 < groups == maps.shape[1] == len(weight) and weight.dtype == torch.bfloat16
    if fits and (dense or depthwise):
        return cast("Tensor", _Convolution.apply(maps, weight, bias, geometry))  # type: ignore[no-untyped-call]
    return F.conv2d(maps, weight, bias, stride, padding, dilation, groups)


class _Convolution(Function):
    """A dense or depthwise convolution; each pass is computed in the way that is the fastest for it."""

    @staticmethod
    def forward(
        ctx: FunctionCtx, maps: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry
    ) -> Tensor:
        ctx.save_for_backward(maps, weight)
        ctx.geometry = geometry  # type: ignore[attr-defined]
        groups, size = _groups(maps, weight), geometry.output_size(maps.shape[2])
        if groups == 1 and _limits(weight).forward.allows(size, weight):
            # Not a view, which could not be changed in place, as by nn.ReLU(inplace=True).
            return _product(maps, weight, bias, geometry).data
        return F.conv2d(maps, weight, bias, geometry.stride, geometry.padding, groups=groups)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401 - a FunctionCtx
        maps, weight = ctx.saved_tensors
        of_maps, of_weight, of_bias, _ = ctx.needs_input_grad
        return (
            _gradient_of_maps(maps, weight, grad, ctx.geometry) if of_maps else None,
            _gradient_of_weight(maps, weight, grad, ctx.geometry) if of_weight else None,
            grad.sum((0, 2, 3)) if of_bias else None,
            None,
        )


def _geometry(
    maps: Tensor, weight: Tensor, stride: object, padding: object, dilation: object
) -> Geometry | None:
    """Return the geometry, or None for convolutions that torch must compute, or refuse."""
    if maps.dim() != 4 or weight.dim() != 4:
        return None
    size, kernel, stride, padding, dilation = map(
        _of_both_axes, (tuple(maps.shape[2:]), tuple(weight.shape[2:]), stride, padding, dilation)
    )
    if size is None or kernel is None or stride is None or padding is None or dilation != 1:
        return None
    geometry = Geometry(kernel, stride, padding)
    return geometry if min(kernel, stride, padding + 1) > 0 and geometry.output_size(size) > 0 else None


def _of_both_axes(value: object) -> int | None:
    """Return the number that `value` gives for each axis, or None if they differ or it is no plain number."""
    first, *others = value if isinstance(value, tuple | list) and value else (value,)
    return first if isinstance(first, int) and all(other == first for other in others) else None


def _autocast(tensor: Tensor) -> Tensor:
    """Return the tensor in the type that autocast, if it is enabled, gives to the inputs of convolutions."""
    enabled = torch.is_autocast_enabled("cpu") and tensor.is_floating_point()
    return tensor.to(torch.get_autocast_dtype("cpu")) if enabled and tensor.dtype != torch.float64 else tensor


def _are_consistent(maps: Tensor, weight: Tensor, bias: Tensor | None, groups: int) -> bool:
    """Return whether types and channels fit each other."""
    fits = maps.dtype == weight.dtype and maps.shape[1] == weight.shape[1] * groups
    return fits and (bias is None or (bias.dtype == maps.dtype and bias.shape == weight.shape[:1]))


def _limits(weight: Tensor) -> Limits:
    """Return the limits for matrix products with this weight; none where they were not faster."""
    kind = "pointwise" if weight.shape[2] == 1 else "spatial"
    return LIMITS.get((weight.dtype, kind), Limits(_NEVER, _NEVER, _NEVER))


def _patches(maps: Tensor, geometry: Geometry) -> Tensor:
    """Return the patches that the kernel sees, (images * positions, kernel * kernel * channels)."""
    kernel, stride, padding = geometry
    positions = maps.permute(0, 2, 3, 1)
    if padding:
        positions = F.pad(positions, (0, 0, padding, padding, padding, padding))
    windows = positions.unfold(1, kernel, stride).unfold(2, kernel, stride)  # channels, then rows and columns
    return windows.permute(0, 1, 2, 4, 5, 3).reshape(-1, kernel * kernel * maps.shape[1])


def _product(maps: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry) -> Tensor:
    """Return the convolution as the product of patches and kernels."""
    size = geometry.output_size(maps.shape[2])
    kernels = weight.permute(0, 2, 3, 1).reshape(len(weight), -1)
    rows = F.linear(_patches(maps, geometry), kernels, bias)
    return rows.view(len(maps), size, size, len(weight)).permute(0, 3, 1, 2)


def _gradient_of_maps(maps: Tensor, weight: Tensor, grad: Tensor, geometry: Geometry) -> Tensor:
    """Return the gradient of the input: for stride 1 the convolution of `grad` with the rotated kernels."""
    kernel, stride, padding = geometry
    depthwise = _groups(maps, weight) > 1
    if depthwise or stride > 1 or not _limits(weight).input.allows(maps.shape[2], weight):
        return _onednn(0, grad, maps, weight, geometry, precise=depthwise and stride > 1)
    rotated = weight.flip(2, 3).transpose(0, 1)
    return _product(grad, rotated, None, Geometry(kernel, 1, kernel - 1 - padding))


def _gradient_of_weight(maps: Tensor, weight: Tensor, grad: Tensor, geometry: Geometry) -> Tensor:
    """Return the gradient of the weight: the product of `grad` and the patches."""
    depthwise = _groups(maps, weight) > 1
    if depthwise or not _limits(weight).weight.allows(grad.shape[2], weight):
        return _onednn(1, grad, maps, weight, geometry, precise=depthwise and geometry.kernel > 3)
    outputs, inputs, kernel, _ = weight.shape
    rows = grad.permute(0, 2, 3, 1).reshape(-1, outputs)
    kernels = rows.t() @ _patches(maps, geometry)
    return kernels.view(outputs, kernel, kernel, inputs).permute(0, 3, 1, 2)


def _onednn(
    which: int, grad: Tensor, maps: Tensor, weight: Tensor, geometry: Geometry, *, precise: bool
) -> Tensor:
    """Return the gradient of the maps (`which` 0) or of the weight (1) as torch computes it.

    Args:
        which: Of what.
        grad: The gradient of the output.
        maps: The input.
        weight: The kernels.
        geometry: Stride and padding.
        precise: Compute it in float32, which is faster where oneDNN has reference code for bfloat16.
    """
    _, stride, padding = geometry
    tensors = [one.float() if precise else one for one in (grad, maps, weight)]
    found: list[Tensor] = torch.ops.aten.convolution_backward(
        *tensors, None, [stride] * 2, [padding] * 2, [1, 1], False, [0, 0], _groups(maps, weight),
        [which == 0, which == 1, False],
    )  # fmt: skip
    return found[which].to(grad.dtype)


def _groups(maps: Tensor, weight: Tensor) -> int:
    return maps.shape[1] // weight.shape[1]
