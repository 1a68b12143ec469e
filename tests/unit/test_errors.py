import inspect

import pytest

from mien import errors
from mien.errors import MienError, MissingExtraError


def test_every_error_is_a_mien_error():
    found = [value for _, value in inspect.getmembers(errors, inspect.isclass)]
    assert all(issubclass(error, MienError) for error in found)


def test_missing_extra_says_what_to_install():
    with pytest.raises(MienError, match=r"'torch'.*pip install 'mien\[train\]'"):
        raise MissingExtraError("torch", "train")
