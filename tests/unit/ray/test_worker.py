"""The work of an actor, without Ray: tables in, tables out."""

import pickle

import pyarrow as pa
import pytest

from builders import png
from bundle_builders import gray_of, tiny_bundle
from mien.labels import EMOTIONS
from mien.output.writers.parquet_table import schema_of
from mien.ray.models import Model
from mien.ray.worker import Columns, Worker
from mien.recognition.columns import columns_of

SAD = png(gray_of("sad"), (60, 50))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """What actors get; the file of the bundle is gone then."""
    path = tiny_bundle(tmp_path_factory.mktemp("model") / "tiny.onnx")
    model, _ = Model.of({"bundle": path, "engine": "onnx", "detector": "whole", "threads": 1})
    path.unlink()
    return pickle.loads(pickle.dumps(model))


def labels_of(table):
    return list(zip(table["source"].to_pylist(), table["label"].to_pylist(), strict=True))


def test_rows_have_the_columns_of_the_parquet_output_the_error_and_what_is_kept(model):
    table = pa.table(
        {"path": ["a", "b", "c"], "bytes": [SAD, b"no image", None], "key": pa.array([7, 8, 9], pa.int16())}
    )
    found = Worker(model, Columns("bytes", "path", ("key",)))(table)
    assert found.schema == pa.schema(
        [*schema_of(columns_of(EMOTIONS)), ("error", pa.string()), ("key", pa.int16())]
    )
    assert labels_of(found) == [("a", "sad"), ("b", None), ("c", None)]
    assert found["key"].to_pylist() == [7, 8, 9]
    none, damaged, missing = found["error"].to_pylist()
    assert none is None
    assert damaged.startswith("b: not an image")
    assert missing == "c: no image"


def test_images_are_paths_addresses_or_pixels(model, tmp_path):
    (tmp_path / "a.png").write_bytes(SAD)
    path = str(tmp_path / "a.png")
    addresses = [path, f"file://{path}", "file:///nowhere.png", "nothing://x.png"]
    found = Worker(model, Columns("path", "path"))(pa.table({"path": addresses}))
    assert [label for _, label in labels_of(found)] == ["sad", "sad", None, None]
    assert [error is None for error in found["error"].to_pylist()] == [True, True, False, False]
    pixels = [[[gray_of("happy")] * 3] * 4] * 4
    found = Worker(model, Columns("image", "id"))(pa.table({"image": [pixels], "id": [12]}))
    assert labels_of(found) == [("12", "happy")]


def test_an_empty_table_has_the_same_columns(model):
    worker = Worker(model, Columns("path", "path"))
    empty = worker(pa.table({"path": pa.array([], pa.string())}))
    assert empty.num_rows == 0
    assert empty.schema == worker(pa.table({"path": ["nowhere.png"]})).schema


def test_the_model_is_loaded_once(model, monkeypatch):
    loads = []
    load = Model.load
    monkeypatch.setattr(Model, "load", lambda self: loads.append(1) or load(self))
    worker = Worker(model, Columns("path", "path"))
    for _ in range(3):
        worker(pa.table({"path": ["nowhere.png"]}))
    assert loads == [1]


def test_other_processes_get_the_detector_and_the_engine_that_were_chosen(tmp_path):
    path = tiny_bundle(tmp_path / "tiny.onnx")
    model, recognizer = Model.of(
        {"bundle": path, "engine": "auto", "detector": "mtcnn", "threshold": 0.2, "min_face": 50}
    )
    assert (model.options["detector"], model.options["offline"]) == ("mtcnn", True)
    assert model.options["engine"] == recognizer.engine.name != "auto"
    loaded = model.load()
    assert (loaded.threshold, loaded.components.detector.selection.min_face) == (0.2, 50)
    assert loaded.metadata == recognizer.metadata
