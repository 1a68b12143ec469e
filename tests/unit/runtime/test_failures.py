import pytest

from mien.errors import BundleError, DetectorError, MienError
from mien.runtime.failures import failures_as


def test_the_first_line_of_a_failure_becomes_the_error() -> None:
    with (
        pytest.raises(DetectorError, match=r"^detector x: its graph can't be run \(no kernel\)$"),
        failures_as(DetectorError, "detector x"),
    ):
        raise RuntimeError("no kernel\nat line 3")


def test_an_error_of_mien_passes_through() -> None:
    with pytest.raises(MienError, match=r"^no device$") as caught, failures_as(BundleError, "bundle x"):
        raise MienError("no device")
    assert type(caught.value) is MienError
