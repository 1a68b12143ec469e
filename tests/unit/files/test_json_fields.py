"""Values of JSON: how each kind is read is tested with faces, results and the answers of a server, too."""

import pytest

from mien.errors import MienError
from mien.files.json_fields import (
    Key,
    count,
    exactly,
    flag,
    items,
    mapping,
    number,
    or_none,
    read_fields,
    text,
    texts,
    texts_by_name,
)

CASES = [
    (count, [0, 7], [-1, 1.0, True, "1", None, 10**5000]),
    (number(0, 1), [0, 1, 0.5], [-0.1, 2, True, "0", None, float("nan"), 10**400]),
    (text, ["", "a"], [None, 1, b"a"]),
    (flag, [True, False], [0, 1, None, "true"]),
    (items, [[], [1]], [{}, "a", None]),
    (texts, [[], ["a"]], [["a", 1], "a", None]),
    (mapping, [{}, {"a": 1}], [[], {1: 2}, None]),
    (texts_by_name, [{}, {"a": "b"}], [{"a": 1}, [], None]),
    (exactly(1), [1], [0, 2, True, "1", 1.0]),
    (or_none(count), [None, 1], [-1, "1"]),
]


@pytest.mark.parametrize(("read", "valid", "invalid"), CASES)
def test_each_kind_reads_its_values_and_no_others(read, valid, invalid):
    keys = {"key": Key(read, "something else")}
    for value in valid:
        found = read_fields({"key": value, "unknown": 1}, keys, "a thing")["key"]
        assert found == value or list(found) == value
    for value in invalid:
        with pytest.raises(MienError, match=r"^a thing: key is .*, expected something else$") as caught:
            read_fields({"key": value}, keys, "a thing")
        assert len(str(caught.value)) < 150


def test_a_missing_key_and_another_value_than_an_object_are_named():
    with pytest.raises(MienError, match=r"^a thing: no key 'key', expected a number$"):
        read_fields({}, {"key": Key(count, "a number")}, "a thing")
    with pytest.raises(MienError, match=r"^a thing of type list, expected an object of JSON$"):
        read_fields([], {}, "a thing")
