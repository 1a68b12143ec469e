import numpy as np
import pytest
import torch

from mien.models.cbam import Cbam, ChannelAttention, SpatialAttention


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize(
    ("channels", "reduction", "hidden"), [(2048, 16, 128), (64, 16, 4), (32, 8, 4), (8, 16, 1)]
)
def test_parameters_equal_a_count_by_hand(channels, reduction, hidden):
    module = Cbam(channels, reduction)
    assert sum(p.numel() for p in module.parameters()) == 2 * channels * hidden + 2 * 7 * 7


def test_channel_attention_of_a_case_computed_by_hand():
    attention = ChannelAttention(2, reduction=2)
    attention.squeeze.weight.data = torch.tensor([[1.0, -1.0]])
    attention.expand.weight.data = torch.tensor([[2.0], [0.5]])
    features = torch.tensor([[[[1.0, 3.0]], [[0.0, 2.0]]]])
    # mean (2, 1) -> hidden 1, max (3, 2) -> hidden 1; both add up to (4, 1) before the sigmoid
    expected = features * torch.sigmoid(torch.tensor([4.0, 1.0])).view(1, 2, 1, 1)
    torch.testing.assert_close(attention(features), expected)


def test_both_attentions_equal_a_naive_computation():
    torch.manual_seed(0)
    module = Cbam(32).eval()
    features = torch.randn(2, 32, 5, 4)
    with torch.no_grad():
        result = module(features).numpy()
    naive = [naive_cbam(face, module) for face in features.numpy()]
    np.testing.assert_allclose(result, naive, rtol=1e-5, atol=1e-6)


def naive_cbam(face, module):
    squeeze, expand = (
        module.channel.squeeze.weight.detach().numpy(),
        module.channel.expand.weight.detach().numpy(),
    )
    logits = sum(expand @ np.maximum(squeeze @ pooled, 0) for pooled in (face.mean((1, 2)), face.max((1, 2))))
    face = face * sigmoid(logits)[:, None, None]
    maps = np.pad(np.stack([face.mean(0), face.max(0)]), ((0, 0), (3, 3), (3, 3)))
    kernel = module.spatial.conv.weight.detach().numpy()[0]
    height, width = face.shape[1:]
    places = [[(maps[:, y : y + 7, x : x + 7] * kernel).sum() for x in range(width)] for y in range(height)]
    return face * sigmoid(np.array(places))


def test_spatial_attention_keeps_the_shape_and_weighs_all_channels_alike():
    attention = SpatialAttention()
    weights = attention(torch.ones(3, 8, 6, 6))
    assert weights.shape == (3, 8, 6, 6)
    assert torch.equal(weights[:, :1].expand_as(weights), weights)
    assert ((weights > 0) & (weights < 1)).all()
