"""What a shard may continue, and what is kept of what was there."""

import os
from dataclasses import replace

import pytest

from mien.errors import MienError
from mien.files import locks
from mien.labels import EMOTIONS
from mien.output.shards.session import ShardSession, forget_record
from mien.recognition.sharding.record import read_record, record_path, write_record
from mien.recognition.sharding.shard import Shard
from shard_builders import listing_of, write_shard

SHARD = Shard(1, 2)
SETTINGS = {"bundle": "small", "engine": "onnx"}
LISTING = listing_of(["0.jpg", "1.jpg"])


def begin(path, name="csv", *, resume=True, shard=SHARD, settings=SETTINGS, listing=LISTING):
    return ShardSession.begin({path: name}, shard, EMOTIONS, settings, listing, resume=resume)


@pytest.fixture
def path(tmp_path):
    """Holds the results of an incomplete shard."""
    return write_shard(tmp_path, SHARD, listed=["0.jpg", "1.jpg"], some=[], complete=False)


def test_a_shard_is_begun_completed_and_then_done(tmp_path):
    path = tmp_path / "new" / "faces.csv"
    with begin(path) as session:
        assert not session.is_done
        assert not read_record(path).is_complete
        session.complete([("0.jpg", "gone")])
    assert read_record(path).failures == [("0.jpg", "gone")]
    with begin(path) as session:
        assert not session.is_done  # what could not be read is tried again
        session.complete([])
    with begin(path) as session:
        assert session.is_done


def test_a_shard_without_inputs_says_so(tmp_path):
    with begin(tmp_path / "1.csv", listing=listing_of([])) as session:
        assert session.emptiness == "shard 1/2 has none of the 40 inputs; its result is empty and complete"
    with begin(tmp_path / "2.csv") as session:
        assert session.emptiness == ""
    assert ShardSession({}).emptiness == ""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shard": Shard(2, 2)}, "the result of shard 1/2, not 2/2"),
        (
            {"settings": SETTINGS | {"bundle": "large"}},
            "bundle was small when this shard was begun, now it is large",
        ),
        (
            {"listing": replace(LISTING, inputs=replace(LISTING.inputs, names="c"))},
            "the inputs are other ones",
        ),
        ({"listing": replace(LISTING, inputs=replace(LISTING.inputs, order="c"))}, "are in another order"),
    ],
)
def test_another_shard_is_not_continued(path, changes, message):
    with pytest.raises(MienError, match=message):
        begin(path, **changes)


def test_one_process_at_a_time(path):
    with begin(path), pytest.raises(MienError, match="another process is writing this shard"):
        begin(path)
    begin(path)


def test_records_are_not_open_during_the_work_where_open_files_stay(path, monkeypatch):
    """As on Windows, which has no locks and can't replace the record of an open file."""
    monkeypatch.setattr(locks, "fcntl", None)
    with begin(path) as session:
        assert session._locks == []
        session.complete([])
    assert read_record(path).is_complete
    record_path(path).unlink()
    with pytest.raises(MienError, match="not the result of a shard"):
        begin(path)
    assert not record_path(path).exists()


def test_a_new_beginning_keeps_what_was_there_apart(path):
    content = path.read_bytes()
    with begin(path, resume=False, shard=Shard(2, 2)):
        assert not path.exists()
        assert path.with_name("1.csv.before").read_bytes() == content
        assert read_record(path).shard == Shard(2, 2)


def test_a_plain_result_is_not_continued_as_a_shard(path):
    record_path(path).unlink()
    with pytest.raises(MienError, match=r"not the result of a shard \(there is no 1\.csv\.shard beside it\)"):
        begin(path)
    assert not record_path(path).exists()


def test_a_shard_is_not_continued_or_left_as_a_plain_result(path):
    with pytest.raises(MienError, match="the result of shard 1/2; to resume it, pass shard=1/2"):
        forget_record(path, resume=True)
    forget_record(path, resume=False)
    assert not record_path(path).exists()
    forget_record(path, resume=False)
    forget_record(path, resume=True)


def test_a_damaged_record_is_refused(path):
    os.truncate(record_path(path), 20)
    with pytest.raises(MienError, match="damaged; run the shard again"):
        begin(path)
    with begin(path, resume=False) as session:
        session.complete([])


@pytest.mark.parametrize("name", ["table", "crops"])
def test_formats_that_cannot_be_merged_are_refused(tmp_path, name):
    with pytest.raises(MienError, match="not a file that can be merged"):
        begin(tmp_path / "faces.txt", name)


def test_an_output_is_needed():
    with pytest.raises(MienError, match="a shard needs an output file"):
        ShardSession.begin({}, SHARD, EMOTIONS, SETTINGS, LISTING)


def test_a_record_of_a_replaced_result_is_rewritten(path):
    write_record(path, replace(read_record(path), failures=[("x", "y")], is_complete=True))
    with begin(path, resume=False):
        assert read_record(path).failures == []
