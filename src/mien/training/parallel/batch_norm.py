"""Synchronized BatchNorm: statistics of the whole batch, though each process has a part of it.

That of torch works on GPUs only. This one exchanges one vector in each direction, on any device.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.autograd import Function
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm


class SynchronizedBatchNorm(_BatchNorm):
    """BatchNorm over the batches of all processes; inputs are (n, channels, ...) on each."""

    def _check_input_dim(self, input: Tensor) -> None:  # noqa: A002 - the name in torch
        if input.dim() < 2:
            raise ValueError(f"input of shape {tuple(input.shape)}, expected (n, channels, ...)")

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - the name in torch
        """Return the normalized input."""
        if not self.training:
            return super().forward(input)
        self._check_input_dim(input)
        mean, variance, count = _statistics(input.detach())
        self._follow(mean, variance * (count / max(count - 1, 1)))
        out: Tensor = _Normalize.apply(  # type: ignore[no-untyped-call]
            input, self.weight, self.bias, mean, variance, count, self.eps
        )
        return out

    @torch.no_grad()
    def _follow(self, mean: Tensor, variance: Tensor) -> None:
        """Update the running statistics; the variance is the unbiased one."""
        if self.running_mean is None or self.running_var is None or self.num_batches_tracked is None:
            return
        self.num_batches_tracked.add_(1)
        share = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean.to(self.running_mean), share)
        self.running_var.lerp_(variance.to(self.running_var), share)


def synchronize_batch_norm(module: nn.Module) -> nn.Module:
    """Return the module with each BatchNorm replaced by a synchronized one with the same tensors.

    Names, parameters and buffers stay, so checkpoints and optimizers don't notice.
    """
    if isinstance(module, _BatchNorm) and not isinstance(module, SynchronizedBatchNorm):
        return _synchronized(module)
    for name, child in module.named_children():
        setattr(module, name, synchronize_batch_norm(child))
    return module


def _synchronized(norm: _BatchNorm) -> SynchronizedBatchNorm:
    new = SynchronizedBatchNorm(
        norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats
    )
    new.__dict__.update(
        {key: norm.__dict__[key] for key in ("_parameters", "_buffers", "training") if key in norm.__dict__}
    )
    return new


def _statistics(rows: Tensor) -> tuple[Tensor, Tensor, float]:
    """Mean and biased variance of each channel in float32, and number of values, over all processes."""
    unused = torch.zeros(
        rows.shape[1], device=rows.device
    )  # or the statistics have the precision of the rows
    mean, variance = torch.batch_norm_update_stats(rows, unused, unused.clone(), 0.0)
    mean, variance = mean.double(), variance.double()
    count = rows.numel() // rows.shape[1]
    # In float64, so that the variance doesn't suffer from the subtraction.
    sums = torch.cat([mean, variance + mean * mean, mean.new_ones(1)]) * count
    dist.all_reduce(sums)
    total = sums[-1]
    mean, square = (sums[:-1] / total).chunk(2)
    return mean.float(), (square - mean * mean).clamp(min=0).float(), float(total)


class _Normalize(Function):
    """Normalization with the statistics of all processes, and its gradient, which has sums over them, too."""

    @staticmethod
    def forward(
        context: Any,  # noqa: ANN401 - torch's context
        rows: Tensor,
        weight: Tensor | None,
        bias: Tensor | None,
        mean: Tensor,
        variance: Tensor,
        count: float,
        eps: float,
    ) -> Tensor:
        context.save_for_backward(rows, weight, mean, variance)
        context.count, context.eps = count, eps
        return F.batch_norm(rows, mean, variance, weight, bias, training=False, eps=eps)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        rows, weight, mean, variance = context.saved_tensors
        gradient = gradients[0].contiguous(memory_format=_format_of(rows))
        direct, along, sums = torch.ops.aten.native_batch_norm_backward(
            gradient, rows, torch.ones_like(mean) if weight is None else weight, mean, variance, None, None,
            False, context.eps, [True, True, True],
        )  # fmt: skip
        means = torch.cat([sums.double(), along.double()])
        dist.all_reduce(means)
        of_gradient, of_product = (means / context.count).float().chunk(2)
        inverse = (variance + context.eps).rsqrt()
        scale = inverse if weight is None else inverse * weight.float()
        # scale * (of_gradient + normalized * of_product), as a multiple of the input and a constant
        slope = scale * inverse * of_product
        constant = scale * of_gradient - slope * mean
        shape = (1, -1, *([1] * (rows.dim() - 2)))
        direct = (direct - torch.addcmul(constant.view(shape), slope.view(shape), rows)).to(rows.dtype)
        affine = (None, None) if weight is None else (along, sums)
        return direct, *affine, None, None, None, None


def _format_of(rows: Tensor) -> torch.memory_format:
    if rows.dim() == 4 and rows.is_contiguous(memory_format=torch.channels_last):
        return torch.channels_last
    return torch.contiguous_format
