import io
from dataclasses import replace
from pathlib import Path

from mien.cli.tuning_progress import TuningProgress
from mien.console import Console
from mien.tuning.trials import best_of
from tuning_builders import tiny_study


def test_a_line_for_each_trial(tmp_path: Path) -> None:
    study = tiny_study(tmp_path / "study")
    trials, text = study.trials, io.StringIO()
    failed = replace(trials[1], state="failed", reason="the loss is nan")
    left = replace(trials[3], number=4, state="running")
    with TuningProgress(Console(file=text, width=200)) as progress:
        assert not progress.has_begun
        progress.on_trial_start(study, trials[0], resumed=False)
        assert progress.has_begun
        for one in (trials[0], failed, trials[2], trials[3], left):
            progress.on_trial_end(study, one, best_of(trials[: one.number + 1]))
    assert text.getvalue().splitlines() == [
        f"study in {study.path}",
        "trial 0 begins: the unchanged recipe",
        "trial 0 has 50.00 % after 3 epochs; the best so far",
        "trial 1 failed: the loss is nan; best 50.00 % (trial 0)",
        "trial 2 has 60.00 % after 3 epochs; the best so far",
        "trial 3 has 25.00 % after 1 epoch (pruned); best 60.00 % (trial 2)",
        "trial 4 has 25.00 % after 1 epoch (interrupted); best 60.00 % (trial 2)",
    ]
