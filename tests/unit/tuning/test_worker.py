"""The work on a study with trainings that are only pretended."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from mien.errors import RunError
from mien.training.callbacks import Callback, TrainingStatus
from mien.training.run_folder.state import Epoch
from mien.tuning import worker
from mien.tuning.callbacks import TIME_REASON, TimeBudget
from mien.tuning.progress import StudyProgress
from mien.tuning.study import StudyFolder, open_or_create
from mien.tuning.trial_run import Outcome
from mien.tuning.trials import Trial
from mien.tuning.worker import Work, work_on
from tuning_builders import study_info

Train = Callable[[Trial, Sequence[Callback]], Outcome]


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    return open_or_create(tmp_path / "study", study_info())


class Recorder(StudyProgress):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def on_trial_start(self, study: StudyFolder, trial: Trial, *, resumed: bool) -> None:
        self.lines.append(f"{trial.number} {'resumed' if resumed else 'begins'}")

    def on_trial_end(self, study: StudyFolder, trial: Trial, best: Trial | None) -> None:
        self.lines.append(f"{trial.number} {trial.state}, best {best.number if best else None}")


def epoch(number: int, accuracy: float) -> Epoch:
    return Epoch(number, 0.1, 1.0, 0.5, 1.0, accuracy, 2.0, 100.0)


def trained(curve: Callable[[Trial], Sequence[float]]) -> Train:
    """Return a training that reports the accuracies of a curve and obeys the callbacks."""

    def train(trial: Trial, callbacks: Sequence[Callback]) -> Outcome:
        trial.path.mkdir(parents=True, exist_ok=True)
        status = TrainingStatus(trial.path, study_info().base)
        history: list[Epoch] = []
        for callback in callbacks:
            callback.on_train_start(status)
        for number, accuracy in enumerate(curve(trial), start=1):
            history.append(epoch(number, accuracy))
            for callback in callbacks:
                callback.on_epoch_end(status, history[-1])
            if status.stop_requested:
                break
        best = max((row.validation_accuracy for row in history), default=None)
        return Outcome(best, 2.0 * len(history), len(history) == status.epochs)

    return train


@pytest.fixture
def train_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[Train], None]:
    def use(train: Train) -> None:
        monkeypatch.setattr(
            worker, "train_trial", lambda study, trial, faces, callbacks, device: train(trial, callbacks)
        )

    return use


def work(study: StudyFolder, **options: object) -> Work:
    return Work(study, faces=lambda _: pytest.fail("no faces are read"), **options)  # type: ignore[arg-type]


def test_trials_are_trained_until_the_study_has_as_many(study, train_with) -> None:
    train_with(trained(lambda trial: (0.2, 0.3, 0.4 + 0.01 * trial.number)))
    seen = Recorder()
    work_on(work(study, trials=3, progress=seen))
    assert seen.lines == [
        "0 begins", "0 complete, best 0", "1 begins", "1 complete, best 1", "2 begins", "2 complete, best 2",
    ]  # fmt: skip
    assert [one.accuracy for one in study.trials] == pytest.approx([0.4, 0.41, 0.42])
    assert [one.seconds for one in study.trials] == [6.0, 6.0, 6.0]
    assert study.trials[0].is_baseline
    work_on(work(study, trials=3, progress=seen))
    assert len(study.trials) == 3


def test_the_same_trials_follow_after_an_interruption(tmp_path, train_with) -> None:
    train_with(trained(lambda trial: (0.1, 0.2, trial.values["optimizer.lr"])))
    whole, parts = (open_or_create(tmp_path / name, study_info()) for name in ("a", "b"))
    work_on(work(whole, trials=4))
    for count in (2, 4):
        work_on(work(parts, trials=count))
    assert [one.values for one in whole.trials] == [one.values for one in parts.trials]
    assert len({str(one.values) for one in whole.trials}) == 4


def test_a_trial_that_an_ended_process_left_is_continued_first(study, train_with) -> None:
    def interrupted(trial: Trial, callbacks: Sequence[Callback]) -> Outcome:
        trained(lambda _: (0.2,))(trial, callbacks)
        raise KeyboardInterrupt

    train_with(interrupted)
    with pytest.raises(KeyboardInterrupt):
        work_on(work(study, trials=2))
    assert [(one.state, one.epochs) for one in study.trials] == [("running", 1)]
    train_with(trained(lambda _: (0.2, 0.3, 0.4)))
    seen = Recorder()
    work_on(work(study, trials=2, progress=seen))
    assert seen.lines == ["0 resumed", "0 complete, best 0", "1 begins", "1 complete, best 0"]
    assert study.trials[0].accuracies == {1: 0.2, 2: 0.3, 3: 0.4}


def test_a_trial_of_a_living_process_is_left_alone(study, train_with) -> None:
    inner = Recorder()

    def nested(trial: Trial, callbacks: Sequence[Callback]) -> Outcome:
        train_with(trained(lambda _: (0.1, 0.2, 0.3)))
        work_on(work(StudyFolder(study.path), trials=2, progress=inner))  # another process
        return trained(lambda _: (0.5, 0.6, 0.7))(trial, callbacks)

    train_with(nested)
    work_on(work(study, trials=2))
    assert inner.lines == ["1 begins", "1 complete, best 1"]
    assert [one.accuracy for one in study.trials] == [0.7, 0.3]


def test_worse_trials_are_pruned_but_not_the_first_ones(study, train_with) -> None:
    train_with(trained(lambda trial: (0.5 - 0.05 * trial.number, 0.6, 0.7)))
    work_on(work(study, trials=7))
    assert [one.state for one in study.trials] == 4 * ["complete"] + 3 * ["pruned"]
    assert [one.epochs for one in study.trials] == [3, 3, 3, 3, 1, 1, 1]


def test_without_pruning_all_trials_are_trained(tmp_path, train_with) -> None:
    train_with(trained(lambda trial: (0.5 - 0.05 * trial.number, 0.6, 0.7)))
    study = open_or_create(tmp_path / "all", study_info(pruning=False))
    work_on(work(study, trials=6))
    assert {one.state for one in study.trials} == {"complete"}


def test_a_failed_trial_has_its_reason_and_the_study_goes_on(study, train_with) -> None:
    def train(trial: Trial, callbacks: Sequence[Callback]) -> Outcome:
        if trial.number == 1:
            raise RunError("the loss is nan")
        return trained(lambda _: (0.1, 0.2, 0.3))(trial, callbacks)

    train_with(train)
    work_on(work(study, trials=3))
    assert [one.state for one in study.trials] == ["complete", "failed", "complete"]
    assert study.trials[1].reason == "the loss is nan"


def test_trials_that_all_fail_end_the_study(study, train_with) -> None:
    def train(trial: Trial, callbacks: Sequence[Callback]) -> Outcome:
        raise RunError("no such layer")

    train_with(train)
    with pytest.raises(RunError, match="study: 5 trials in a row failed; the last one: no such layer"):
        work_on(work(study, trials=50))


def test_when_the_time_is_over_the_trial_waits_for_the_next_process(study, train_with, monkeypatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    class Clock(Callback):
        def on_epoch_end(self, status: TrainingStatus, epoch: Epoch) -> None:
            now[0] += 10.0
            if budget.is_over:
                status.request_stop(TIME_REASON)

    budget = TimeBudget(45.0)
    train_with(trained(lambda _: (0.2, 0.3, 0.4)))
    work_on(replace(work(study, time=budget), callbacks=[Clock()]))
    assert [(one.state, one.epochs) for one in study.trials] == [("complete", 3), ("running", 2)]
    work_on(work(study, trials=2))
    assert [one.state for one in study.trials] == ["complete", "complete"]
