"""Which folders are runs."""

import pytest

from mien.errors import RunError
from mien.run_list.search import find_runs


def _touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def test_runs_are_found_at_any_depth_and_not_inside_of_runs(tmp_path):
    for name in ("b", "study/trials/1", "study/trials/2", "b/inner", ".hidden"):
        _touch(tmp_path / name / "run.json")
    _touch(tmp_path / "photos" / "a.png")
    names = [str(path.relative_to(tmp_path)) for path in find_runs(tmp_path)]
    assert names == ["b", "study/trials/1", "study/trials/2"]


def test_the_remains_of_a_run_are_one_too(tmp_path):
    _touch(tmp_path / "a" / "checkpoints" / "last.safetensors")
    _touch(tmp_path / "b" / "checkpoints" / ".lock")
    _touch(tmp_path / "b" / "history.jsonl")
    _touch(tmp_path / "c" / "checkpoints" / "epoch.pt")  # of another program
    assert [path.name for path in find_runs(tmp_path)] == ["a", "b"]


def test_a_run_itself_is_a_list_of_one(tmp_path):
    _touch(tmp_path / "a" / "run.json")
    assert find_runs(tmp_path / "a") == [tmp_path / "a"]


def test_links_to_runs_are_followed_and_loops_are_not(tmp_path):
    _touch(tmp_path / "elsewhere" / "a" / "run.json")
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "link").symlink_to(tmp_path / "elsewhere" / "a")
    (tmp_path / "runs" / "loop").symlink_to(tmp_path)
    assert find_runs(tmp_path / "runs") == [tmp_path / "runs" / "link"]


@pytest.mark.parametrize(("name", "what"), [("nothing", "there is no such folder"), ("file", "not a folder")])
def test_a_folder_that_is_none_is_an_error(tmp_path, name, what):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match=what):
        find_runs(tmp_path / name)
