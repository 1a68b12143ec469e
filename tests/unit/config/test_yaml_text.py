import pytest
import yaml

from mien.config.yaml_text import NOT_YAML, parse_yaml


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
