"""The fuzzer itself: it sees what it must not miss, and repeats what it found."""

import os
import random
import signal
import time

import numpy as np
import pytest

from fuzz import cases, readers, session
from fuzz.cases import Bench, digest
from fuzz.command import main
from fuzz.mutators.arrays import parse, serialize
from fuzz.mutators.formats import mutated, mutators_of
from fuzz.readers import READERS, Reader
from fuzz.session import Session
from mien.errors import MienError

GOOD = b"1,2\n"


def raises(error):
    raise error


def faulty(what):
    """Return what a reader with this fault does."""
    faults = {
        "exception": lambda path: raises(KeyError("x")),
        "memory": lambda path: bytearray(1 << 30),
        "lines": lambda path: raises(UnlimitedError(f"{path}: x")),
        "long": lambda path: raises(UnlimitedError(f"{path}: " + "x" * 3000)),
        "unnamed": lambda path: raises(MienError("damaged")),
        "content": lambda path: path.read_bytes(),
        "hang": lambda path: time.sleep(5),
    }
    return lambda path: None if path.read_bytes() == GOOD else faults[what](path)


class UnlimitedError(MienError):
    """An error whose message is not limited."""

    def __str__(self):
        return f"{self.args[0]}" if len(self.args[0]) > 2000 else f"{self.args[0]}\n"

    def __init__(self, message):
        super().__init__(message)
        self.args = (message,)


@pytest.mark.parametrize("what", ["exception", "memory", "lines", "long", "unnamed", "content", "hang"])
def test_each_fault_is_found(tmp_path, monkeypatch, what):
    reader = Reader(
        lambda folder: (folder / "a.csv").write_bytes(GOOD), faulty(what), "a.csv", checksummed=True
    )
    monkeypatch.setitem(READERS, "faulty", reader)
    monkeypatch.setattr(cases, "SECONDS", 0.05)
    bench = Bench("faulty", tmp_path)
    assert bench.judge("a.csv", b"2", strict=True)[0] == what
    assert (tmp_path / "a.csv").read_bytes() == GOOD


@pytest.mark.parametrize(
    "read",
    [lambda path: 1, lambda path: path.read_bytes()[:0], lambda path: raises(MienError("x", path=path))],
    ids=["same", "same bytes", "error"],
)
def test_allowed_outcomes_are_no_findings(tmp_path, monkeypatch, read):
    def ok(path):
        return read(path) if path.read_bytes() != GOOD else 1

    reader = Reader(lambda folder: (folder / "a.csv").write_bytes(GOOD), ok, "a.csv")
    monkeypatch.setitem(READERS, "fine", reader)
    assert Bench("fine", tmp_path).judge("a.csv", b"2") is None


def test_a_crash_is_reported_with_its_seed_and_the_next_case_runs(monkeypatch):
    """A worker that dies at its second case."""
    program = (
        "import sys, os, json\n"
        "request = json.loads(sys.stdin.readline())\n"
        "for seed in range(request['first'], request['first'] + request['count']):\n"
        "    print(json.dumps({'start': seed}), flush=True)\n"
        "    if seed == 1: os.kill(os.getpid(), 11)\n"
        "print(json.dumps({'done': seed + 1}), flush=True)\n"
    )
    monkeypatch.setattr(session, "COMMAND", ("-c", program))
    with Session() as running:
        crash, following = running.run("data csv", 0, 4)
    assert (crash.seed, crash.what, following) == (1, "crash", 4)
    assert f"exit code {-signal.SIGSEGV}" in crash.detail


def test_a_worker_that_handles_no_signals_is_killed(monkeypatch):
    monkeypatch.setattr(
        session, "COMMAND", ("-c", "import time; print('{\"start\": 7}', flush=True); time.sleep(60)")
    )
    monkeypatch.setattr(session, "PATIENCE", 0.5)
    with Session() as running:
        found = next(iter(running.run("data csv", 7, 1)))
    assert (found.seed, found.what) == (7, "hang")


def test_a_seed_always_makes_the_same_file(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, two = Bench("data npz", tmp_path / "one"), Bench("data npz", tmp_path / "two")
    for seed in range(20):
        assert one.damage(seed)[:2] == two.damage(seed)[:2]
    assert len({one.damage(seed)[1] for seed in range(20)}) > 15


@pytest.mark.parametrize("name", [name for name in READERS if READERS[name].available()])
def test_each_mutator_changes_its_format(tmp_path, monkeypatch, name):
    """No mutator fails on a valid file: flipped bits would take its place unnoticed."""
    reader = READERS[name]
    reader.make(tmp_path)
    for file in reader.damaged:
        content = (tmp_path / file).read_bytes()
        for one in dict.fromkeys(mutators_of(file)):
            made = [one.change(content, random.Random(seed)) for seed in range(6)]
            assert any(other != content for other in made), (name, one.name)


def test_messages_of_protobuf_are_written_as_they_were(tmp_path):
    READERS["bundle graph"].make(tmp_path)
    content = (tmp_path / "graph.onnx").read_bytes()
    fields = parse(content)
    assert serialize(fields) == content
    assert any(isinstance(value, list) for _, _, value in fields)


def test_digests_differ_where_contents_do():
    some = np.arange(4.0)
    values = [some, some + 1, some.astype(np.float32), some.reshape(2, 2), [some], {"a": some}, None, b"", ""]
    assert len({digest(value) for value in values}) == len(values)
    assert digest({"a": [some, 1]}) == digest({"a": [some.copy(), 1]})


def test_a_finding_can_be_repeated_from_its_file(tmp_path, capsys, monkeypatch):
    reader = Reader(lambda folder: (folder / "a.csv").write_bytes(GOOD), faulty("exception"), "a.csv")
    monkeypatch.setitem(READERS, "faulty", reader)
    (tmp_path / "bad.csv").write_bytes(b"2")
    assert main(["--reader", "faulty", "--file", str(tmp_path / "bad.csv")]) == 1
    assert "exception: KeyError" in capsys.readouterr().out


def test_a_changed_file_is_changed_by_flipped_bits_where_a_mutator_fails():
    zipped = mutators_of("a.zip")
    content, used = mutated(b"no zip at all", [zipped[-1]], random.Random(1))
    assert content != b"no zip at all"
    assert used


def test_every_kind_of_reader_is_there():
    assert len(READERS) > 60
    assert all(os.fspath(file) for reader in READERS.values() for file in reader.damaged)
    assert readers.READERS is READERS
