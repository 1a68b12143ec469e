import os
import sqlite3
from pathlib import Path

import pytest

from mien.errors import MienError
from mien.serving.jobs.database import FILE, LOCK_FILE, Database, FolderLock


@pytest.mark.parametrize("kind", ["file", "fifo", "loop", "below a file", "a long name"])
def test_what_is_no_folder_is_refused_as_for_other_outputs(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "jobs"
    if kind == "file":
        path.touch()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "below a file":
        path.touch()
        path = path / "inner"
    else:
        path = tmp_path / ("x" * 256)
    with pytest.raises(MienError, match=r"expected a folder|choose another place") as caught:
        FolderLock(path)
    assert "Errno" not in str(caught.value)


@pytest.mark.parametrize(("kind", "name"), [(Database, FILE), (FolderLock, LOCK_FILE)])
def test_a_file_that_cannot_be_used_is_closed_again(tmp_path, monkeypatch, kind, name):
    opened = []
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda *words, **more: opened.append(connect(*words, **more)) or opened[0]
    )
    (tmp_path / name).write_bytes(b"no database" * 100)
    with pytest.raises(MienError, match="file is not a database"):
        kind(tmp_path)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")
