import inspect
import pickle
from pathlib import Path

import pytest

from mien import errors
from mien.errors import DataError, MienError, MissingExtraError


def test_every_error_is_a_mien_error():
    found = [
        value
        for _, value in inspect.getmembers(errors, inspect.isclass)
        if value.__module__ == errors.__name__
    ]
    assert MienError in found
    assert all(issubclass(error, MienError) for error in found)


def test_fields_carry_what_the_message_says():
    error = DataError("faces.csv: row 7: no pixels", path="faces.csv", row=7, expected="2304 pixels")
    assert str(error) == "faces.csv: row 7: no pixels"
    assert (error.path, error.row, error.expected) == (Path("faces.csv"), 7, "2304 pixels")


def test_fields_are_none_unless_given():
    error = MienError("message")
    assert (error.path, error.row, error.expected) == (None, None, None)


@pytest.mark.parametrize(
    "error", [DataError("message", path="a", row=1, expected="b"), MissingExtraError("torch", "train")]
)
def test_errors_survive_pickling_between_processes(error):
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))


@pytest.mark.parametrize(
    ("message", "text"), [(None, "None"), (10**5000, "<int>"), ([1], "[1]")], ids=["a", "b", "c"]
)
def test_any_value_may_be_a_message(message, text):
    assert str(MienError(message, path=3)) == text
    assert MienError(message, path=3).path is None


def test_missing_extra_says_what_to_install():
    with pytest.raises(MienError, match=r"'torch'.*pip install 'mien\[train\]'") as caught:
        raise MissingExtraError("torch", "train")
    assert (caught.value.package, caught.value.extra) == ("torch", "train")


def test_a_message_is_one_harmless_line_of_limited_length() -> None:
    error = MienError(f"a\x1b[2J{600_000 * 'b'}.png:\nnot found")

    assert str(error).startswith("a\\x1b[2Jbbb")
    assert str(error).endswith("b.png: not found")
    assert len(str(error)) < 1000
