import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.text import (
    MOST_MESSAGE,
    MOST_WORD,
    elided,
    escape_name,
    listed,
    one_line,
    unescape_name,
    utf8,
    visible,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("happy é 快乐 👍🏽", "happy é 快乐 👍🏽"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x9b2J", "\\x9b2J"),  # a control sequence in one character
        ("a\nb\tc\x7f", "a\\nb\\tc\\x7f"),
        ("gpj.\u202eexe", "gpj.\\u202eexe"),
        ("not UTF-8: \udcff", "not UTF-8: \\udcff"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
    ],
)
def test_control_characters_are_visible_and_letters_stay(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_listed() -> None:
    assert listed(("a", "b"), 2) == "a, b"
    assert listed([f"c{n}" for n in range(1040)], 30).endswith(", c28, c29 and 1,010 more")


def test_kept_control_characters_stay() -> None:
    assert visible("a\nb\x1b", keep="\n") == "a\nb\\x1b"


@pytest.mark.parametrize("length", [5, 6, 7, 100])
def test_a_long_text_keeps_both_ends(length: int) -> None:
    short = elided("start" + 1000 * "x" + "end", length)

    assert len(short) == length
    assert short.startswith("st")
    assert short.endswith("nd")


def test_a_message_is_one_line_of_limited_length_that_keeps_the_advice() -> None:
    line = one_line(f"{620_000 * 'A'}: no such file;\n  expected {'name, ' * 9999} a path")

    assert line.startswith("AAA")
    assert line.endswith("a path")
    assert "\n" not in line
    assert len(line) <= MOST_MESSAGE


def test_a_long_path_leaves_the_rest_of_a_message() -> None:
    line = one_line(f"{620_000 * 'A'}: no such file; expected a path")

    assert line.endswith("A: no such file; expected a path")
    assert len(line) < MOST_WORD + 50


def test_lines_become_one_with_single_spaces_between_them() -> None:
    assert one_line("first:\n  second\r\n third") == "first: second third"


@given(st.text(st.sampled_from("aé\\udc5f809\udcff\ud800\n")))
def test_an_escaped_name_is_utf8_and_is_read_back(name: str) -> None:
    assert unescape_name(escape_name(name).encode().decode()) == name


def test_a_usual_name_is_not_escaped() -> None:
    assert escape_name("a\\b\\u00e9 é.jpg") == "a\\b\\u00e9 é.jpg"


def test_json_with_surrogates_is_utf8_and_is_read_back() -> None:
    value = ["é\udcff", r"\udcff"]
    assert json.loads(utf8(json.dumps(value, ensure_ascii=False))) == value
