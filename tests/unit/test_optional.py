"""Optional imports."""

import numpy as np
import pytest

from mien.errors import MissingExtraError
from mien.optional import import_optional


def test_an_installed_module_is_returned():
    assert import_optional("numpy", "train") is np


def test_a_missing_package_is_an_error_that_names_the_extra():
    with pytest.raises(MissingExtraError, match=r"'no_such_package': run pip install 'mien\[frame\]'"):
        import_optional("no_such_package.part", "frame")


def test_a_missing_module_of_mien_is_a_defect():
    with pytest.raises(ModuleNotFoundError, match=r"mien\.nothing"):
        import_optional("mien.nothing", "frame")
