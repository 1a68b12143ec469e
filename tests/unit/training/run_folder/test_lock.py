import shutil
from pathlib import Path

import pytest

from mien.errors import RunError
from mien.training.run_folder.lock import MovedError, is_locked, locked


def move(folder: Path) -> None:
    folder.rename(folder.with_name("moved"))


def replace(folder: Path) -> None:
    move(folder)
    shutil.copytree(folder.with_name("moved"), folder)


def remove_lock(folder: Path) -> None:
    (folder / "checkpoints" / ".lock").unlink()


@pytest.mark.parametrize("change", [move, replace, shutil.rmtree, remove_lock])
def test_a_folder_that_is_gone_is_noticed(tmp_path: Path, change) -> None:
    folder = tmp_path / "run"
    with locked(folder) as guard:
        guard.require_unmoved()
        change(folder)
        with pytest.raises(MovedError, match=r"run: the run folder was moved, renamed, deleted or replaced"):
            guard.require_unmoved()


def test_two_cannot_hold_it(tmp_path: Path) -> None:
    with (
        locked(tmp_path),
        pytest.raises(RunError, match="another process is training this run"),
        locked(tmp_path),
    ):
        pass
    with locked(tmp_path):
        pass


@pytest.mark.parametrize("name", ["run", "run/checkpoints", "run/checkpoints/.lock/x"])
def test_a_folder_that_cannot_be_locked_is_one_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("in the way")
    with pytest.raises(RunError, match="can't lock the run folder"), locked(tmp_path / "run"):
        pass


def test_a_probe_of_the_lock_changes_nothing(tmp_path: Path) -> None:
    assert not is_locked(tmp_path / "run")
    assert not (tmp_path / "run").exists()
    with locked(tmp_path / "run"):
        assert is_locked(tmp_path / "run")
    assert not is_locked(tmp_path / "run")
