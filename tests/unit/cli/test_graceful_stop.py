"""The first Ctrl-C is a wish, the second an order."""

import os
import signal

import pytest

from mien.cli.graceful_stop import Stop


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_is_noted(number, code):
    with Stop() as stop:
        assert (stop.asked(), stop.code) == (False, 0)
        os.kill(os.getpid(), number)
        assert (stop.asked(), stop.code) == (True, code)


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


def test_the_second_one_acts_as_usual():
    with Stop():
        interrupt()
        with pytest.raises(KeyboardInterrupt):
            interrupt()


def test_afterwards_all_is_as_before():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with Stop():
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
