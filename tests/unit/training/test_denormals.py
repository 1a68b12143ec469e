import sys

import pytest
import torch

from mien.training.denormals import flushed_denormals
from training_builders import tiny_run, train


def _half_of_the_smallest() -> float:
    return float(torch.tensor([sys.float_info.min], dtype=torch.float64) / 2)


@pytest.fixture(autouse=True)
def _kept():
    able = torch.set_flush_denormal(False)
    yield
    torch.set_flush_denormal(False)
    if not able:
        pytest.skip("this processor has no such switch")


def test_denormals_are_zero_inside_and_numbers_outside():
    with flushed_denormals():
        assert _half_of_the_smallest() == 0
    assert _half_of_the_smallest() > 0


def test_the_setting_is_restored():
    torch.set_flush_denormal(True)
    with flushed_denormals():
        pass
    assert _half_of_the_smallest() == 0


def test_training_restores_the_setting(tmp_path):
    train(tiny_run(tmp_path / "run"))
    assert _half_of_the_smallest() > 0
