"""Shards are merged into what one run would have written, or refused in one line."""

import os
from dataclasses import replace

import pytest

import mien
from mien.errors import MienError, OutputError
from mien.labels import EMOTIONS
from mien.output.writers import open_writer
from mien.recognition.sharding.record import digest_of, read_record, record_path, write_record
from mien.recognition.sharding.shard import Shard
from shard_builders import INPUTS, RESULTS, write_shard

FORMATS = ["csv", "jsonl", "json", "parquet"]


def write_all(folder, name="csv", count=3):
    return [write_shard(folder, Shard(number, count), name) for number in range(1, count + 1)]


def write_plain(folder, name):
    with open_writer(name, folder / f"plain.{name}", EMOTIONS) as writer:
        for one in RESULTS:
            writer.write(one)
    return folder / f"plain.{name}"


@pytest.mark.parametrize("name", FORMATS)
def test_the_merged_file_is_that_of_one_run(tmp_path, name):
    shards = write_all(tmp_path, name)
    merged = mien.merge(shards[::-1], tmp_path / f"merged.{name}")
    assert (tmp_path / f"merged.{name}").read_bytes() == write_plain(tmp_path, name).read_bytes()
    assert (merged.shards, merged.inputs, merged.failures, merged.same_order) == (3, 40, (), True)


@pytest.mark.parametrize("name", FORMATS)
def test_shards_without_inputs_and_a_single_shard(tmp_path, name):
    empty, whole = (
        write_shard(tmp_path, Shard(1, 2), name, []),
        write_shard(tmp_path, Shard(2, 2), name, RESULTS),
    )
    mien.merge([whole, empty], tmp_path / f"merged.{name}")
    assert (tmp_path / f"merged.{name}").read_bytes() == write_plain(tmp_path, name).read_bytes()
    nothing = write_shard(tmp_path, Shard(1, 1), name, [])
    mien.merge([nothing], tmp_path / f"none.{name}")
    assert (tmp_path / f"none.{name}").read_bytes() == nothing.read_bytes()


@pytest.mark.parametrize("name", FORMATS)
def test_an_input_that_failed_at_first_gets_its_place(tmp_path, name):
    late = [*RESULTS[1:], RESULTS[0]]
    path = write_shard(tmp_path, Shard(1, 1), name, late, [one.source for one in RESULTS])
    mien.merge([path], tmp_path / f"merged.{name}")
    assert (tmp_path / f"merged.{name}").read_bytes() == write_plain(tmp_path, name).read_bytes()


def test_inputs_that_could_not_be_read_are_returned(tmp_path):
    sources = [one.source for one in RESULTS]
    failures = [("0.jpg", "0.jpg: damaged"), ("film.mp4", "film.mp4: damaged")]
    some = [one for one in RESULTS if one.source not in dict(failures)]
    path = write_shard(tmp_path, Shard(1, 1), "csv", some, sources, failures)
    assert mien.merge([path], tmp_path / "merged.csv").failures == tuple(failures)


def test_shards_that_listed_their_inputs_in_other_orders(tmp_path):
    shards = write_all(tmp_path)
    record = read_record(shards[1])
    changed = replace(record.listing, inputs=replace(INPUTS, order="c" * 32))
    write_record(shards[1], replace(record, listing=changed))
    assert not mien.merge(shards, tmp_path / "merged.csv").same_order
    assert (tmp_path / "merged.csv").read_bytes() == write_plain(tmp_path, "csv").read_bytes()


def change(path, **fields):
    write_record(path, replace(read_record(path), **fields))


def no_record(shards):
    record_path(shards[1]).unlink()


def no_result(shards):
    shards[1].unlink()


def not_complete(shards):
    change(shards[1], is_complete=False)


def one_shard_less(shards):
    shards.pop(1)


def shard_twice(shards):
    shards.append(write_shard(shards[0].parent / "again", Shard(2, 3)))


def file_twice(shards):
    shards.append(shards[0])


def other_bundle(shards):
    change(shards[1], settings={"bundle": "large", "engine": "onnx"})


def other_classes(shards):
    change(shards[1], classes=("glad", "sad"))


def other_inputs(shards):
    listing = read_record(shards[1]).listing
    change(shards[1], listing=replace(listing, inputs=replace(INPUTS, names="c" * 32, count=41)))


def other_count(shards):
    change(shards[1], shard=Shard(2, 4))


