from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from mien.training.parallel.batch_norm import SynchronizedBatchNorm, synchronize_batch_norm
from mien.training.parallel.world import World
from rank_builders import on_ranks

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

NORMS = [
    (nn.BatchNorm2d(5, momentum=0.3), (8, 5, 4, 4)),
    (nn.BatchNorm2d(5, affine=False), (7, 5, 3, 3)),
    (nn.BatchNorm1d(5, momentum=None), (6, 5)),
    (nn.BatchNorm1d(5, track_running_stats=False), (5, 5, 3)),
]


def _trained(norm: nn.Module, rows: Tensor, pull: Tensor) -> dict[str, Any]:
    rows = rows.clone().requires_grad_()
    out = norm(norm(rows) * pull)  # twice, so that running statistics and gradients build up
    (out * pull).sum().backward()
    return {
        "out": out.detach(),
        "gradient": rows.grad,
        "weights": [weight.grad for weight in norm.parameters()],
        "buffers": {name: value.clone() for name, value in norm.named_buffers()},
    }


@pytest.mark.parametrize(("norm", "shape"), NORMS)
def test_ranks_compute_what_one_process_does(norm: nn.Module, shape: tuple[int, ...], tmp_path: Path) -> None:
    rows, pull = torch.randn(shape) * 3 + 40, torch.randn(shape)
    for weight in norm.parameters():
        nn.init.uniform_(weight, 0.5, 2)
        weight.grad = None
    state = {name: value.clone() for name, value in norm.state_dict().items()}

    def on_rank(world: World) -> dict[str, Any]:
        return _trained(synchronize_batch_norm(norm), world.part(rows), world.part(pull))

    parts = on_ranks(on_rank, tmp_path)
    norm.load_state_dict(state)
    whole = _trained(norm, rows, pull)
    for rank, part in enumerate(parts):
        for what in ("out", "gradient"):
            assert torch.allclose(part[what], whole[what][rank::2], atol=2e-4), what
        for name, value in whole["buffers"].items():
            assert torch.allclose(part["buffers"][name].float(), value.float(), rtol=1e-5), name
    for one, other, both in zip(parts[0]["weights"], parts[1]["weights"], whole["weights"], strict=True):
        assert torch.allclose(one + other, both, atol=1e-3)


def test_names_and_tensors_stay() -> None:
    network = nn.Sequential(nn.Conv2d(1, 3, 3), nn.Sequential(nn.BatchNorm2d(3, eps=0.1, momentum=0.2)))
    before = dict(network.state_dict(keep_vars=True))
    after = synchronize_batch_norm(network).state_dict(keep_vars=True)
    assert all(after[name] is value for name, value in before.items())
    assert list(after) == list(before)
    norm = network[1][0]
    assert isinstance(norm, SynchronizedBatchNorm)
    assert (norm.eps, norm.momentum) == (0.1, 0.2)


def test_evaluation_uses_the_running_statistics_alone() -> None:
    norm = synchronize_batch_norm(nn.BatchNorm2d(3)).eval()
    rows = torch.randn(2, 3, 4, 4)
    assert torch.allclose(norm(rows), rows, atol=1e-4)
