import json
import logging
from pathlib import Path

import pytest

from mien.errors import RunError
from mien.training.run_folder.checkpoint import LAST, read_checkpoint
from mien.training.run_folder.run import RunFolder
from training_builders import tiny_run, train, without_digests


@pytest.fixture
def old(tmp_path: Path) -> RunFolder:
    """A trained run of a version without digests."""
    run = tiny_run(tmp_path / "run", ["train.epochs=1"])
    train(run)
    return without_digests(run.path)


def test_a_run_without_digests_is_reported_once(old: RunFolder, caplog: pytest.LogCaptureFixture) -> None:
    RunFolder(old.path)
    RunFolder(old.path)
    assert [record.levelno for record in caplog.records if "without digests" in record.message] in (
        [],
        [logging.WARNING],
    )


def test_resuming_protects_it_from_then_on(old: RunFolder) -> None:
    train(old)
    protected = RunFolder(old.path)
    assert protected.info.adopted
    assert protected.info.recipe == old.recipe_tree
    assert read_checkpoint(old.checkpoints / LAST, protected).identity is None
    (old.path / "recipe.yaml").write_text(
        (old.path / "recipe.yaml").read_text().replace("seed: 0", "seed: 1")
    )
    with pytest.raises(RunError, match=r"train\.seed was edited"):
        train(RunFolder(old.path))


def test_checkpoints_that_name_their_run_need_its_digests(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "run", ["train.epochs=1"])
    train(run)
    file = run.path / "run.json"
    tree = json.loads(file.read_text())
    file.write_text(json.dumps({key: tree[key] for key in tree if key not in {"id", "digests"}}))
    with pytest.raises(
        RunError, match=r"names its run, but the id and the digests of run\.json were removed"
    ):
        train(RunFolder(run.path))
