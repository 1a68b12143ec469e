import os

import cv2
import pytest

from mien.errors import MienError
from mien.runtime.threads import limit_opencv, opencv_limited, thread_count


def test_a_requested_number_is_used() -> None:
    assert thread_count(3) == 3


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system has no affinity")
def test_the_default_is_every_core_this_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {2, 5, 7})
    assert thread_count(None) == 3


def test_without_affinity_the_default_is_every_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 12)
    assert thread_count(None) == 12


def test_fewer_than_one_is_an_error() -> None:
    for threads in (0, -1, 1025, 1 << 31, 10**5000):
        with pytest.raises(MienError, match="threads: expected 1 or more"):
            thread_count(threads)


def test_opencv_is_limited_to_the_given_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []
    monkeypatch.setattr("cv2.setNumThreads", given.append)
    limit_opencv(None)
    limit_opencv(1)
    assert given == [1]


def test_opencv_is_limited_during_calls_and_restored_after_the_last() -> None:
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(4)
        with opencv_limited(None):
            assert cv2.getNumThreads() == 4
        with opencv_limited(3):
            with opencv_limited(1):
                assert cv2.getNumThreads() == 1
            assert cv2.getNumThreads() == 3
        with pytest.raises(ZeroDivisionError), opencv_limited(1):
            raise ZeroDivisionError
        with opencv_limited(8):
            assert cv2.getNumThreads() == 4
        assert cv2.getNumThreads() == 4
    finally:
        cv2.setNumThreads(before)
