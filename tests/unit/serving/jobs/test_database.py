import os
from pathlib import Path

import pytest

from mien.errors import MienError
from mien.serving.jobs.database import FolderLock


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
