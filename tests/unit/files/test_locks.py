import os

import pytest

from mien.files import locks
from mien.files.locks import can_lock, lock
from mien.files.temporaries import remove_abandoned
from mien.files.writing import replacing_folder, write_text


@pytest.fixture
def no_locks(monkeypatch):
    """A system without `fcntl`, as Windows."""
    monkeypatch.setattr(locks, "fcntl", None)


@pytest.mark.skipif(not can_lock(), reason="the system has no locks")
def test_a_lock_excludes_others_until_the_file_is_closed(tmp_path):
    path = tmp_path / "file"
    path.touch()
    first, second = (os.open(path, os.O_RDONLY) for _ in range(2))
    assert lock(first, shared=True) is True
    assert lock(second, shared=True) is True
    assert lock(second) is False
    os.close(first)
    assert lock(second) is True
    os.close(second)


@pytest.mark.skipif(not can_lock(), reason="the system has no locks")
def test_a_file_system_without_locks_is_no_error(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(locks.fcntl, "flock", refuse)
    descriptor = os.open(tmp_path, os.O_RDONLY)
    assert lock(descriptor) is None
    os.close(descriptor)


@pytest.mark.usefixtures("no_locks")
def test_files_and_folders_are_written_without_locks_and_nothing_is_removed(tmp_path):
    (tmp_path / ".a.abcd1234.part").touch()
    assert lock(0) is None
    write_text(tmp_path / "a", "text")
    with replacing_folder(tmp_path / "folder") as folder:
        (folder / "b").touch()
    remove_abandoned(tmp_path, min_age=0)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".a.abcd1234.part", "a", "folder"]
