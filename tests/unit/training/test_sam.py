"""The gradient at the worst weights close by, and nothing else changed."""

import pytest
import torch
from torch import nn

from mien.training.sam import sam_perturbation

FACES = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 2))


def weights(some: nn.Module) -> torch.Tensor:
    return torch.cat([weight.detach().flatten() for weight in some.parameters()])


def loss(some: nn.Module) -> torch.Tensor:
    return some(FACES).square().sum()


@pytest.mark.parametrize("rho", [0.01, 0.5])
def test_the_weights_move_by_the_radius_along_the_gradient_and_back(rho: float) -> None:
    some = network()
    before = weights(some)
    loss(some).backward()
    gradient = torch.cat([weight.grad.flatten() for weight in some.parameters()])
    with sam_perturbation(some, rho):
        way = weights(some) - before
        assert torch.allclose(way, rho * gradient / gradient.norm(), atol=1e-6)
        assert all(weight.grad is None for weight in some.parameters())
    assert torch.equal(weights(some), before)


def test_the_loss_is_higher_there() -> None:
    some = network()
    here = loss(some)
    here.backward()
    with sam_perturbation(some, 0.05):
        assert loss(some) > here


def test_weights_come_back_after_an_error() -> None:
    some = network()
    before = weights(some)
    loss(some).backward()
    with pytest.raises(KeyboardInterrupt), sam_perturbation(some, 1.0):
        raise KeyboardInterrupt
    assert torch.equal(weights(some), before)
    assert some[1].momentum == 0.1


def test_running_statistics_stand_still_inside() -> None:
    some = network()
    loss(some).backward()
    kept = some[1].running_mean.clone()
    with sam_perturbation(some, 1.0):
        loss(some)
        assert torch.equal(some[1].running_mean, kept)
    loss(some)
    assert not torch.equal(some[1].running_mean, kept)


def test_frozen_weights_stay() -> None:
    some = network()
    some[0].weight.requires_grad_(False)
    loss(some).backward()
    frozen = some[0].weight.clone()
    with sam_perturbation(some, 1.0):
        assert torch.equal(some[0].weight, frozen)


@pytest.mark.parametrize("value", [0.0, torch.inf, torch.nan])
def test_gradients_that_show_no_way_move_nothing(value: float) -> None:
    some = network()
    before = weights(some)
    loss(some).backward()
    for weight in some.parameters():
        weight.grad.fill_(value)
    with sam_perturbation(some, 1.0):
        assert torch.equal(weights(some), before)
