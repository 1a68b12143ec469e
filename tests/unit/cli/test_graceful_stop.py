"""The first signal is recorded, the second acts as usual."""

import os
import signal

import pytest

from mien.cli.graceful_stop import GracefulStop


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_is_recorded(number, code):
    with GracefulStop() as stop:
        assert (stop.requested, stop.code) == (False, 0)
        os.kill(os.getpid(), number)
        assert (stop.requested, stop.code) == (True, code)


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


def test_the_second_one_acts_as_usual():
    with GracefulStop():
        interrupt()
        with pytest.raises(KeyboardInterrupt):
            interrupt()


def test_the_handlers_are_restored():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with GracefulStop():
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
