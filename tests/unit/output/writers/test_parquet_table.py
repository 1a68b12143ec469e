from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mien.labels import EMOTIONS
from mien.output.writers import open_writer
from mien.recognition.columns import COLUMNS
from result_builders import face, result

NULL = Path("/dev/null")


def written(path, some, *, resume=False):
    with open_writer("parquet", path, EMOTIONS, resume=resume) as writer:
        for one in some:
            writer.write(one)
    return pq.read_table(path)


def test_columns_are_those_of_the_csv_and_typed(tmp_path):
    some = [
        result("\udcff.jpg", face("sad", 0.4)),
        result("none.jpg"),
        result("a.mp4", face(track=2), frame=5, time=0.2),
    ]
    table = written(tmp_path / "out", some)
    assert table.column_names == [*COLUMNS, *EMOTIONS]
    first, none, frame = table.to_pylist()
    assert (first["source"], first["face"], first["label"], first["uncertain"]) == (
        r"\udcff.jpg",
        1,
        "sad",
        True,
    )
    assert first["sad"] == pytest.approx(0.4)
    assert {name for name, cell in none.items() if cell is not None} == {"source", "width", "height"}
    assert (frame["frame"], frame["time"], frame["track"]) == (5, 0.2, 2)


def test_many_rows_are_written_in_groups_and_resumed(tmp_path, monkeypatch):
    monkeypatch.setattr("mien.output.writers.parquet_table.BATCH", 10)
    written(tmp_path / "out", [result(f"{n}.jpg", face(), face()) for n in range(17)])
    table = written(tmp_path / "out", [result(f"{n}.jpg", face()) for n in range(17, 30)], resume=True)
    assert pq.ParquetFile(tmp_path / "out").num_row_groups > 3
    expected = [f"{n // 2}.jpg" for n in range(34)] + [f"{n}.jpg" for n in range(17, 30)]
    assert table["source"].to_pylist() == expected


def test_a_device_is_not_replaced():
    with open_writer("parquet", NULL, EMOTIONS, resume=False) as writer:
        writer.write(result("a.jpg"))
    assert NULL.is_char_device()
