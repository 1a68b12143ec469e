import numpy as np
import pytest

from mien.errors import MienError
from mien.files.identify import SHARD, identify
from mien.recognition.sharding.listing import InputDigests, Listing
from mien.recognition.sharding.record import ShardRecord, read_record, record_path, write_record
from mien.recognition.sharding.shard import Shard


def record_of(**changes):
    listing = Listing(
        InputDigests(9, "a" * 32, "b" * 32), np.array([1, 5], np.uint64), np.array([7, 2**64 - 1], np.uint64)
    )
    fields = {
        "shard": Shard(2, 3),
        "format": "csv",
        "classes": ("glad", "sad"),
        "settings": {"bundle": "x"},
        "listing": listing,
        "is_complete": True,
        "failures": [("a\udcff\n.jpg", "a: gone")],
    }
    return ShardRecord(**fields | changes)


def test_a_record_is_read_as_it_was_written(tmp_path):
    result = tmp_path / "faces.csv"
    write_record(result, record_of())
    found = read_record(result)
    assert found.listing.positions.tolist() == [1, 5]
    assert found.listing.hashes.tolist() == [7, 2**64 - 1]
    assert found.listing.inputs == record_of().listing.inputs
    assert (found.shard, found.format, found.classes) == (Shard(2, 3), "csv", ("glad", "sad"))
    assert (found.settings, found.is_complete, found.failures) == (
        {"bundle": "x"},
        True,
        [("a\udcff\n.jpg", "a: gone")],
    )
    assert identify(record_path(result)) is SHARD


def test_no_record(tmp_path):
    assert read_record(tmp_path / "faces.csv") is None


@pytest.mark.parametrize("size", [0, 5, 100, -1])
def test_a_damaged_record_is_refused(tmp_path, size):
    result = tmp_path / "faces.csv"
    content = record_of().encode()
    record_path(result).write_bytes(content[:size])
    with pytest.raises(MienError, match=r"faces\.csv\.shard: not the record of a shard, or damaged"):
        read_record(result)
    record_path(result).write_bytes(content.replace(b"glad", b"mild"))
    with pytest.raises(MienError, match="damaged"):
        read_record(result)


def test_a_record_of_another_version_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("mien.recognition.sharding.record.VERSION", 99)
    write_record(tmp_path / "faces.csv", record_of())
    monkeypatch.undo()
    with pytest.raises(MienError, match="of another version of mien"):
        read_record(tmp_path / "faces.csv")
