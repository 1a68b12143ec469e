from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from mien.errors import RecipeError, RunError
from mien.training.extension import extend_run
from mien.training.run_folder.checkpoint import LAST, Checkpoint, read_checkpoint, write_checkpoint
from mien.training.run_folder.info import Extension
from mien.training.run_folder.run import RunFolder
from mien.training.run_folder.state import Epoch, State
from training_builders import tiny_run, train


def begun(path: Path, epochs: int, overrides: Sequence[str] = ()) -> RunFolder:
    """Return a run of four epochs with the checkpoint of some of them."""
    run = tiny_run(path / "net", ["train.epochs=4", *overrides])
    row = Epoch(1, 0.1, 1.0, 0.5, 1.0, 0.5, 1.0, 100.0)
    checkpoint = Checkpoint({}, State(history=[row] * epochs), run.identity)
    write_checkpoint(run.checkpoints, checkpoint, best=True)
    return run


def test_an_extended_run_equals_one_that_was_planned_so(tmp_path: Path) -> None:
    short, whole = (tiny_run(tmp_path / name, [f"train.epochs={n}"]) for name, n in (("a", 1), ("b", 2)))
    train(short)
    extend_run(short, 2)
    train(RunFolder(short.path))
    train(whole)

    first, second = (read_checkpoint(run.checkpoints / LAST).tensors for run in (short, whole))
    assert first.keys() == second.keys()
    assert all(torch.equal(value, second[name]) for name, value in first.items())


@pytest.mark.parametrize(
    ("overrides", "effects"),
    [
        ([], ["epochs changes from 4 to 8: the result is that of a run planned with 8 epochs"]),
        (["schedule={kind: step, every: 2}"], ["the result is that of a run planned with 8 epochs"]),
        (["schedule={kind: plateau}"], ["the result is that of a run planned with 8 epochs"]),
        (
            ["schedule={kind: cosine}"],
            ["cosine is stretched to 8 epochs", "continues at 0.005, where it was 0;", "the result differs"],
        ),
        (
            ["augment.mixup=1", "augment.mix_until=0.5"],
            ["augment.mix_until is a fraction of 8 epochs now", "the result differs"],
        ),
        (["train.sam={start: 0.5}"], ["train.sam.start is a fraction of 8 epochs now"]),
    ],
)
def test_it_says_what_more_epochs_do(tmp_path: Path, overrides: list[str], effects: list[str]) -> None:
    found = extend_run(begun(tmp_path, 4, overrides), 8)

    for effect in effects:
        assert effect in found


def test_the_run_records_each_change_once(tmp_path: Path) -> None:
    run = begun(tmp_path, 2)
    extend_run(run, 6)
    again = RunFolder(run.path)
    assert (again.recipe.train.epochs, again.info.extensions) == (
        6,
        (Extension(after_epoch=2, before=4, epochs=6),),
    )

    assert "has 6 epochs already" in extend_run(again, 6)
    extend_run(again, 9)
    assert [one.epochs for one in RunFolder(run.path).info.extensions] == [6, 9]


@pytest.mark.parametrize(
    ("epochs", "error", "message"),
    [
        (2, RunError, "3 completed epochs"),
        (0, RecipeError, "train.epochs: expected 1 to 100000"),
    ],
)
def test_impossible_numbers_are_refused(
    tmp_path: Path, epochs: int, error: type[Exception], message: str
) -> None:
    run = begun(tmp_path, 3)
    with pytest.raises(error, match=message):
        extend_run(run, epochs)
    assert RunFolder(run.path).info.extensions == ()


def test_early_stopping_would_end_it_again_unless_it_recovers(tmp_path: Path) -> None:
    run = begun(tmp_path, 3, ["train.early_stopping={patience: 1}"])
    with pytest.raises(RunError, match="early stopping ended the training after epoch 3"):
        extend_run(run, 8)
    assert "from 4 to 8" in extend_run(run, 8, recover=True)
