import pytest
import torch

from mien.training.losses.base import smooth_labels


def test_smoothing_spreads_evenly_over_all_classes() -> None:
    smoothed = smooth_labels(torch.tensor([[1.0, 0, 0, 0]]), 0.2)
    assert smoothed.tolist() == [pytest.approx([0.85, 0.05, 0.05, 0.05])]


def test_without_smoothing_targets_are_unchanged() -> None:
    targets = torch.eye(3)
    assert smooth_labels(targets, 0) is targets
