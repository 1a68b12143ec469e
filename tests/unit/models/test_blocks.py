import pytest
import torch
from torch import nn

from mien.models.blocks import classifier, conv_norm_relu, initialize, scaled


@pytest.mark.parametrize(
    ("count", "width", "expected"),
    [(20, 1.0, 20), (1, 1.0, 1), (64, 0.5, 32), (20, 0.5, 8), (64, 0.01, 8), (64, 1.5, 96), (30, 2.0, 64)],
)
def test_scaled_counts(count, width, expected):
    assert scaled(count, width) == expected


@pytest.mark.parametrize(
    ("kernel", "padding", "size"),
    [(1, "same", 9), (3, "same", 9), (4, "same", 9), (3, "valid", 7), (4, "valid", 6)],
)
def test_sides_that_a_block_leaves(kernel, padding, size):
    block = conv_norm_relu(2, 3, kernel, padding=padding, norm=True)
    assert block(torch.zeros(2, 2, 9, 9)).shape == (2, 3, size, size)


def test_an_even_kernel_looks_further_right_and_down():
    block = conv_norm_relu(1, 1, 2, padding="same", norm=False)
    block.conv.weight.data.fill_(1.0)
    block.conv.bias.data.zero_()
    face = torch.arange(4.0).view(1, 1, 2, 2)
    assert block(face).flatten().tolist() == [0 + 1 + 2 + 3, 1 + 3, 2 + 3, 3]


def test_weights_are_he_normal_and_biases_zero():
    torch.manual_seed(0)
    conv, linear = nn.Conv2d(16, 64, 3), nn.Linear(400, 300)
    initialize(nn.Sequential(conv, nn.ReLU(), linear))
    assert conv.weight.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.05)
    assert linear.weight.std().item() == pytest.approx((2 / 400) ** 0.5, rel=0.05)
    assert not conv.bias.any()
    assert not linear.bias.any()


def test_the_classifier_starts_near_zero():
    torch.manual_seed(0)
    layer = classifier(512, 7)
    assert layer.weight.std().item() == pytest.approx(0.01, rel=0.1)
    assert not layer.bias.any()
