import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

import mien.training.runner as session
from bundle_builders import tiny_bundle
from mien.data import read_faces
from mien.errors import RunError
from mien.faceset import FaceSet
from mien.training.callbacks import Callback, TrainingStatus
from mien.training.extension import extend_run
from mien.training.learner import Learner
from mien.training.loop import DivergedError
from mien.training.run_folder import history
from mien.training.run_folder.checkpoint import BEST, LAST, PREVIOUS, read_checkpoint
from mien.training.run_folder.lock import MovedError
from mien.training.run_folder.run import RunFolder
from mien.training.run_folder.state import State
from mien.training.runner import MOST_RECOVERIES, train_run
from mien.training.setup import Training, known_training
from training_builders import DRAWN, Notices, begin, tiny_run, train, without_digests

AUGMENTED = (
    "augment={rotate: 10, mixup: 0.2, random_erasing: 0.2, blur: 1, noise: 0.05}",
    "train.epochs=4",
    "train.ema_decay=0.9",
    "train.grad_clip_norm=1",
    "train.sam={rho: 0.05, start: 0.3}",
)


class Killed(BaseException):
    """A kill, which nothing may catch."""


def drawn() -> FaceSet:
    return read_faces(DRAWN)


def weights(run: RunFolder, name: str = LAST) -> dict[str, torch.Tensor]:
    return read_checkpoint(run.checkpoints / name).tensors


def assert_equal(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> None:
    assert first.keys() == second.keys()
    for name, value in first.items():
        assert torch.equal(value, second[name]), name


@contextmanager
def stopped_after(epochs: int) -> Iterator[None]:
    """Kill a training after the checkpoint of an epoch."""
    keep = session._keep

    def kept(training: Training, state: State, best: bool) -> None:
        keep(training, state, best)
        if state.epoch == epochs:
            raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "_keep", kept)
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """An uninterrupted training of four epochs."""
    run = tiny_run(tmp_path_factory.mktemp("runs") / "whole", AUGMENTED)
    train(run)
    return run


def test_two_trainings_of_one_seed_are_equal(whole: RunFolder, tmp_path: Path) -> None:
    again = tiny_run(tmp_path / "again", AUGMENTED)
    train(again)
    for name in (LAST, BEST):
        assert_equal(weights(whole, name), weights(again, name))


def test_another_seed_is_another_training(whole: RunFolder, tmp_path: Path) -> None:
    other = tiny_run(tmp_path / "other", [*AUGMENTED, "train.seed=1"])
    train(other)
    assert not torch.equal(
        weights(whole)["network.classifier.weight"], weights(other)["network.classifier.weight"]
    )


def test_distillation_resumes_to_the_same_bits(tmp_path: Path) -> None:
    teacher = tiny_bundle(tmp_path / "teacher.onnx")
    distilled = (
        *AUGMENTED,
        "train.epochs=2",
        f"distillation={{teachers: [{teacher}], alpha: 0.5, temperature: 2}}",
    )
    trainings = [begin(tmp_path / name, drawn(), distilled) for name in ("whole", "stopped")]
    train_run(trainings[0])
    with pytest.raises(Killed), stopped_after(1):
        train_run(trainings[1])
    train(trainings[1].run)
    assert_equal(*(weights(training.run) for training in trainings))


