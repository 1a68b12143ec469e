import pytest

from mien.serving.admission import Admission
from mien.serving.problems import Problem


def test_units_are_held_up_to_the_limit():
    admission = Admission(10, "images")
    with admission.holding(6), admission.holding(4):
        with pytest.raises(Problem, match="10 images are in progress"):
            admission.hold(1)
        with pytest.raises(Problem):
            admission.require_room()
    assert admission.held == 0


def test_a_request_that_is_alone_is_admitted_with_any_number():
    admission = Admission(10, "images")
    with admission.holding(50), pytest.raises(Problem) as caught:
        admission.hold(1)
    assert caught.value.retry_after == 1


def test_units_are_released_after_an_error():
    admission = Admission(10, "images")
    with pytest.raises(ValueError, match="broken"), admission.holding(3):
        raise ValueError("broken")
    assert admission.held == 0
