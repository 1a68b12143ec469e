import fcntl
import os
import shutil
from pathlib import Path

import pytest

from mien.files.temporaries import remove_abandoned, temporary_file, temporary_folder
from mien.files.writing import replacing, replacing_folder


def abandoned(folder: Path, name: str = ".last.abcd1234.part", age: float = 100.0) -> Path:
    path = folder / name
    path.write_text("half")
    then = path.stat().st_mtime - age
    os.utime(path, (then, then))
    return path


def test_files_of_dead_processes_are_removed_at_the_next_write(tmp_path: Path) -> None:
    old, young = abandoned(tmp_path), abandoned(tmp_path, ".last.abcd1235.part", age=0)
    with replacing(tmp_path / "other") as temporary:
        temporary.write_text("new")
    assert not old.exists()
    assert young.exists()
    remove_abandoned(tmp_path, min_age=0)
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


@pytest.mark.parametrize("make", [temporary_file, temporary_folder])
def test_what_a_live_process_writes_is_kept(tmp_path: Path, make) -> None:
    with make(tmp_path / "last") as temporary:
        remove_abandoned(tmp_path, min_age=0)
        assert temporary.exists()
    assert not temporary.exists()


def test_a_young_file_of_the_same_target_is_removed(tmp_path: Path) -> None:
    young, other = abandoned(tmp_path, age=0), abandoned(tmp_path, ".lasts.abcd1234.part", age=0)
    with replacing(tmp_path / "last") as temporary:
        assert not young.exists()
        temporary.write_text("new")
    assert other.exists()


@pytest.mark.parametrize("make", [temporary_file, temporary_folder])
def test_what_another_process_removes_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make
) -> None:
    lock, removed = fcntl.flock, []

    def remove_first(handle: int, operation: int) -> None:
        if not removed:
            removed.extend(tmp_path.iterdir())
            shutil.rmtree(removed[0]) if removed[0].is_dir() else removed[0].unlink()
        lock(handle, operation)

    monkeypatch.setattr(fcntl, "flock", remove_first)
    with make(tmp_path / "last") as temporary:
        assert temporary.exists()
        assert temporary not in removed
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["film.part", ".hidden.part", "last.abcd1234.part", ".last.abcd1234.parts"])
def test_files_with_other_names_are_kept(tmp_path: Path, name: str) -> None:
    path = abandoned(tmp_path, name)
    remove_abandoned(tmp_path, min_age=0)
    assert path.exists()


def test_links_and_what_a_folder_was_to_replace_are_kept(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("mine")
    (tmp_path / ".last.abcd1234.part").symlink_to(target)
    (tmp_path / ".report.abcd1234.part" / "old").mkdir(parents=True)
    (tmp_path / ".report.abcd1235.part" / "new").mkdir(parents=True)
    remove_abandoned(tmp_path, min_age=0)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".last.abcd1234.part",
        ".report.abcd1234.part",
        "target",
    ]


def test_no_folder_is_made_unless_it_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="can't write it"), replacing(tmp_path / "no" / "x", parents=False):
        pass
    assert not (tmp_path / "no").exists()


def test_a_folder_that_is_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    for _ in range(2):
        with replacing_folder(tmp_path / "report") as new:
            (new / "page").write_text("x")
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_missing_folder_has_nothing_to_remove(tmp_path: Path) -> None:
    remove_abandoned(tmp_path / "missing")
    assert list(tmp_path.iterdir()) == []
