from pathlib import Path

import pytest

from mien.errors import RunError
from mien.tuning import journal
from mien.tuning.journal import JournalFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "journal.jsonl"
    file.touch()
    return file


def opened(path: Path) -> JournalFile:
    return JournalFile(path, path.with_suffix(".lock"))


def test_what_one_process_appends_another_reads_from_any_number(path: Path) -> None:
    one, other = opened(path), opened(path)
    one.append_logs([{"a": 0}, {"a": 1}])
    assert list(other.read_logs(0)) == [{"a": 0}, {"a": 1}]
    other.append_logs([{"a": 2}])
    assert list(one.read_logs(2)) == [{"a": 2}]
    assert list(one.read_logs(1)) == [{"a": 1}, {"a": 2}]
    assert list(one.read_logs(3)) == []


@pytest.mark.parametrize("rest", [b'{"a": 1', b"x" * 200_000])
def test_an_unfinished_line_of_a_killed_process_is_ignored_and_replaced(path: Path, rest: bytes) -> None:
    one = opened(path)
    one.append_logs([{"a": 0}])
    with path.open("ab") as stream:
        stream.write(rest)
    assert list(one.read_logs(0)) == [{"a": 0}]
    one.append_logs([{"a": 1}])
    assert list(opened(path).read_logs(0)) == [{"a": 0}, {"a": 1}]
    assert path.read_bytes() == b'{"a":0}\n{"a":1}\n'


def test_a_file_of_one_unfinished_line_becomes_empty(path: Path) -> None:
    path.write_bytes(b'{"a"')
    opened(path).append_logs([{"a": 1}])
    assert path.read_bytes() == b'{"a":1}\n'


@pytest.mark.parametrize("line", ["nonsense", "[1]"])
def test_a_damaged_line_is_named(path: Path, line: str) -> None:
    path.write_text(f'{{"a":0}}\n{line}\n{{"a":2}}\n')
    with pytest.raises(RunError, match=r"journal.jsonl: line 2 is "):
        list(opened(path).read_logs(0))


def test_a_lock_that_is_never_released_is_an_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "PATIENCE", 0.0)
    first, second = opened(path), opened(path)
    with first._lock, pytest.raises(RunError, match="another process has held its lock"):
        second.append_logs([{}])
