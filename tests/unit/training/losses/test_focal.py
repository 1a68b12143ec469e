import numpy as np
import pytest
import torch
from torch.nn import functional as F

from mien.training.losses.cross_entropy import cross_entropy
from mien.training.losses.focal import Focal, focal

RNG = torch.Generator().manual_seed(0)
LOGITS = 3 * torch.randn(20, 7, generator=RNG)
LABELS = torch.arange(20) % 7
ONE_HOT = F.one_hot(LABELS, 7).float()
DISTRIBUTIONS = torch.rand(20, 7, generator=RNG).softmax(1)
WEIGHTS = torch.rand(7, generator=RNG) + 0.5


@pytest.mark.parametrize("gamma", [0.5, 2.0, 5.0])
def test_it_follows_the_formula(gamma: float) -> None:
    logits, labels = LOGITS.double().numpy(), LABELS.numpy()
    exponentials = np.exp(logits)
    p = (exponentials / exponentials.sum(1, keepdims=True))[np.arange(20), labels]
    expected = (-WEIGHTS.double().numpy()[labels] * (1 - p) ** gamma * np.log(p)).mean()
    assert focal(LOGITS, ONE_HOT, WEIGHTS, 0, gamma).item() == pytest.approx(expected, rel=1e-5)


def test_without_gamma_it_is_cross_entropy() -> None:
    found = focal(LOGITS, DISTRIBUTIONS, WEIGHTS, 0.1, 0)
    assert torch.allclose(found, cross_entropy(LOGITS, DISTRIBUTIONS, WEIGHTS, 0.1))


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_its_gradient_is_finite_where_the_network_is_certain(gamma: float) -> None:
    logits = torch.tensor([[200.0, 0, 0], [0, 200.0, 0]], requires_grad=True)
    focal(logits, torch.eye(3)[[0, 0]], torch.ones(3), 0, gamma).backward()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


def test_the_configuration_builds_it() -> None:
    loss = Focal(kind="focal", gamma=3, label_smoothing=0.1).build(WEIGHTS, 0)
    assert torch.equal(loss(LOGITS, ONE_HOT), focal(LOGITS, ONE_HOT, WEIGHTS, 0.1, 3))
