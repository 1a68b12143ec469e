import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from mien.training.averaging import MovingAverage


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))


def stepped(net: nn.Sequential) -> None:
    with torch.no_grad():
        for weight in net.parameters():
            weight.add_(torch.randn_like(weight))
    net(torch.randn(2, 1, 5, 5))


def test_it_equals_the_average_of_torch_bit_for_bit() -> None:
    def update(average: list[torch.Tensor], current: list[torch.Tensor], done: torch.Tensor) -> None:
        steps = float(done)
        for old, new in zip(average, current, strict=True):
            if old.is_floating_point():
                old.lerp_(new, 1 - min(0.9, (1 + steps) / (10 + steps)))
            else:
                old.copy_(new)

    net = network()
    oracle = AveragedModel(net, multi_avg_fn=update, use_buffers=True)
    average = MovingAverage(net, 0.9)
    for _ in range(20):
        stepped(net)
        oracle.update_parameters(net)
        average.update(net)
    expected, found = oracle.state_dict(), average.state_dict()
    assert list(found) == list(expected)
    for name, value in expected.items():
        assert torch.equal(found[name], value), name


def test_a_loaded_average_continues_where_it_was() -> None:
    net = network()
    average, other = MovingAverage(net, 0.9), MovingAverage(net, 0.9)
    stepped(net)
    average.update(net)
    other.load_state_dict(average.state_dict())
    stepped(net)
    average.update(net)
    other.update(net)
    for name, value in average.state_dict().items():
        assert torch.equal(other.state_dict()[name], value), name


def test_a_step_never_reads_a_value_of_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    net = network()
    average = MovingAverage(net, 0.9)
    read: list[str] = []
    for name in ("__float__", "__int__", "__bool__", "item"):
        monkeypatch.setattr(torch.Tensor, name, lambda _, name=name: read.append(name))
    average.update(net)
    average.update(net)
    assert read == []
