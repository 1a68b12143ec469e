import pytest

from mien.output.timecode import timecode


@pytest.mark.parametrize(
    ("seconds", "tenths", "words"),
    [
        (0, False, "0:00"), (59.9, False, "0:59"), (60, False, "1:00"), (3599.999, False, "59:59"),
        (3600, False, "1:00:00"), (36_000, False, "10:00:00"), (0.3 - 0.1 + 0.8, False, "0:01"),
        (0, True, "0:00.0"), (59.96, True, "1:00.0"), (75.25, True, "1:15.2"), (3600.5, True, "1:00:00.5"),
    ],
)  # fmt: skip
def test_timecode(seconds, tenths, words):
    assert timecode(seconds, tenths=tenths) == words
