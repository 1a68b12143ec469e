from pathlib import Path

import pytest

from mien.errors import RunError
from mien.training.progress import Progress, progress_of, unfinished_note
from mien.training.run_folder.history import write_history
from mien.training.run_folder.run import RunFolder
from mien.training.run_folder.state import Epoch
from training_builders import tiny_run, without_digests


def row(number: int, accuracy: float = 0.5) -> Epoch:
    return Epoch(number, 0.1, 1.0, 0.5, 1.0, accuracy, 1.0, 100.0)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    stopping = "train.early_stopping={monitor: accuracy, patience: 2}"
    return tiny_run(tmp_path / "net", ["train.epochs=4", stopping])


@pytest.mark.parametrize(
    ("accuracies", "finished"),
    [((), False), ((0.1,), False), ((0.1, 0.2, 0.3, 0.4), True), ((0.3, 0.2, 0.1), True)],
)
def test_progress_follows_from_history_and_recipe(
    run: RunFolder, accuracies: tuple[float, ...], finished: bool
) -> None:
    write_history([row(number, one) for number, one in enumerate(accuracies, start=1)], run.path)

    assert progress_of(run) == Progress(len(accuracies), 4, finished)
    assert bool(unfinished_note(run)) is not finished


def test_the_note_names_run_and_epochs(run: RunFolder) -> None:
    write_history([row(1)], run.path)

    assert unfinished_note(run).startswith("The training of net is not finished (epoch 1 of 4)")


def test_a_damaged_recipe_is_a_run_error(run: RunFolder) -> None:
    (run.path / "recipe.yaml").write_text("train: 3")

    with pytest.raises(RunError, match=r"recipe\.yaml"):
        progress_of(run)


def test_without_a_recipe_the_note_says_that_it_is_unknown(run: RunFolder) -> None:
    (run.path / "recipe.yaml").unlink()
    run = without_digests(run.path)

    assert "is finished is unknown: its recipe.yaml is missing" in unfinished_note(run)
