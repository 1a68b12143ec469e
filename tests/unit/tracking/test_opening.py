"""Trackers by name."""

import logging

import pytest

from mien.errors import MienError
from mien.tracking import TRACKERS, TensorBoard
from mien.tracking.memory import Memory, write_memory
from mien.tracking.opening import open_trackers, trackers_of


def test_a_name_may_have_a_place(tmp_path):
    (first,) = open_trackers([f"tensorboard:{tmp_path}"])
    assert isinstance(first, TensorBoard)
    assert first.place == str(tmp_path)
    assert open_trackers(["tensorboard"])[0].place is None
    assert TRACKERS.names() == ["tensorboard", "mlflow", "wandb"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["tensorbord"], "did you mean 'tensorboard'"), (["tensorboard:"], "a place after the colon"),
        (["tensorboard", "tensorboard:x"], "given twice"),
    ],
)  # fmt: skip
def test_wrong_names_are_errors(names, message):
    with pytest.raises(MienError, match=message):
        open_trackers(names)


def test_a_plugin_must_be_a_tracker(monkeypatch):
    monkeypatch.setitem(TRACKERS.builtins, "odd", "builtins:dict")
    with pytest.raises(MienError, match=r"a subclass of mien\.tracking\.Tracker"):
        open_trackers(["odd"])


def test_a_run_has_the_trackers_that_it_was_tracked_with(tmp_path, caplog):
    write_memory(tmp_path, "tensorboard", Memory("", ""))
    write_memory(tmp_path, "uninstalled", Memory("", ""))
    with caplog.at_level(logging.WARNING):
        assert [tracker.name for tracker in trackers_of(tmp_path)] == ["tensorboard"]
    assert "tracking with uninstalled does not continue" in caplog.text
    assert trackers_of(tmp_path / "other") == []
