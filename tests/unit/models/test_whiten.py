import pytest
import torch
from torch import nn
from torch.nn import functional as F

from mien.models.whiten import whiten, whitening_filters


def smooth_faces(count=64, size=16):
    """Neighboring pixels alike, as in pictures."""
    noise = torch.rand(count, 1, size + 4, size + 4, generator=torch.Generator().manual_seed(0))
    return 4 * (F.avg_pool2d(noise, 5, stride=1) - 0.5)


def answers(filters, faces, stride):
    found = F.conv2d(faces, filters, stride=stride)
    return found.transpose(0, 1).flatten(1)


@pytest.mark.parametrize(("size", "stride"), [(4, 2), (3, 1)])
def test_the_answers_of_the_filters_are_uncorrelated_and_the_strong_ones_equally_strong(size, stride):
    faces = smooth_faces()
    found = answers(whitening_filters(faces, size, stride), faces, stride)
    covariance = found @ found.T / found.shape[1]
    off = covariance - covariance.diag().diag()
    assert off.abs().max() < 1e-3
    strengths = covariance.diag()
    assert strengths[0] == pytest.approx(1, abs=0.05)
    assert (strengths.diff() <= 1e-4).all()


def test_a_stem_takes_both_signs_and_is_not_learned():
    conv = nn.Conv2d(1, 40, 4, 2, bias=False)
    before = conv.weight.detach().clone()
    whiten(conv, smooth_faces())
    assert torch.equal(conv.weight[16:32], -conv.weight[:16])
    assert torch.equal(conv.weight[32:], before[32:])
    assert not conv.weight.requires_grad


def test_fewer_channels_take_the_strongest_directions():
    conv = nn.Conv2d(1, 8, 4, 2, bias=False)
    whiten(conv, smooth_faces())
    assert torch.equal(conv.weight[:, :, :, :], whitening_filters(smooth_faces(), 4, 2)[:8])
