from pathlib import Path

import pytest
import yaml

from mien.errors import RunError
from mien.training.extension import extend_run
from mien.training.run_folder.recipe import restore_recipe
from mien.training.run_folder.run import RunFolder
from training_builders import tiny_run, without_digests


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return tiny_run(tmp_path / "run")


def edit(run: RunFolder, old: str, new: str) -> RunFolder:
    path = run.path / "recipe.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return RunFolder(run.path)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("lr: 0.01", "lr: 0.02", "optimizer.lr was edited"),
        ("lr: 0.01", "", "optimizer.lr was edited"),
        ("seed: 0", "seed: 1", "train.seed was edited"),
        ("batch_size: 16", "batch_size: 32", "train.batch_size was edited"),
        ("channels: 8", "channels: 9", "network.stages.1.channels was edited"),
        ("title: ''", "title: mine", "title was edited"),
        ("flip: 0.5", "flip: 0.5\n  new: 1", "augment.new was edited"),
        ("epochs: 2", "epochs: 9", "undo the edit, and pass epochs=... when resuming"),
        ("seed: 0", "seed: 1\n  epochs: 9", "duplicate key"),
        ("seed: 0\n", "seed: 1\n  precision: x\n  clip: 1\n", "duplicate key"),
        ("lr: 0.01", "lr: 0.02\n  weight: 3", "optimizer.lr (and 1 more) was edited"),
    ],
)
def test_an_edited_key_is_named(run: RunFolder, old: str, new: str, problem: str) -> None:
    with pytest.raises(RunError, match=r"recipe\.yaml: .*without recipe\.yaml, its copy") as caught:
        _ = edit(run, old, new).recipe
    assert problem in str(caught.value)


@pytest.mark.parametrize(("old", "new"), [("title:", "# a comment\ntitle:"), ("0.01", "1e-2")])
def test_comments_and_other_spellings_are_no_edits(run: RunFolder, old: str, new: str) -> None:
    assert edit(run, old, new).recipe == run.recipe


def test_the_recorded_recipe_replaces_a_missing_one(run: RunFolder) -> None:
    before = (run.path / "recipe.yaml").read_text()
    (run.path / "recipe.yaml").unlink()
    assert RunFolder(run.path).recipe == run.recipe
    restore_recipe(run.path, run.info)
    assert (run.path / "recipe.yaml").read_text() == before


def test_a_kill_while_the_epochs_are_changed_leaves_the_new_number(run: RunFolder) -> None:
    before = (run.path / "recipe.yaml").read_text()
    extend_run(run, 7)
    (run.path / "recipe.yaml").write_text(before)
    changed = RunFolder(run.path)
    assert changed.recipe.train.epochs == 7
    restore_recipe(run.path, changed.info)
    assert "epochs: 7" in (run.path / "recipe.yaml").read_text()


def test_a_recipe_of_an_earlier_version_is_translated(run: RunFolder) -> None:
    expected = run.recipe
    old = yaml.safe_load((run.path / "recipe.yaml").read_text())
    old["optimiser"] = old.pop("optimizer")
    old["optimiser"]["rate"] = old["optimiser"].pop("lr")
    old["prepare"] = old.pop("preprocess")
    old["loss"]["gamma"] = 2.0
    (run.path / "recipe.yaml").write_text(yaml.safe_dump(old))
    assert without_digests(run.path).recipe == expected
