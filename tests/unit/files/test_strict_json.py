import pytest

from mien.files.strict_json import parse_json


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1, "a": 2}', "the key 'a' occurs twice"),
        ('[{"b": {"a": 1, "c": 2, "c": 1}}]', "the key 'c' occurs twice"),
        ("[NaN]", "NaN is not a number of JSON"),
        ("-Infinity", "-Infinity is not a number"),
        ("[" + "9" * 5000 + "]", "Exceeds the limit"),
        ("{", "Expecting"),
    ],
)
def test_json_of_no_single_meaning_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_json(text)


def test_other_json_is_read() -> None:
    assert parse_json('{"a": [1, -2.5e3, null, true, {"a": 1}]}') == {"a": [1, -2500.0, None, True, {"a": 1}]}
