import pytest
import torch
from torch import nn

from mien.training.optimizers.adam import Adam
from mien.training.optimizers.base import OptimizerConfig, make_optimizer
from mien.training.optimizers.rmsprop import RmsProp
from mien.training.optimizers.sgd import Sgd


def network() -> nn.Module:
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(2, 2))


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        (Sgd(kind="sgd", lr=0.1, weight_decay=0.01), torch.optim.SGD),
        (Adam(kind="adam", weight_decay=0.01), torch.optim.Adam),
        (Adam(kind="adamw", weight_decay=0.01), torch.optim.AdamW),
        (RmsProp(kind="rmsprop", weight_decay=0.01), torch.optim.RMSprop),
    ],
)
def test_kind_and_decay_on_kernels_only(config: OptimizerConfig, kind: type) -> None:
    optimizer = make_optimizer(config, [network()])
    assert type(optimizer) is kind
    decays = {p.ndim > 1: g["weight_decay"] for g in optimizer.param_groups for p in g["params"]}
    assert decays == {True: 0.01, False: 0.0}
    assert sum(len(group["params"]) for group in optimizer.param_groups) == 6


def test_options_reach_torch() -> None:
    sgd = make_optimizer(Sgd(kind="sgd", lr=0.3, momentum=0.8, nesterov=False), [network()]).defaults
    assert (sgd["lr"], sgd["momentum"], sgd["nesterov"]) == (0.3, 0.8, False)
    adam = make_optimizer(Adam(kind="adamw", lr=0.2, betas=(0.5, 0.6), eps=1e-5), [network()]).defaults
    assert (adam["lr"], adam["betas"], adam["eps"]) == (0.2, (0.5, 0.6), 1e-5)
    rms = make_optimizer(RmsProp(kind="rmsprop", alpha=0.7, momentum=0.1, eps=1e-3), [network()]).defaults
    assert (rms["alpha"], rms["momentum"], rms["eps"]) == (0.7, 0.1, 1e-3)


def test_the_parameters_of_several_modules_are_optimized_together() -> None:
    optimizer = make_optimizer(Sgd(kind="sgd", lr=0.1), [network(), nn.Linear(2, 3, bias=False)])
    assert [len(group["params"]) for group in optimizer.param_groups] == [3, 4]


def test_frozen_parameters_are_left_out() -> None:
    some = network()
    some[0].requires_grad_(False)
    optimizer = make_optimizer(Sgd(kind="sgd", lr=0.1), [some])
    assert sum(len(group["params"]) for group in optimizer.param_groups) == 4


def test_layer_decay_scales_the_rates_of_early_layers() -> None:
    some = network()
    depths = {some[0].weight: 3, some[0].bias: 3, some[1].weight: 1}
    optimizer = make_optimizer(Adam(kind="adamw", weight_decay=0.1, layer_decay=0.5), [some], depths)
    found = {id(p): (g["lr_scale"], g["weight_decay"]) for g in optimizer.param_groups for p in g["params"]}
    expected = [(0.125, 0.1), (0.125, 0.0), (0.5, 0.0), (1, 0.0), (1, 0.1), (1, 0.0)]
    assert [found[id(p)] for p in some.parameters()] == expected


def test_without_layer_decay_there_are_two_groups() -> None:
    some = network()
    groups = make_optimizer(Adam(kind="adamw"), [some], {some[0].weight: 3}).param_groups
    assert ["lr_scale" in group for group in groups] == [False, False]
