"""Weights & Biases: the contract with a fake package, and files of the real one where it is installed."""

import json
import os
import struct
from importlib.util import find_spec

import pytest

from fake_trackers import WANDB, installed
from mien.errors import MienError
from mien.figures.encode import png
from mien.figures.style import new_figure
from mien.tracking.memory import read_memory
from mien.tracking.results import Results
from mien.tracking.wandb import WandB
from run_builders import history
from tracker_builders import status_of


@pytest.fixture(autouse=True)
def results(monkeypatch, tmp_path):
    files = {name: tmp_path / name for name in ("recipe.yaml", "run.json", "best.safetensors", "tiny.onnx")}
    for path in files.values():
        path.touch()
    found = Results({"best/accuracy": 0.5}, {"examples": png(new_figure(1, 1))}, files)
    monkeypatch.setattr("mien.tracking.base.results_of", lambda *_, **__: found)
    for name in ("WANDB_MODE", "WANDB_PROJECT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def runs(tmp_path):
    """The runs of the fake package."""
    with installed(tmp_path, WANDB):
        import wandb

        yield wandb.RUNS


def train(tracker, status, *rows):
    tracker.on_train_start(status)
    for row in rows:
        status.history = [*status.history, row]
        tracker.on_epoch_end(status, row)
    tracker.on_train_end(status, None)


def test_a_training_is_an_offline_run_in_the_run_folder(runs, tmp_path):
    tracker = WandB()
    train(tracker, status_of(tmp_path / "a"), *history(0.25, 0.5))
    (run,) = runs
    options = run.options
    assert (options["mode"], options["project"], options["name"]) == ("offline", "mien", "a")
    assert options["dir"] == str(tmp_path / "a")
    assert options["settings"]["disable_git"]
    assert os.environ["WANDB_ERROR_REPORTING"] == "false"
    assert run.config["optimizer.lr"] == 0.01
    assert [(row["epoch"], row["validation/accuracy"]) for row in run.rows[:2]] == [(1, 0.25), (2, 0.5)]
    assert run.rows[-1]["examples"].size == (144, 144)
    assert [(one.name, one.type) for one in run.artifacts] == [
        ("a-recipe", "record"), ("a-recipe", "record"), ("a-run", "record"), ("a-checkpoint", "model"),
        ("a-bundle", "model"),
    ]  # fmt: skip
    assert run.exit_code == 0
    assert tracker.view == f"wandb sync {tmp_path / 'a' / 'wandb'}/offline-run-*"


def test_a_resumed_training_has_the_same_id(runs, tmp_path):
    train(WandB("team/faces"), status_of(tmp_path / "a"), *history(0.25))
    train(WandB(), status_of(tmp_path / "a", 0.25), history(0.25, 0.5)[1])
    first, second = runs
    assert (second.options["id"], second.options["resume"]) == (first.id, "allow")
    assert (second.options["entity"], second.options["project"]) == ("team", "faces")
    assert [row["epoch"] for row in second.rows if "validation/accuracy" in row] == [2]


def test_epochs_that_a_killed_process_may_not_have_written_are_sent_again(runs, tmp_path):
    status, killed = status_of(tmp_path / "a"), WandB()
    killed.on_train_start(status)
    for row in history(0.25, 0.5):
        killed.on_epoch_end(status, row)
    train(WandB(), status_of(tmp_path / "a", 0.25, 0.5), history(0.25, 0.5, 0.75)[2])
    first, second = runs
    assert second.options["id"] == first.id
    assert [row["epoch"] for row in second.rows if "validation/accuracy" in row] == [1, 2, 3]


def test_only_a_user_turns_the_network_on(runs, tmp_path, monkeypatch):
    train(WandB(mode="online"), status_of(tmp_path / "a"))
    monkeypatch.setenv("WANDB_MODE", "disabled")
    train(WandB(), status_of(tmp_path / "b"))
    assert [run.options["mode"] for run in runs] == ["online", "disabled"]
    with pytest.raises(MienError, match="offline, online"):
        WandB(mode="on")


def records_of(content):
    """Yield the records of a file of W&B: the log format of LevelDB after a header of 7 bytes."""
    at, parts = 7, b""
    while at + 7 <= len(content):
        if 32768 - at % 32768 < 7:  # no header fits into the rest of the block
            at += 32768 - at % 32768
            continue
        _, length, kind = struct.unpack_from("<IHB", content, at)
        parts += content[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):  # a whole record, or its last part
            yield parts
            parts = b""


@pytest.mark.filterwarnings("default")
@pytest.mark.skipif(find_spec("wandb") is None, reason="no wandb")
def test_the_real_package_writes_offline_files(tmp_path, caplog):
    train(WandB(), status_of(tmp_path / "a"), *history(0.25, 0.5))
    import wandb
    from wandb.proto.wandb_internal_pb2 import Record

    wandb.teardown()
    assert not caplog.messages
    (file,) = (tmp_path / "a" / "wandb").glob("offline-run-*/run-*.wandb")
    assert read_memory(tmp_path / "a", "wandb").id in file.name
    records = [Record.FromString(content) for content in records_of(file.read_bytes())]
    rows = [
        {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in record.history.item}
        for record in records
        if record.WhichOneof("record_type") == "history"
    ]
    assert [row["validation/accuracy"] for row in rows if "validation/accuracy" in row] == [0.25, 0.5]
    assert any(key.startswith("examples") for row in rows for key in row)
    names = {record.artifact.name for record in records if record.WhichOneof("record_type") == "artifact"}
    names |= {
        record.request.log_artifact.artifact.name
        for record in records
        if record.WhichOneof("record_type") == "request"
    }
    assert {"a-recipe", "a-checkpoint", "a-bundle"} <= names
