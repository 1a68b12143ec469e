"""The names that mien offers."""

import pytest

import mien


def test_all_is_complete_sorted_and_resolves():
    assert list(mien.__all__) == sorted(mien.__all__)
    assert set(mien.__all__) <= set(dir(mien))
    for name in mien.__all__:
        value = getattr(mien, name)
        if name != "__version__":
            assert value.__name__ == name
            assert value.__doc__, name


def test_all_names_every_error():
    found = {name: value for name, value in vars(mien.errors).items() if isinstance(value, type)}
    errors = {name for name, value in found.items() if issubclass(value, Exception)}
    assert errors <= set(mien.__all__)


def test_what_it_does_not_offer():
    with pytest.raises(AttributeError, match="module 'mien' has no attribute 'laod'"):
        _ = mien.laod