@pytest.mark.parametrize("batch", [1, 11, 25])
def test_a_training_killed_in_any_batch_resumes_to_the_same_bits(
    whole: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    run = tiny_run(tmp_path / "killed", AUGMENTED)
    count = 0

    def step(learner, *arguments, **options):
        nonlocal count
        count += 1
        if count == batch:
            raise Killed
        return original(learner, *arguments, **options)

    original = Learner.step
    with monkeypatch.context() as patch:
        patch.setattr(Learner, "step", step)
        with pytest.raises(Killed):
            train(run)
    state = train(run)
    assert_equal(weights(whole), weights(run))
    assert [row.validation_loss for row in state.history] == [
        row.validation_loss for row in read_checkpoint(whole.checkpoints / LAST).state.history
    ]


def test_resuming_a_complete_training_changes_nothing(whole: RunFolder) -> None:
    before = (whole.checkpoints / LAST).read_bytes()
    notices = Notices()
    assert train(whole, notices).epoch == 4
    assert "training is already complete, 4 epochs" in notices.text
    assert (whole.checkpoints / LAST).read_bytes() == before


def test_curves_are_drawn_at_intervals_and_at_any_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn_at: list[int] = []
    monkeypatch.setattr(history, "write_curves", lambda rows, folder: drawn_at.append(len(rows)))
    train(tiny_run(tmp_path / "short", ["train.epochs=3"]))
    assert drawn_at == [3]
    with stopped_after(2), pytest.raises(Killed):
        train(tiny_run(tmp_path / "stopped", ["train.epochs=3"]))
    assert drawn_at == [3, 2]
    monkeypatch.setattr(history, "CURVES_INTERVAL", 0)
    train(tiny_run(tmp_path / "slow", ["train.epochs=3"]))
    assert drawn_at == [3, 2, 1, 2, 3, 3]


def test_a_truncated_checkpoint_loses_one_epoch_and_resumes_to_the_same_bits(
    whole: RunFolder, tmp_path: Path
) -> None:
    run = RunFolder(shutil.copytree(whole.path, tmp_path / "damaged"))
    last = run.checkpoints / LAST
    last.write_bytes(last.read_bytes()[:1000])
    notices = Notices()
    train(run, notices)
    assert "continuing from previous" in notices.text
    assert_equal(weights(whole), weights(run))


def test_recover_needs_an_epoch_after_the_best(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "run", ["train.epochs=1"])
    train(run)
    before = (run.checkpoints / LAST).read_bytes()
    with pytest.raises(
        RunError, match="the last epoch, 1, is the best one, so there is no earlier epoch to recover from"
    ):
        train(run, recover=True)
    assert (run.checkpoints / LAST).read_bytes() == before


def test_recover_returns_to_the_best_epoch_with_a_lower_learning_rate(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "run", ["train.epochs=3"])
    with stopped_after(2), pytest.raises(Killed):
        train(run)
    best = read_checkpoint(run.checkpoints / LAST).state.best("accuracy")
    assert best is not None
    recovered = train(run, recover=True)
    assert recovered.recoveries == 1
    assert recovered.epoch == 3
    for row in recovered.history:
        assert row.recoveries == (0 if row.epoch <= best.epoch else 1)
        assert row.lr == pytest.approx(0.01 if row.epoch <= best.epoch else 0.003)


def test_a_diverging_training_recovers_automatically_with_a_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tiny_run(tmp_path / "run", ["train.epochs=3"])
    original, failures = session.fit, [DivergedError("the loss is nan in epoch 2")]

    def fit(learner, context, state, keep):
        if failures:
            with torch.no_grad():
                learner.network.classifier.weight.fill_(torch.nan)
            raise failures.pop()
        original(learner, context, state, keep)

    monkeypatch.setattr(session, "fit", fit)
    notices = Notices()
    state = train(run, notices)
    expected = (
        "the loss is nan in epoch 2: returned to epoch 0, the best so far, with 0.3 of the learning rate"
    )
    assert expected in notices.text
    assert (state.epoch, state.recoveries, state.lr_scale) == (3, 1, pytest.approx(0.3))
    assert np.isfinite(state.history[-1].validation_loss)


@pytest.mark.parametrize(
    ("override", "advice"),
    [
        ("train.grad_clip_norm=null", r"a lower optimizer\.lr, or"),
        ("train.sam={rho: 0.1}", r"a lower optimizer\.lr or train\.sam\.rho, or"),
    ],
)
def test_training_fails_after_three_recoveries(override: str, advice: str, tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "run", ["optimizer={kind: sgd, lr: 1000, weight_decay: 1000}", override])
    with pytest.raises(RunError, match=rf"after 3 recoveries; start again with {advice}"):
        train(run)
    assert read_checkpoint(run.checkpoints / LAST).state.recoveries == MOST_RECOVERIES


def test_a_recovery_survives_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = tiny_run(tmp_path / "run", ["train.epochs=1"])
    answers = [DivergedError("gone"), Killed()]

    def fit(*_: object) -> None:
        raise answers.pop(0)

    monkeypatch.setattr(session, "fit", fit)
    with pytest.raises(Killed):
        train(run)
    assert read_checkpoint(run.checkpoints / LAST).state == State(recoveries=1, lr_scale=0.3)
    assert (run.checkpoints / PREVIOUS).exists()


def test_test_faces_do_not_influence_training(tmp_path: Path) -> None:
    some = drawn()
    trainings = [
        begin(tmp_path / "with", some),
        begin(tmp_path / "without", some.take(~some.in_split("test"))),
    ]
    for training in trainings:
        train_run(training)
    assert_equal(*(weights(training.run) for training in trainings))


def move(folder: Path) -> None:
    folder.rename(folder.with_name("moved"))


@pytest.mark.parametrize("change", [move, shutil.rmtree])
@pytest.mark.parametrize("interval", [0.0, 1000.0])
def test_a_folder_that_is_moved_while_it_is_trained_stops_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change, interval: float
) -> None:
    monkeypatch.setattr(history, "CHECK_INTERVAL", interval)
    run = tiny_run(tmp_path / "run", ["train.epochs=2"])

    class Mover(Callback):
        def on_epoch_start(self, status: TrainingStatus) -> None:
            if status.epoch == 1:
                change(run.path)

    with pytest.raises(MovedError, match="run: the run folder was moved, renamed, deleted or replaced"):
        train(run, Mover())
    assert not run.path.exists()
    if change is move:
        moved = RunFolder(tmp_path / "moved")
        assert train(moved).epoch == 2
        assert sorted(tmp_path.iterdir()) == [moved.path]