def other_format(shards):
    shards[1] = write_shard(shards[0].parent, Shard(2, 3), "json")


def truncated(shards):
    os.truncate(shards[1], shards[1].stat().st_size - 1)


def result_removed(shards):
    lines = shards[1].read_bytes().splitlines(keepends=True)
    sources = [line.split(b",")[0] for line in lines]
    rewrite(shards[1], b"".join(line for line in lines if not line.startswith(sources[-1])))


def result_of_another_shard(shards):
    lines = shards[0].read_bytes().splitlines(keepends=True)
    rewrite(shards[1], shards[1].read_bytes() + lines[1])


def result_twice(shards):
    lines = shards[1].read_bytes().splitlines(keepends=True)
    rewrite(shards[1], b"".join([*lines, lines[1]]))


def rewrite(path, content):
    """Change a result and the digest in its record."""
    path.write_bytes(content)
    change(path, digest=digest_of(path))


def damaged_record(shards):
    content = record_path(shards[1]).read_bytes()
    record_path(shards[1]).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (no_record, r"2\.csv: no 2\.csv\.shard beside it"),
        (no_result, r"2\.csv: no such file, but its record 2\.csv\.shard is there"),
        (not_complete, r"2\.csv: shard 2/3 is not complete; run its command again"),
        (one_shard_less, r"^shard 2/3 missing; expected all 3"),
        (shard_twice, r"again/2\.csv: shard 2/3, as .*2\.csv; expected each shard once"),
        (file_twice, r"1\.csv: given twice"),
        (other_bundle, r"2\.csv: bundle is large, but small in .*1\.csv; shards that differ can't be merged"),
        (other_classes, r"2\.csv: the classes are glad, sad, but angry, .* in .*1\.csv"),
        (other_inputs, r"2\.csv: other inputs, 41 of them, but 40 of them in .*1\.csv"),
        (other_count, r"2\.csv: one shard of 4, but 3 in .*1\.csv"),
        (other_format, r"2\.json: the format is json, but csv in .*1\.csv"),
        (truncated, r"2\.csv: changed after shard 2/3 was complete; restore it or run the shard again"),
        (result_removed, r"2\.csv: lacks the results of 1 of \d+ inputs of shard 2/3"),
        (result_of_another_shard, r"2\.csv: has a result of \S+, which is no input of shard 2/3"),
        (result_twice, r"2\.csv: has two results of \S+ in shard 2/3"),
        (damaged_record, r"2\.csv\.shard: not the record of a shard, or damaged"),
    ],
)  # fmt: skip
def test_shards_that_do_not_fit_are_refused_and_nothing_is_written(tmp_path, damage, message):
    (tmp_path / "again").mkdir()
    shards = write_all(tmp_path)
    damage(shards)
    with pytest.raises(MienError, match=message) as caught:
        mien.merge(shards, tmp_path / "merged.csv")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "merged.csv").exists()


def test_many_missing_shards_are_counted(tmp_path):
    path = write_shard(tmp_path, Shard(1, 100))
    with pytest.raises(MienError, match="shards 2/100, 3/100, 4/100, 5/100, 6/100 and 94 more missing"):
        mien.merge([path], tmp_path / "merged.csv")


def test_an_output_that_is_a_shard_of_another_format_or_a_foreign_file_is_refused(tmp_path):
    shards = write_all(tmp_path)
    with pytest.raises(MienError, match=r"1\.csv: a shard, which the output would replace"):
        mien.merge(shards, shards[0])
    with pytest.raises(MienError, match="the ending selects json, but the shards are csv"):
        mien.merge(shards, tmp_path / "merged.json")
    (tmp_path / "notes.csv").write_text("mine")
    with pytest.raises(MienError, match="exists and is not a result of mien predict"):
        mien.merge(shards, tmp_path / "notes.csv")
    mien.merge(shards, tmp_path / "notes.csv", force=True)
    assert (tmp_path / "notes.csv").read_bytes() == write_plain(tmp_path, "csv").read_bytes()


def test_a_full_disk_is_an_error_that_names_the_output(tmp_path, monkeypatch):
    shards = write_all(tmp_path)

    def fail(_, content):
        if content:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("mien.output.writers.streams._write_all", fail)
    with pytest.raises(OutputError, match=r"merged\.csv: can't write it \(No space left"):
        mien.merge(shards, tmp_path / "merged.csv")
    assert sorted(path.name for path in tmp_path.glob("*merged*")) == []
