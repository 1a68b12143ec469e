import numpy as np
import pytest

from builders import faces
from mien.errors import RunError
from mien.tuning.lr_range import LrRange, measure_lr_range, smoothed
from training_builders import tiny_recipe


def test_smoothing_has_no_bias_toward_its_start() -> None:
    np.testing.assert_allclose(smoothed(np.full(50, 3.0)), 3.0)
    assert smoothed(np.array([4.0, 2.0]))[1] == pytest.approx((0.95 * 4 + 2) / 1.95)


def test_the_suggestion_is_before_the_lowest_loss() -> None:
    lrs = np.geomspace(1e-4, 10, 400)
    at = np.log10(lrs)
    losses = 2 - 1 / (1 + np.exp(-4 * (at + 1.5))) + np.exp(3 * (at - 0.3))
    found = LrRange(tuple(lrs), tuple(losses), 0.1, "sgd")
    assert found.steepest < found.lowest
    assert found.suggestion == pytest.approx(found.lowest / 3, rel=0.05)


def test_the_recipe_is_trained_with_growing_rates_until_the_loss_explodes() -> None:
    some = faces(140)
    recipe = tiny_recipe("optimizer={kind: sgd, lr: 0.05}")
    found = measure_lr_range(recipe, some, low=1e-3, high=1e6, batches=60, device="cpu")
    assert 10 < len(found.lrs) == len(found.losses) < 60
    np.testing.assert_allclose(found.lrs, np.geomspace(1e-3, 1e6, 60)[: len(found.lrs)])
    assert (found.recipe_lr, found.optimizer) == (0.05, "sgd")
    again = measure_lr_range(recipe, some, low=1e-3, high=1e6, batches=60, device="cpu")
    assert again == found


def test_a_loss_that_is_not_finite_at_once_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = tiny_recipe("optimizer={kind: sgd, lr: 0.05}")
    monkeypatch.setattr("mien.training.learner.Learner.step", lambda *_, **__: (np.nan, None))
    with pytest.raises(RunError, match=r"the loss is not finite after 0 batches; pass a smaller low=\.\.\."):
        measure_lr_range(recipe, faces(70), low=1e5, high=1e6, batches=20, device="cpu")