def test_nothing_is_written_into_another_run_at_the_old_place(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "run", ["train.epochs=2"])

    class Replacer(Callback):
        def on_epoch_start(self, status: TrainingStatus) -> None:
            if status.epoch == 1:
                move(run.path)
                tiny_run(run.path)

    with pytest.raises(MovedError):
        train(run, Replacer())
    assert sorted(path.name for path in run.path.iterdir()) == ["checkpoints", "recipe.yaml", "run.json"]


def edited_history(run: RunFolder) -> None:
    path = run.path / "history.jsonl"
    path.write_text(path.read_text().replace('"recoveries": 0', '"recoveries": 1', 1))


def foreign_history(run: RunFolder) -> None:
    (run.path / "history.jsonl").write_text("[1]\n")


def no_best(run: RunFolder) -> None:
    (run.checkpoints / BEST).unlink()


def no_checkpoint(run: RunFolder) -> None:
    shutil.rmtree(run.checkpoints)


def no_recipe(run: RunFolder) -> None:
    (run.path / "recipe.yaml").unlink()


@pytest.mark.parametrize(
    ("damage", "notice"),
    [
        (edited_history, r"history\.jsonl: edited or damaged; it is written again from the checkpoint"),
        (foreign_history, r"history\.jsonl: edited or damaged"),
        (no_best, r"best\.safetensors: there is no such checkpoint; .* takes its place"),
        (no_checkpoint, "there is no checkpoint any more; the training starts again from its beginning"),
        (no_recipe, ""),
    ],
)
def test_what_is_missing_or_edited_is_written_again_with_a_notice(
    whole: RunFolder, tmp_path: Path, damage, notice: str
) -> None:
    shutil.copytree(whole.path, tmp_path / "run")
    run = RunFolder(tmp_path / "run")
    damage(run)
    notices = Notices()
    train(RunFolder(run.path), notices)
    assert re.search(notice, notices.text)
    assert_equal(weights(whole), weights(run))
    assert read_checkpoint(run.checkpoints / BEST, run)
    for name in ("history.jsonl", "recipe.yaml"):
        assert (run.path / name).read_text().count("\n") == (whole.path / name).read_text().count("\n")


@pytest.mark.parametrize("name", [LAST, BEST])
def test_checkpoints_of_another_run_are_refused(whole: RunFolder, tmp_path: Path, name: str) -> None:
    run = tiny_run(tmp_path / "run", AUGMENTED)
    shutil.copytree(whole.checkpoints, run.checkpoints, dirs_exist_ok=True)
    with pytest.raises(RunError, match="belongs to another run; restore the original files"):
        train(run)


def test_a_recipe_of_a_run_without_digests_that_does_not_fit_is_one_line(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "run", ["train.epochs=1", "train.ema_decay=0.9"])
    train(run)
    run = without_digests(run.path)
    text = (run.path / "recipe.yaml").read_text()
    for old, new in (("channels: 8", "channels: 9"), ("ema_decay: 0.9", "ema_decay: null")):
        (run.path / "recipe.yaml").write_text(text.replace(old, new))
        with pytest.raises(RunError, match=r"its checkpoint doesn't fit the recipe in its recipe\.yaml"):
            train(RunFolder(run.path))
        assert not RunFolder(run.path).info.id


def test_temporary_files_of_a_killed_process_are_removed(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "run", ["train.epochs=1"])
    left = [run.path / ".history.csv.abcd1234.part", run.checkpoints / ".last.safetensors.abcd1234.part"]
    for path in left:
        path.write_text("half")
    train(run)
    assert not any(path.exists() for path in left)


def test_a_run_that_changed_since_it_was_opened_is_refused(tmp_path: Path) -> None:
    training = known_training(tiny_run(tmp_path / "run"))
    extend_run(RunFolder(training.run.path), 5)
    with pytest.raises(RunError, match="another process changed this run just now; start again"):
        train_run(training)


def test_a_run_is_trained_by_one_process_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = tiny_run(tmp_path / "run", ["train.epochs=1"])

    def fit(*_: object) -> None:
        with pytest.raises(RunError, match="another process is training this run"):
            train(run)

    monkeypatch.setattr(session, "fit", fit)
    train(run)
    monkeypatch.undo()
    assert train(run).epoch == 1
