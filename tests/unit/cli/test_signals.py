"""The first signal ends a command between writes, the second kills, a thread ends a stuck command."""

# ruff: noqa: PT012 - the signal is part of the block

import os
import signal
import subprocess
import sys
import threading
from contextlib import nullcontext

import pytest

from mien.cli import signals as module
from mien.cli.signals import Interrupted, Signals

CODES = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]


def handled():
    """Signals whose threads don't end the process of the tests."""
    return Signals(leave=lambda _: None)


def send(number):
    """Send a signal to this process, whose default action would end it."""
    assert signal.getsignal(number) not in (signal.SIG_DFL, signal.default_int_handler, None)
    signal.raise_signal(number)


class Recorder:
    """A writer that records how it was closed."""

    def __init__(self):
        self.closed = []

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.closed.append(kind)


@pytest.mark.parametrize(("number", "code"), CODES)
def test_a_signal_ends_a_wait_at_once(number, code):
    with handled(), pytest.raises(Interrupted) as caught:
        send(number)
        threading.Event().wait(60)
    assert caught.value.code == code


def test_a_write_is_completed_first():
    done = []
    with handled() as signals, pytest.raises(Interrupted):
        with signals.deferred():
            send(signal.SIGTERM)
            done.append("written")
        done.append("never")
    assert done == ["written"]


def test_kept_writers_are_closed_once():
    writer = Recorder()
    with handled() as signals, pytest.raises(Interrupted), signals.keeping() as enter:
        assert enter(writer) is writer
        send(signal.SIGHUP)
    assert writer.closed == [Interrupted]


def test_without_a_signal_they_are_closed_without_an_error():
    writer = Recorder()
    with handled() as signals, signals.keeping() as enter:
        enter(writer)
    assert writer.closed == [None]


def test_handlers_are_restored_and_ignored_signals_stay_ignored():
    before = [signal.getsignal(number) for number, _ in CODES]
    ignored = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with handled():
            assert signal.getsignal(signal.SIGINT) not in before
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, ignored)
    assert [signal.getsignal(number) for number, _ in CODES] == before


@pytest.fixture
def short(monkeypatch):
    for name in ("STUCK", "PATIENCE", "CLOSING"):
        monkeypatch.setattr(module, name, 0.02)


@pytest.mark.usefixtures("short")
def test_a_thread_closes_the_writers_of_a_command_that_does_not_end():
    writer, left = Recorder(), []
    ended = threading.Event()

    def leave(code):
        left.append((code, list(writer.closed)))
        ended.set()

    farewells = []
    with Signals(farewells.append, leave) as signals, signals.keeping() as enter:
        enter(writer)
        with pytest.raises(Interrupted):
            send(signal.SIGTERM)
        assert ended.wait(60)  # as a thread that is joined, and never returns
        signals._lock = nullcontext()  # the process would have ended here
    assert left == [(143, [Interrupted])]
    assert [error.code for error in farewells] == [143]


@pytest.mark.usefixtures("short")
def test_a_write_that_blocks_is_interrupted():
    reader, writer = os.pipe()
    with handled() as signals, pytest.raises(Interrupted), signals.deferred():
        send(signal.SIGTERM)
        os.read(reader, 1)
    os.close(reader)
    os.close(writer)


def test_a_writer_that_closes_slowly_is_not_interrupted(monkeypatch):
    monkeypatch.setattr(module, "STUCK", 0.01)

    class Slow(Recorder):
        def __exit__(self, *error):
            threading.Event().wait(0.1)
            super().__exit__(*error)

    writer = Slow()
    with handled() as signals, pytest.raises(Interrupted), signals.keeping() as enter:
        enter(writer)
        send(signal.SIGTERM)
    assert writer.closed == [Interrupted]


def test_the_second_signal_kills():
    left = []
    ended = threading.Event()
    with Signals(leave=lambda code: (left.append(code), ended.set())):
        with pytest.raises(Interrupted):
            send(signal.SIGTERM)
        send(signal.SIGINT)
        assert ended.wait(60)
    assert left[0] == 130


def test_outside_of_the_main_thread_nothing_is_handled():
    before = signal.getsignal(signal.SIGINT)
    found = []

    def run():
        with Signals() as signals, signals.deferred():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [before]


def test_ctrl_c_during_the_imports_has_no_traceback():
    script = (
        "import os, signal, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'mien.cli.app': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "from mien.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, b"")
