"""The registry of methods: each has the protocol, and is imported on first use."""

import pytest

from mien.errors import MienError
from mien.explanation.registry import BLACK_BOX, DEFAULT, METHODS


@pytest.mark.parametrize("name", METHODS.builtins)
def test_each_method_has_the_protocol(name):
    method = METHODS.get(name)()
    assert isinstance(method.needs_network, bool)
    assert method.unit
    assert callable(method)


def test_the_default_needs_no_network_and_unknown_ones_are_named():
    assert not METHODS.get(DEFAULT).needs_network
    with pytest.raises(MienError, match="did you mean 'occlusion'"):
        METHODS.get("oclusion")


def test_black_box_methods_are_those_that_need_no_network():
    assert [name for name in METHODS.builtins if not METHODS.get(name).needs_network] == list(BLACK_BOX)
