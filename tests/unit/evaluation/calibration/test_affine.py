"""Vector scaling and bias-corrected temperature scaling against known maps and nearby ones."""

import numpy as np
import pytest

from mien import metrics
from mien.bundles.calibration import log_softmax
from mien.evaluation.calibration.affine import fit_vector_scaling

SCALE = np.array([0.6, 1.0, 1.7, 1.2])
BIAS = np.array([0.5, -0.5, 0.0, 0.2])


def drawn(n=6000, seed=0):
    """Logits, and labels drawn from softmax(scale * log_softmax(logits) + bias)."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (n, len(BIAS)))
    probabilities = np.exp(log_softmax(log_softmax(logits) * SCALE + BIAS))
    labels = (rng.random((n, 1)) > probabilities.cumsum(1)).sum(1)
    return logits, np.minimum(labels, len(BIAS) - 1)


def loss(logits, labels, scale, bias):
    probabilities = np.exp(log_softmax(log_softmax(logits) * scale + bias))
    prior = ((scale - 1) ** 2).sum() + (bias**2).sum()
    return metrics.log_loss(probabilities, labels) + prior / (2 * len(labels))


def test_a_known_scaling_is_found():
    logits, labels = drawn(20000)
    found = fit_vector_scaling(logits, labels)
    np.testing.assert_allclose(found.scale, SCALE, atol=0.15)
    np.testing.assert_allclose(found.bias - found.bias.mean(), BIAS - BIAS.mean(), atol=0.2)


@pytest.mark.parametrize("n", [5, 300])
def test_no_nearby_map_has_a_lower_loss(n):
    logits, labels = drawn(n)
    found, rng = fit_vector_scaling(logits, labels), np.random.default_rng(1)
    least = loss(logits, labels, *found)
    for size in (1e-3, 1e-2, 0.1, 1.0):
        for _ in range(20):
            scale = found.scale + size * rng.normal(size=found.scale.shape)
            bias = found.bias + size * rng.normal(size=found.bias.shape)
            assert loss(logits, labels, scale, bias) >= least - 1e-9


def test_a_class_without_faces_and_huge_logits_have_positive_scales():
    logits, labels = drawn(50)
    for given in (logits, 1e5 * logits):
        found = fit_vector_scaling(given, np.minimum(labels, 2))
        assert np.isfinite(found.bias).all()
        assert (found.scale > 0).all()
