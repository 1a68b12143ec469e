"""What every tracker does, whatever it stores: order, resuming, recovery and failures."""

import logging
import shutil

import pytest

from mien.errors import MienError, MissingExtraError
from mien.tracking.base import Tracker
from mien.tracking.memory import read_memory
from mien.tracking.results import Results
from run_builders import history
from tracker_builders import SERVER, Kept, status_of


@pytest.fixture(autouse=True)
def server(monkeypatch):
    SERVER.clear()
    monkeypatch.setattr("mien.tracking.base.results_of", lambda *_, **__: RESULTS)
    return SERVER


RESULTS = Results({"best/accuracy": 0.5}, {"confusion_matrix": b"\x89PNG"}, {})


def train(tracker, status, *rows, error=None):
    """Call the methods of a callback as a training does that completes these epochs."""
    tracker.on_train_start(status)
    for row in rows:
        status.history = [*status.history, row]
        tracker.on_epoch_end(status, row)
    tracker.on_train_end(status, error)


def test_a_training_is_sent_in_order(tmp_path, server):
    train(Kept(), status_of(tmp_path / "a"), *history(0.25, 0.5))
    assert server["run-0"] == [
        ("open", "a"), ("recipe", 0.01, False), ("metrics", 1, 0.25), ("metrics", 2, 0.5),
        ("metrics", 2, None), ("image", "confusion_matrix", b"\x89PNG", 2), ("close", "finished"),
    ]  # fmt: skip
    assert read_memory(tmp_path / "a", "kept").epochs == 2


def test_a_resumed_training_continues_the_same_run_and_sends_what_a_killed_one_did_not(tmp_path, server):
    status = status_of(tmp_path / "a")
    killed = Kept()
    killed.on_train_start(status)
    rows = history(0.25, 0.5, 0.75)
    status.history = rows[:1]
    killed.on_epoch_end(status, rows[0])
    train(Kept(), status_of(tmp_path / "a", 0.25, 0.5), rows[2])  # the second was completed, but not sent
    assert list(server) == ["run-0"]
    assert [item[1] for item in server["run-0"] if item[0] == "metrics" and item[2]] == [1, 2, 3]
    assert ("recipe", 0.01, True) in server["run-0"]


def test_a_tracker_that_is_added_later_gets_all_epochs(tmp_path, server):
    train(Kept(), status_of(tmp_path / "a", 0.25, 0.5))
    assert [item[1] for item in server["run-0"] if item[0] == "metrics"] == [1, 2, 2]


@pytest.mark.parametrize("change", ["other place", "lost there"])
def test_a_run_that_the_tracker_lacks_is_sent_again(tmp_path, server, change):
    train(Kept("first"), status_of(tmp_path / "a", 0.25))
    if change == "lost there":
        server.pop("run-0")
        server["run of others"] = []
    train(Kept("second" if change == "other place" else "first"), status_of(tmp_path / "a", 0.25))
    new = server[f"run-{len(server) - 1}"]
    assert new[1:3] == [("recipe", 0.01, False), ("metrics", 1, 0.25)]


def test_a_resumed_run_without_a_place_keeps_that_of_its_run(tmp_path, server):
    train(Kept("first"), status_of(tmp_path / "a", 0.25))
    train(Kept(), status_of(tmp_path / "a", 0.25))
    assert list(server) == ["run-0"]
    assert read_memory(tmp_path / "a", "kept").place == "first"


def test_epochs_that_are_trained_again_are_forgotten(tmp_path, server):
    status, tracker = status_of(tmp_path / "a", 0.75, 0.1), Kept()
    tracker.on_train_start(status)
    status.history = status.history[:1]
    tracker.on_recovery(status)
    assert server["run-0"][-1] == ("rewind", 1)
    assert read_memory(tmp_path / "a", "kept").epochs == 1
    train(Kept(), status_of(tmp_path / "b", 0.75, 0.1))
    before = status_of(tmp_path / "b", 0.75)  # the newest checkpoint was damaged
    train(Kept(), before)
    assert ("rewind", 1) in server["run-1"]


@pytest.mark.parametrize(
    ("error", "stop", "outcome"),
    [(KeyboardInterrupt(), False, "stopped"), (ValueError(), False, "failed"), (None, True, "stopped")],
)
def test_the_outcome_is_sent_and_results_only_of_an_orderly_end(tmp_path, server, error, stop, outcome):
    status = status_of(tmp_path / "a", 0.25)
    if stop:
        status.request_stop()
    train(Kept(), status, error=error)
    assert server["run-0"][-1] == ("close", outcome)
    assert any(item[0] == "image" for item in server["run-0"]) is stop


@pytest.mark.parametrize("failing", ["open", "log_recipe", "log_metrics", "log_image", "log_close"])
def test_a_failure_is_one_warning_and_the_training_continues(tmp_path, caplog, failing):
    with caplog.at_level(logging.WARNING):
        train(Kept(failing=failing), status_of(tmp_path / "a"), *history(0.25, 0.5))
    (message,) = caplog.messages
    assert message.startswith("tracking with kept ended ([Errno 28] No space left on device); the training")


def test_a_run_that_failed_is_completed_when_it_is_resumed(tmp_path, server):
    train(Kept(failing="log_metrics"), status_of(tmp_path / "a"), *history(0.25, 0.5))
    train(Kept(), status_of(tmp_path / "a", 0.25, 0.5))
    assert [item[1] for item in server["run-0"] if item[0] == "metrics" and item[2]] == [1, 2]


def test_interrupts_are_not_failures_of_a_tracker(tmp_path):
    class Interrupted(Kept):
        def log_metrics(self, metrics, epoch):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Interrupted().on_train_start(status_of(tmp_path / "a", 0.25))


def test_nothing_is_written_where_the_run_was_moved(tmp_path):
    status, tracker = status_of(tmp_path / "a", 0.25), Kept()
    tracker.on_train_start(status)
    shutil.move(tmp_path / "a", tmp_path / "b")
    tracker.on_epoch_end(status, status.history[0])
    tracker.on_train_end(status, None)
    assert not (tmp_path / "a").exists()


def test_a_missing_package_is_an_error_before_the_training():
    class Other(Kept):
        package = "no_such_package_of_a_tracker"

    with pytest.raises(MissingExtraError, match="no_such_package_of_a_tracker"):
        Other()


@pytest.mark.parametrize("options", [{"place": 3}, {"figures": "x"}, {"bundle": None}])
def test_wrong_options_are_errors(options):
    with pytest.raises(MienError):
        Kept(**options)


def test_the_base_is_abstract():
    with pytest.raises(TypeError):
        Tracker()
