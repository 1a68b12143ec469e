from itertools import pairwise

import pytest
import yaml

from mien.config.yaml_text import NOT_YAML, parse_yaml, yaml_fault


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("1e-3", 1e-3),
        ("5.0e-4", 5e-4),
        (".5", 0.5),
        ("2.", 2.0),
        ("+1E2", 100.0),
        ("[1e-3, 0.1]", [1e-3, 0.1]),
        ("1:30", "1:30"),
        ("1:30.5", "1:30.5"),
        ("010", "010"),
        ("1_000", "1_000"),
        ("true", True),
        ("null", None),
        ("", None),
        ("{a: {b: 1}, c: {b: 2}}", {"a": {"b": 1}, "c": {"b": 2}}),
    ],
)
def test_numbers_are_those_that_people_write(text, value):
    assert parse_yaml(text) == value


@pytest.mark.parametrize("number", [1e-05, 5e-4, 3, 0.1, 123456789, -2.5e300])
def test_numbers_that_yaml_writes_come_back(number):
    assert parse_yaml(yaml.safe_dump({"lr": number})) == {"lr": number}


@pytest.mark.parametrize("text", ["{a: 1, a: 2}", "train: {epochs: 2}\ntrain: {epochs: 3}\n"])
def test_a_key_stands_once(text):
    with pytest.raises(yaml.YAMLError, match=r"duplicate key '.*'"):
        parse_yaml(text)


@pytest.mark.parametrize("text", ["[", "a: b: c", "2001-99-99", "!!python/object:os.system {}", "[" * 5000])
def test_what_is_no_yaml_raises_what_is_named(text):
    with pytest.raises(NOT_YAML):
        parse_yaml(text)


def test_a_text_read_again_is_another_tree():
    parse_yaml("a: {b: [1]}")["a"]["b"].append(2)
    assert parse_yaml("a: {b: [1]}") == {"a": {"b": [1]}}


def test_an_alias_repeats_a_value():
    text = "a: &a {b: [1, 2]}\nc: *a\nd: {<<: *a, e: 3}"
    assert parse_yaml(text) == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": {"b": [1, 2], "e": 3}}


def nested(count: int, item: str) -> str:
    """Values of which each repeats the one before it, so that their size grows exponentially."""
    names = [f"n{number}" for number in range(count)]
    rest = (f"{name}: &{name} {item.replace('?', '*' + before)}" for before, name in pairwise(names))
    return "\n".join(["n0: &n0 {k: [1, 2, 3, 4, 5, 6, 7, 8, 9]}", *rest])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (nested(20, "[?]"), "over 16 aliases"),
        (nested(9, "[?, ?, ?, ?, ?, ?, ?, ?, ?]"), "over 16 aliases"),
        (nested(9, "{<<: [?, ?, ?, ?, ?, ?, ?, ?, ?]}"), "over 16 aliases"),
        (nested(9, "[?, ?]").replace("k:", f"k: [{'1,' * 50}]\n,l:"), "over 10000 keys and values"),
        (nested(9, "{<<: [?, ?]}").replace("k:", f"k: [{'1,' * 50}]\n,l:"), "over 10000 keys and values"),
        ("a: &a [*a]", "an alias of a value that contains it"),
        ("a: &a {<<: *a}", "an alias of a value that contains it"),
        ("[" * 5000, "over 50 levels of nesting"),
        ("{a: " * 5000, "over 50 levels of nesting"),
        ("? " * 5000, "over 50 levels of nesting"),
        (f"[{'1,' * 10_001}]", "over 10000 keys and values"),
    ],
)
def test_what_would_grow_without_bounds_is_refused(text, problem):
    with pytest.raises(yaml.YAMLError, match=problem) as caught:
        parse_yaml(text)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "text", ["a: !!bool x", "a: !!timestamp x", "a: !!int ''", "!!map x", "!!omap {a: 1}"]
)
def test_a_value_that_does_not_fit_its_tag_is_an_error_of_the_text(text):
    with pytest.raises(NOT_YAML):
        parse_yaml(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: [", "line 1, column 5: expected the node content, but found 'the end of the file'"),
        ("a: 1\na: 2", "line 2, column 1: duplicate key 'a'"),
        ("when: 2024-13-45", "month must be in 1..12"),
    ],
)
def test_a_fault_is_one_line_with_its_place(text, fault):
    with pytest.raises(NOT_YAML) as caught:
        parse_yaml(text)
    assert yaml_fault(caught.value).startswith(fault)
