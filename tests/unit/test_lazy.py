import pytest

import mien.config
import mien.data
from mien.lazy import lazy_names


@pytest.mark.parametrize("package", [mien, mien.config, mien.data])
def test_all_names_can_be_had(package):
    for name in package.__all__:
        assert getattr(package, name) is not None


def test_a_name_is_imported_when_asked_for_and_then_kept():
    vars(mien.config).pop("read_recipe", None)
    assert mien.config.read_recipe is mien.config.load.read_recipe
    assert "read_recipe" in vars(mien.config)


def test_other_names_are_refused_as_python_refuses_them():
    find = lazy_names("mien.config", {"Recipe": "mien.config.recipe"})
    with pytest.raises(AttributeError, match="has no attribute 'recipy'"):
        find("recipy")
