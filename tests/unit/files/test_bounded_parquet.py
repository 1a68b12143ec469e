import io
from pathlib import Path
from typing import Any

import pytest

from mien.files import bounded_parquet
from mien.files.bounded_parquet import check_parquet
from mien.labels import EMOTIONS
from mien.limits import MAX_BATCH_TEXT, MAX_PAGE_BYTES
from mien.output.writers.parquet_table import ParquetWriter
from result_builders import face, result

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def written(table: Any, **options: Any) -> io.BytesIO:
    stream = io.BytesIO()
    pq.write_table(table, stream, **options)
    return stream


def test_a_result_passes(tmp_path: Path) -> None:
    with ParquetWriter(tmp_path / "a.parquet", EMOTIONS) as writer:
        for number in range(20):
            writer.write(result(f"{number}.png", face()))
    with (tmp_path / "a.parquet").open("rb") as stream:
        check_parquet(stream)
        assert stream.tell() == 0


@pytest.mark.parametrize(
    "options",
    [
        {}, {"use_dictionary": False}, {"compression": "none"}, {"data_page_version": "2.0"},
        {"row_group_size": 10}, {"write_statistics": False}, {"write_page_checksum": True},
        {"data_page_size": 64},
    ],
    ids=str,
)  # fmt: skip
def test_all_pages_are_found(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table({"a": [f"text {number}" for number in range(100)], "b": [1.5] * 100, "c": [None] * 100})
    stream = written(table, **options)
    check_parquet(stream)
    metadata = pq.read_metadata(stream)
    sizes = list(bounded_parquet._pages(stream, metadata))
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    assert len(sizes) >= 3 * len(groups)
    assert 0 < sum(sizes) <= sum(group.total_byte_size for group in groups)
    monkeypatch.setattr(bounded_parquet, "MAX_PAGE_BYTES", max(sizes) - 1)
    with pytest.raises(ValueError, match="a page of"):
        check_parquet(stream)


@pytest.mark.parametrize("use_dictionary", [True, False])
def test_large_pages_are_refused(use_dictionary: bool) -> None:
    table = pa.table({"a": ["x" * (MAX_PAGE_BYTES + 1)]})
    with pytest.raises(ValueError, match="a page of"):
        check_parquet(written(table, compression="zstd", use_dictionary=use_dictionary))


def test_a_text_that_each_row_repeats_is_refused() -> None:
    rows = 1000
    indices = pa.array([0] * rows, "int32")
    table = pa.table({"a": pa.DictionaryArray.from_arrays(indices, ["x" * (MAX_BATCH_TEXT // rows + 1)])})
    with pytest.raises(ValueError, match="texts of over 64 MB"):
        check_parquet(written(table, compression="zstd"))


@pytest.mark.parametrize(
    "content", [b"", b"\x15", b"\x15\x80", b"\x1d\x00\x00", b"\x19\xf5\xff\xff\xff\x7f", b"\x1c" * 20]
)
def test_malformed_headers_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="header"):
        bounded_parquet._Header(content).integers()
