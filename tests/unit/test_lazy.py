import subprocess
import sys

import pytest

import mien.config
import mien.data
from mien.lazy import lazy_names


@pytest.mark.parametrize("package", [mien, mien.config, mien.data])
def test_all_names_can_be_had(package):
    for name in package.__all__:
        assert getattr(package, name) is not None


def test_a_name_is_imported_when_asked_for_and_then_kept():
    lines = (
        "import sys, mien.config",
        "assert 'mien.config.load' not in sys.modules",
        "from mien.config import read_recipe",
        "assert 'mien.config.load' in sys.modules and 'read_recipe' in vars(mien.config)",
    )
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True)


def test_other_names_are_refused_as_python_refuses_them():
    find = lazy_names("mien.config", {"Recipe": "mien.config.recipe"})
    with pytest.raises(AttributeError, match="has no attribute 'recipy'"):
        find("recipy")
