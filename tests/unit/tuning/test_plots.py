from pathlib import Path

import numpy as np
import pytest

from mien.figures.style import VERMILION
from mien.tuning import plots
from mien.tuning.lr_range import LrRange
from mien.tuning.statistics import Importance
from tuning_builders import tiny_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory):
    return tiny_study(tmp_path_factory.mktemp("study") / "s")


def legend(ax) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_history_shows_each_trial_and_the_best_so_far(study) -> None:
    ax = plots.plot_history(study.trials)
    assert legend(ax) == ["pruned or running", "complete", "unchanged recipe", "best so far"]
    best = ax.lines[-1]
    np.testing.assert_allclose(best.get_ydata(), [50, 60, 60])
    np.testing.assert_allclose(ax.lines[0].get_xdata(), [1, 3])


def test_epochs_mark_the_best_and_the_rungs(study) -> None:
    ax = plots.plot_epochs(study.trials, [1])
    drawn = {tuple(line.get_ydata()): line.get_color() for line in ax.lines if len(line.get_ydata()) == 3}
    assert drawn[(35.0, 50.0, 60.0)] == VERMILION
    assert list(ax.lines[0].get_xdata()) == [1, 1]


def test_parallel_coordinates_have_an_axis_for_each_key_and_the_accuracy(study) -> None:
    ax = plots.plot_parallel(study.trials, study.info.parameters)
    names = [label.get_text() for label in ax.get_xticklabels()]
    assert names == ["optimizer\nlr", "augment\nrotate", "train\nbatch_size", "accuracy, %"]
    (best,) = [line for line in ax.lines if line.get_color() == VERMILION]
    assert len(best.get_ydata()) == 4
    assert best.get_ydata()[-1] == 1
    baseline = next(line for line in ax.lines if len(line.get_ydata()) == 4 and line is not best)
    np.testing.assert_allclose(baseline.get_ydata(), [0.5, 0, 0, 0])


def test_a_study_without_complete_trials_can_be_drawn(tmp_path: Path) -> None:
    study = tiny_study(tmp_path / "study", [(0.2,), (0.3, 0.4)])
    plots.plot_history(study.trials)
    plots.plot_epochs(study.trials, [])
    ax = plots.plot_parallel(study.trials, study.info.parameters)
    assert len(ax.get_xticklabels()) == 3


def test_importance_is_one_bar_for_each_key() -> None:
    ax = plots.plot_importance(Importance({"b": 0.7, "a": 0.3}, 3, 20))
    assert [bar.get_width() for bar in ax.patches] == [70, 30]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["b", "a"]


def test_values_have_a_panel_for_each_key(study) -> None:
    figure = plots.plot_values(study.trials, study.info.parameters)
    assert [ax.get_title(loc="left") for ax in figure.axes] == list(study.info.parameters.parameters)
    assert all(len(ax.lines) == 4 for ax in figure.axes)


def test_the_suggestion_and_the_recipe_are_marked() -> None:
    lrs = np.geomspace(1e-3, 10, 60)
    losses = 2 + (np.log10(lrs) + 0.5) ** 2 / 8
    ax = LrRange(tuple(lrs), tuple(losses), 0.1, "sgd").plot()
    assert legend(ax)[2:] == [
        f"suggestion {LrRange(tuple(lrs), tuple(losses), 0.1, 'sgd').suggestion:g}",
        "recipe 0.1",
    ]
