"""The quick parser against the plainest one there is: `int` of every word."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mien.data.readers.pixels import parse_pixels

WORDS = st.one_of(
    st.integers(0, 255).map(str),
    st.integers(-300, 3000).map(str),
    st.sampled_from(
        [
            "",
            "256",
            "299",
            "300",
            "355",
            "356",
            "512",
            "999",
            "1000",
            "0255",
            "007",
            "+1",
            "1.0",
            "x",
            "\N{FULLWIDTH DIGIT ONE}",
        ]
    ),
)
GAPS = st.sampled_from([" ", " ", " ", "  ", "\t", " \t ", "\n", ","])


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    words = draw(st.lists(WORDS, max_size=6))
    return "".join(word + draw(GAPS) for word in words).encode()


def oracle(text: bytes, count: int) -> list[int] | None:
    words = text.split()
    if len(words) != count or not all(word.isdigit() for word in words):
        return None
    values = [int(word) for word in words]
    return values if max(values, default=0) <= 255 else None


@given(st.lists(texts(), max_size=5), st.integers(1, 4))
@example([b"1 2", b"3 4"], 2)
@example([b"1 2 ", b" 3  4"], 2)
@example([b"1", b"2 3 4"], 2)
@example([b"25", b"5"], 1)
@example([b"256"], 1)
@example([b"1\n2"], 1)
def test_rows_agree_with_the_plainest_parser(rows: list[bytes], count: int) -> None:
    values, problems = parse_pixels(rows, count)
    assert values.shape == (len(rows), count)
    assert values.dtype == np.uint8
    for position, row in enumerate(rows):
        expected = oracle(row, count)
        assert (position in problems) == (expected is None)
        assert values[position].tolist() == (expected or [0] * count)


@given(st.lists(st.lists(st.integers(0, 255), min_size=3, max_size=3), min_size=1, max_size=9))
def test_good_rows_never_need_the_slow_path(rows: list[list[int]]) -> None:
    from mien.data.readers import pixels

    together = pixels._parse_together([" ".join(map(str, row)).encode() for row in rows], 3)
    assert together is not None
    assert together.tolist() == rows


def test_all_three_digit_numbers() -> None:
    values, problems = parse_pixels([str(number).encode() for number in range(1000)], 1)
    assert values[:256, 0].tolist() == list(range(256))
    assert sorted(problems) == list(range(256, 1000))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"1 2", "2 pixels, expected 3"),
        (b"", "0 pixels, expected 3"),
        (b"1 2 3 4", "4 pixels, expected 3"),
        (b"1 256 3", "pixel 2 is '256', expected 0 to 255"),
        (b"1 -2 3", "pixel 2 is '-2', expected a whole number from 0 to 255"),
        (b"1 2 3.0", "pixel 3 is '3.0', expected a whole number from 0 to 255"),
        (b"1 nan 3", "pixel 2 is 'nan', expected a whole number from 0 to 255"),
        (b"1 2 " + b"9" * 50_000, "pixel 3 is '99999999999999999999...', expected 0 to 255"),
        (b"1 \xff\xfe 3", r"pixel 2 is '\\xff\\xfe', expected a whole number from 0 to 255"),
    ],
)
def test_a_bad_row_is_named_and_the_others_are_kept(text: bytes, problem: str) -> None:
    values, problems = parse_pixels([b"7 8 9", text, b"1 2 3"], 3)
    assert problems == {1: problem}
    assert values.tolist() == [[7, 8, 9], [0, 0, 0], [1, 2, 3]]
