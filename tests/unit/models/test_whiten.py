import pytest
import torch
from torch import nn
from torch.nn import functional as F

from mien.models.whiten import whiten, whitening_filters


def smooth_faces(count=64, size=16, channels=1):
    """Correlated neighboring pixels, as in images."""
    noise = torch.rand(count, channels, size + 4, size + 4, generator=torch.Generator().manual_seed(0))
    return 4 * (F.avg_pool2d(noise, 5, stride=1) - 0.5)


def outputs(filters, faces, stride):
    found = F.conv2d(faces, filters, stride=stride)
    return found.transpose(0, 1).flatten(1)


@pytest.mark.parametrize(("size", "stride", "channels"), [(4, 2, 1), (3, 1, 1), (3, 2, 3)])
def test_the_outputs_of_the_filters_are_uncorrelated_and_the_strong_ones_have_equal_variance(
    size, stride, channels
):
    faces = smooth_faces(channels=channels)
    found = outputs(whitening_filters(faces, size, stride), faces, stride)
    covariance = found @ found.T / found.shape[1]
    off = covariance - covariance.diag().diag()
    assert off.abs().max() < 1e-3
    strengths = covariance.diag()
    assert strengths[0] == pytest.approx(1, abs=0.05)
    assert (strengths.diff() <= 1e-4).all()


def test_a_stem_has_both_signs_and_is_not_trained():
    conv = nn.Conv2d(1, 40, 4, 2, bias=False)
    before = conv.weight.detach().clone()
    whiten(conv, smooth_faces())
    assert torch.equal(conv.weight[16:32], -conv.weight[:16])
    assert torch.equal(conv.weight[32:], before[32:])
    assert not conv.weight.requires_grad


def test_a_color_stem_has_the_strongest_directions_with_both_signs():
    conv = nn.Conv2d(3, 32, 4, 2, bias=False)
    faces = smooth_faces(channels=3)
    whiten(conv, faces)
    assert torch.equal(conv.weight[:16], whitening_filters(faces, 4, 2)[:16])
    assert torch.equal(conv.weight[16:], -conv.weight[:16])


def test_fewer_channels_have_the_strongest_directions():
    conv = nn.Conv2d(1, 8, 4, 2, bias=False)
    whiten(conv, smooth_faces())
    assert torch.equal(conv.weight[:, :, :, :], whitening_filters(smooth_faces(), 4, 2)[:8])
