import pytest
import torch
from torch.nn import functional as F

from mien.training.losses.cross_entropy import CrossEntropy, cross_entropy

RNG = torch.Generator().manual_seed(0)
LOGITS = 3 * torch.randn(20, 7, generator=RNG)
LABELS = torch.arange(20) % 7
ONE_HOT = F.one_hot(LABELS, 7).float()
DISTRIBUTIONS = torch.rand(20, 7, generator=RNG).softmax(1)
WEIGHTS = torch.rand(7, generator=RNG) + 0.5
EQUAL = torch.ones(7)


def test_one_hot_targets_give_torch_s_cross_entropy() -> None:
    assert torch.allclose(cross_entropy(LOGITS, ONE_HOT, EQUAL, 0), F.cross_entropy(LOGITS, LABELS))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_distributions_give_torch_s_cross_entropy(smoothing: float) -> None:
    expected = F.cross_entropy(LOGITS, DISTRIBUTIONS, label_smoothing=smoothing)
    assert torch.allclose(cross_entropy(LOGITS, DISTRIBUTIONS, EQUAL, smoothing), expected)


def test_a_weight_multiplies_the_loss_of_its_class() -> None:
    single = F.cross_entropy(LOGITS, LABELS, reduction="none")
    assert torch.allclose(cross_entropy(LOGITS, ONE_HOT, WEIGHTS, 0), (single * WEIGHTS[LABELS]).mean())


def test_the_configuration_builds_it() -> None:
    loss = CrossEntropy(label_smoothing=0.1).build(WEIGHTS, 0)
    assert torch.equal(loss(LOGITS, ONE_HOT), cross_entropy(LOGITS, ONE_HOT, WEIGHTS, 0.1))
    assert loss.state_dict() == {}, "class weights follow from the recipe and the faces"
