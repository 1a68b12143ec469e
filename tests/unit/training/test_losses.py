import numpy as np
import pytest
import torch
from torch.nn import functional as F

from mien.config.training import Loss
from mien.training.losses import cross_entropy, focal, make_loss, smoothed

RNG = torch.Generator().manual_seed(0)
LOGITS = 3 * torch.randn(20, 7, generator=RNG)
LABELS = torch.arange(20) % 7
CERTAIN = F.one_hot(LABELS, 7).float()
SOFT = torch.rand(20, 7, generator=RNG).softmax(1)
WEIGHTS = torch.rand(7, generator=RNG) + 0.5
EQUAL = torch.ones(7)


def test_cross_entropy_of_certain_targets_is_torch_s() -> None:
    assert torch.allclose(cross_entropy(LOGITS, CERTAIN, EQUAL, 0), F.cross_entropy(LOGITS, LABELS))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_of_soft_targets_is_torch_s(smoothing: float) -> None:
    expected = F.cross_entropy(LOGITS, SOFT, label_smoothing=smoothing)
    assert torch.allclose(cross_entropy(LOGITS, SOFT, EQUAL, smoothing), expected)


def test_a_weight_multiplies_the_faces_of_its_class() -> None:
    single = F.cross_entropy(LOGITS, LABELS, reduction="none")
    assert torch.allclose(cross_entropy(LOGITS, CERTAIN, WEIGHTS, 0), (single * WEIGHTS[LABELS]).mean())


@pytest.mark.parametrize("gamma", [0.5, 2.0, 5.0])
def test_focal_follows_the_formula(gamma: float) -> None:
    logits, labels = LOGITS.double().numpy(), LABELS.numpy()
    exponentials = np.exp(logits)
    p = (exponentials / exponentials.sum(1, keepdims=True))[np.arange(20), labels]
    expected = (-WEIGHTS.double().numpy()[labels] * (1 - p) ** gamma * np.log(p)).mean()
    assert focal(LOGITS, CERTAIN, WEIGHTS, 0, gamma).item() == pytest.approx(expected, rel=1e-5)


def test_focal_without_gamma_is_cross_entropy() -> None:
    assert torch.allclose(focal(LOGITS, SOFT, WEIGHTS, 0.1, 0), cross_entropy(LOGITS, SOFT, WEIGHTS, 0.1))


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_focal_has_a_finite_gradient_where_the_network_is_certain(gamma: float) -> None:
    logits = torch.tensor([[200.0, 0, 0], [0, 200.0, 0]], requires_grad=True)
    focal(logits, torch.eye(3)[[0, 0]], torch.ones(3), 0, gamma).backward()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


def test_smoothing_spreads_evenly_over_all_classes() -> None:
    assert smoothed(torch.tensor([[1.0, 0, 0, 0]]), 0.2).tolist() == [pytest.approx([0.85, 0.05, 0.05, 0.05])]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (Loss(label_smoothing=0.1), cross_entropy(LOGITS, CERTAIN, WEIGHTS, 0.1)),
        (Loss(kind="focal", gamma=3), focal(LOGITS, CERTAIN, WEIGHTS, 0.0, 3)),
    ],
)
def test_a_recipe_s_loss(config: Loss, expected: torch.Tensor) -> None:
    assert torch.equal(make_loss(config, WEIGHTS)(LOGITS, CERTAIN), expected)
