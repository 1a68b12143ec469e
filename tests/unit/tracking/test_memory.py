"""What a run folder remembers of a tracker."""

import pytest

from mien.errors import RunError
from mien.tracking.memory import Memory, read_memory, remembered, write_memory


def test_a_memory_is_read_as_it_was_written(tmp_path):
    memory = Memory("http://127.0.0.1:5000", "1a", 3)
    write_memory(tmp_path, "mlflow", memory)
    write_memory(tmp_path, "b", memory.with_epochs(4))
    assert read_memory(tmp_path, "mlflow") == memory
    assert remembered(tmp_path) == ["b", "mlflow"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"place": "a", "id": "b", "epochs": -1}', "\ud800"])
def test_one_that_is_damaged_is_none(tmp_path, text):
    (tmp_path / "tracking").mkdir()
    (tmp_path / "tracking" / "x.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    assert read_memory(tmp_path, "x") is None
    assert read_memory(tmp_path, "y") is None


def test_no_folder_is_made_for_it(tmp_path):
    with pytest.raises(RunError, match="moved or deleted"):
        write_memory(tmp_path / "gone", "x", Memory("", ""))
    assert not (tmp_path / "gone").exists()
