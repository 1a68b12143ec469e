import math
from pathlib import Path

import numpy as np
import pytest

from mien.tuning import statistics
from mien.tuning.space_file import read_space
from mien.tuning.statistics import counts_of, expected_maximum, importance_of, interval_of, selection_optimism
from mien.tuning.trials import Trial
from tuning_builders import tiny_study

SPACE = read_space({"a": {"low": 0.0, "high": 1.0}, "b": {"low": 0.0, "high": 1.0}})


@pytest.mark.parametrize("count", [2, 10, 50])
def test_the_expected_maximum_is_that_of_simulated_numbers(count: int) -> None:
    drawn = np.random.default_rng(0).standard_normal((20_000, count)).max(1)
    assert expected_maximum(count) == pytest.approx(drawn.mean(), abs=0.04)


def test_one_trial_has_no_optimism() -> None:
    assert selection_optimism(0.6, 1000, 1) == 0
    assert selection_optimism(0.5, 100, 30) == pytest.approx(expected_maximum(30) * 0.05)
    low, high = interval_of(0.6, 1000)
    assert low < 0.6 < high


def trial(number: int, a: float, b: float, state: str = "complete") -> Trial:
    accuracies = {1: 0.2 + 0.1 * a} if state == "pruned" else {1: 0.2 + 0.1 * a, 2: 0.3, 3: 0.3 + 0.2 * b}
    return Trial(
        number, state, {"a": a, "b": b}, max(accuracies.values()), accuracies, 1.0, "", False, Path()
    )


def drawn(count: int, complete: int) -> list[Trial]:
    rng = np.random.default_rng(0)
    return [
        trial(at, *map(float, rng.random(2)), "complete" if at < complete else "pruned")
        for at in range(count)
    ]


def test_the_key_that_decides_is_the_most_important() -> None:
    found = importance_of(drawn(24, 24), SPACE, 3)
    assert found is not None
    assert (found.epoch, found.trials) == (None, 24)
    assert list(found.shares) == ["b", "a"]
    assert sum(found.shares.values()) == pytest.approx(1)
    assert found.shares["b"] > 0.8


def test_pruned_trials_count_by_the_accuracy_that_all_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "_fanova", lambda results, space: {"b": 0.2, "a": 0.6})
    found = importance_of(drawn(30, 5), SPACE, 3)
    assert found is not None
    assert (found.epoch, found.trials) == (1, 30)
    assert list(found.shares) == ["a", "b"]
    assert sum(found.shares.values()) == pytest.approx(1)


def test_few_or_equal_trials_have_no_importance() -> None:
    assert importance_of(drawn(5, 5), SPACE, 3) is None
    assert importance_of([trial(at, 0.5, 0.5) for at in range(20)], SPACE, 3) is None
    only = read_space({"a": {"low": 0.0, "high": 1.0}})
    found = importance_of(drawn(12, 12), only, 3)
    assert found is not None
    assert found.shares == {"a": 1.0}


def test_states_are_counted(tmp_path: Path) -> None:
    assert counts_of(tiny_study(tmp_path / "study").trials) == {"complete": 2, "pruned": 2}
    assert math.isclose(sum(counts_of(()).values()), 0)
