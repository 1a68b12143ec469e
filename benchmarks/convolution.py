"""Convolutions in torch and as matrix products: where are the latter faster?

    python benchmarks/convolution.py [--batch 128] [--precision bfloat16]

The limits in `mien.training.convolution` come from this table: milliseconds of the forward pass, of the
gradient of the input and of that of the weight, each in torch and with `FastConvolutions`, for dense
convolutions with as many outputs as inputs, and for depthwise ones. Each is the median of nine calls, in
turns. Nothing else may run meanwhile.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Final

import torch
from torch import Tensor, nn

from mien.training.convolution import LIMITS, FastConvolutions, Limit, Limits
from mien.training.memory import keep_freed_memory

CALLS: Final = 9
DENSE: Final = [
    (kernel, channels, size)
    for kernel in (1, 3)
    for channels, size in [
        (64, 24),
        (64, 12),
        (128, 12),
        (64, 6),
        (128, 6),
        (256, 6),
        (128, 3),
        (512, 3),
        (512, 2),
    ]
]
DEPTHWISE: Final = [(3, 96, 48, 2), (3, 144, 24, 1), (5, 240, 12, 1), (5, 672, 6, 1), (5, 672, 6, 2)]
"""Kernel, channels, size and stride; layers of EfficientNet-Lite0 at 96 pixels."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--precision", choices=("bfloat16", "float32"), default="bfloat16")
    options = parser.parse_args()
    precision = getattr(torch, options.precision)
    keep_freed_memory()
    for kind in ("pointwise", "spatial"):
        LIMITS[precision, kind] = Limits(*[Limit(10**6, 1)] * 3)
    columns = [f"{what}, {how}" for what in ("forward", "input", "weight") for how in ("torch", "fast")]
    print(f"| convolution | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}")
    for kernel, channels, size in DENSE:
        layer = nn.Conv2d(channels, channels, kernel, padding=kernel // 2, bias=False)
        _print_row(layer, torch.rand(options.batch, channels, size, size), precision)
    for kernel, channels, size, stride in DEPTHWISE:
        layer = nn.Conv2d(
            channels, channels, kernel, stride, padding=kernel // 2, groups=channels, bias=False
        )
        _print_row(layer, torch.rand(options.batch, channels, size, size), precision)


def _print_row(layer: nn.Conv2d, maps: Tensor, precision: torch.dtype) -> None:
    layer = layer.to(precision, memory_format=torch.channels_last)
    maps = maps.to(precision, memory_format=torch.channels_last)
    cells = []
    for of_maps, of_weight, backward in ((True, True, False), (True, False, True), (False, True, True)):
        maps = maps.detach().requires_grad_(of_maps)
        layer.weight.requires_grad_(of_weight)
        times: dict[bool, list[float]] = {False: [], True: []}
        for _ in range(CALLS):
            for fast, found in times.items():
                found.append(_milliseconds(layer, maps, fast=fast, backward=backward))
        cells += [f"{statistics.median(found):.2f}" for found in times.values()]
    kernel, groups = layer.kernel_size[0], layer.groups
    kind = f"depthwise {kernel}x{kernel}, stride {layer.stride[0]}" if groups > 1 else f"{kernel}x{kernel}"
    name = f"{kind}, {layer.in_channels} channels, {maps.shape[2]}x{maps.shape[3]}"
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


def _milliseconds(layer: nn.Conv2d, maps: Tensor, *, fast: bool, backward: bool) -> float:
    """Return the time of the forward pass, or of the backward pass alone."""

    def forward() -> Tensor:
        with FastConvolutions() if fast else nullcontext():
            output: Tensor = layer(maps)
        return output

    if not backward:
        return _timed(forward)
    output = forward()
    gradient = torch.ones_like(output)
    return _timed(lambda: output.backward(gradient))


def _timed(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
