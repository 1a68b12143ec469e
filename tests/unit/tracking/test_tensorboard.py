"""Event files, read by TensorBoard's own reader."""

import shutil

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from mien.figures.encode import png
from mien.figures.style import new_figure
from mien.tracking.results import Results
from mien.tracking.tensorboard import TensorBoard
from run_builders import history
from tracker_builders import status_of

FIGURE = new_figure(1, 1)


@pytest.fixture(autouse=True)
def results(monkeypatch, tmp_path):
    found = Results(
        {"best/accuracy": 0.5}, {"confusion_matrix": png(FIGURE)}, {"run.json": tmp_path / "run.json"}
    )
    monkeypatch.setattr("mien.tracking.base.results_of", lambda *_, **__: found)


def read(folder):
    reader = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    reader.Reload()
    return reader


def scalars(reader, name="validation/accuracy"):
    return [(event.step, event.value) for event in reader.Scalars(name)]


def train(tracker, status, *rows, end=True):
    tracker.on_train_start(status)
    for row in rows:
        status.history = [*status.history, row]
        tracker.on_epoch_end(status, row)
    if end:
        tracker.on_train_end(status, None)
    else:  # killed
        tracker._events.close()


def test_curves_recipe_and_figures_are_in_the_run_folder(tmp_path):
    train(TensorBoard(), status_of(tmp_path / "a"), *history(0.25, 0.5))
    reader = read(tmp_path / "a" / "tensorboard")
    assert scalars(reader) == [(1, 0.25), (2, 0.5)]
    assert scalars(reader, "best/accuracy") == [(2, 0.5)]
    (image,) = reader.Images("confusion_matrix")
    assert (image.width, image.height, image.encoded_image_string[1:4]) == (144, 144, b"PNG")
    (text,) = reader.Tensors("recipe/text_summary")
    assert b"lr: 0.01" in text.tensor_proto.string_val[0]
    assert b"run.json" in reader.Tensors("files/text_summary")[0].tensor_proto.string_val[0]
    plugin = reader.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    parameters = HParamsPluginData.FromString(plugin).session_start_info.hparams
    assert parameters["optimizer.lr"].number_value == 0.01
    assert parameters["optimizer.kind"].string_value == "adam"


def test_a_resumed_training_writes_into_the_same_folder_and_replaces_epochs(tmp_path):
    rows = history(0.25, 0.5, 0.75)
    train(TensorBoard(), status_of(tmp_path / "a"), *rows[:2], end=False)
    train(TensorBoard(), status_of(tmp_path / "a", 0.25), *history(0.25, 0.625)[1:], rows[2])
    reader = read(tmp_path / "a" / "tensorboard")
    assert scalars(reader) == [(1, 0.25), (2, 0.625), (3, 0.75)]
    assert len(reader.Tensors("recipe/text_summary")) == 1


def test_a_recovery_drops_epochs(tmp_path):
    status, tracker = status_of(tmp_path / "a", 0.75, 0.125), TensorBoard()
    tracker.on_train_start(status)
    status.history = status.history[:1]
    tracker.on_recovery(status)
    row = history(0.75, 0.5)[1]
    status.history = [*status.history, row]
    tracker.on_epoch_end(status, row)
    tracker.on_train_end(status, None)
    assert scalars(read(tmp_path / "a" / "tensorboard")) == [(1, 0.75), (2, 0.5)]


def test_a_run_that_was_moved_continues_where_it_is(tmp_path):
    train(TensorBoard(), status_of(tmp_path / "a", 0.25))
    shutil.move(tmp_path / "a", tmp_path / "b")
    train(TensorBoard(), status_of(tmp_path / "b", 0.25), history(0.25, 0.5)[1])
    assert scalars(read(tmp_path / "b" / "tensorboard")) == [(1, 0.25), (2, 0.5)]
    assert not (tmp_path / "a").exists()


def test_runs_of_one_name_get_folders_of_their_own(tmp_path):
    for parent in ("x", "y"):
        train(TensorBoard(tmp_path / "logs"), status_of(tmp_path / parent / "a", 0.25))
        train(TensorBoard(tmp_path / "logs"), status_of(tmp_path / parent / "a", 0.25), history(0.25, 0.5)[1])
    assert sorted(path.name for path in (tmp_path / "logs").iterdir()) == ["a", "a-2"]
    assert scalars(read(tmp_path / "logs" / "a-2")) == [(1, 0.25), (2, 0.5)]


def test_a_full_disk_is_one_warning(tmp_path, caplog, file_size_limit):
    status, tracker = status_of(tmp_path / "a"), TensorBoard()
    tracker.on_train_start(status)
    with file_size_limit(1 << 12):
        for row in history(*[0.5] * 40):
            status.history = [*status.history, row]
            tracker.on_epoch_end(status, row)
        tracker.on_train_end(status, None)
    (message,) = caplog.messages
    assert "tracking with tensorboard ended" in message
    assert "File too large" in message
