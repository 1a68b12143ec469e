"""Text of pixels to gray levels: strict, and quick enough for 83 million numbers.

Sixty-odd rows are parsed at a time with whole-array arithmetic. That path only ever accepts:
where anything looks odd, each row is parsed again by a plain one that names the problem.
"""

from collections import Counter
from collections.abc import Sequence
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from mien.data.reading import FaceShape
from mien.limits import FACE_SIZES
from mien.text import counted

SIDE = 48
PIXELS = SIDE * SIDE
"""Pixels of a face in the published editions of FER2013."""

_SHOWN = 20
"""Characters of an offending value that an error message quotes."""


def parse_pixels(texts: Sequence[bytes], count: int = PIXELS) -> tuple[NDArray[np.uint8], dict[int, str]]:
    """Parse rows of decimal numbers that are separated by white space.

    Args:
        texts: One row each.
        count: Numbers that each row must have.

    Returns:
        Gray levels uint8, (rows, count), and the problem of each row that has one, by position;
        such a row is all zero.
    """
    if not texts:
        return np.zeros((0, count), np.uint8), {}
    values = _parse_together(texts, count)
    return (values, {}) if values is not None else _parse_apart(texts, count)


def side_of(texts: Sequence[bytes]) -> int:
    """Return the side of the square faces that most of `texts` hold; 48 if their numbers are no square."""
    counts = Counter(len(text.split()) for text in texts)
    count = counts.most_common(1)[0][0] if counts else PIXELS
    side = isqrt(count)
    return side if side * side == count and side in FACE_SIZES else SIDE


def shaped(faces: NDArray[np.uint8], shape: FaceShape) -> NDArray[np.uint8]:
    """Return gray faces (n, side, side) in `shape`, contiguous; all channels of a color face are equal."""
    if shape.size != faces.shape[1]:
        from mien.media.images.resize import resize_all

        faces = resize_all(faces, shape.size)
    return faces if shape.channels == 1 else np.repeat(faces[..., None], shape.channels, axis=-1)


def _parse_together(texts: Sequence[bytes], count: int) -> NDArray[np.uint8] | None:
    """Parse all rows at once, or return None if any of them is less than perfect."""
    text = np.frombuffer(b"\n".join((b"\n\n", *texts, b"")), np.uint8)  # three newlines, then the rows
    digit = text - ord("0")
    is_digit = digit < 10
    spaces = np.count_nonzero(text == ord(" "))
    if np.count_nonzero(is_digit) + spaces + len(texts) + 3 != len(text):
        return None  # some other character
    digit *= is_digit
    values = _running_values(digit, is_digit)
    ends = is_digit[3:-1] > is_digit[4:]
    if values is None or not _all_have(count, ends, texts):
        return None
    return values[ends].reshape(len(texts), count)


def _running_values(digit: NDArray[np.uint8], is_digit: NDArray[np.bool_]) -> NDArray[np.uint8] | None:
    """At every character from the fourth on, the number that ends there; None if one is over 255."""
    pair = is_digit[2:-1] & is_digit[1:-2]
    hundreds = digit[1:-3] * pair[1:]
    values = digit[2:-2] * np.uint8(10)
    values += digit[3:-1]
    four_digits = (pair[2:] & pair[:-2]).any()
    if four_digits or hundreds.max(initial=0) > 2 or ((hundreds == 2) & (values > 55)).any():
        return None
    hundreds *= np.uint8(100)
    values += hundreds
    return values


def _all_have(count: int, ends: NDArray[np.bool_], texts: Sequence[bytes]) -> bool:
    start = 0
    for text in texts:
        stop = start + len(text) + 1
        if np.count_nonzero(ends[start:stop]) != count:
            return False
        start = stop
    return True


def _parse_apart(texts: Sequence[bytes], count: int) -> tuple[NDArray[np.uint8], dict[int, str]]:
    values = np.zeros((len(texts), count), np.uint8)
    problems = {}
    for position, text in enumerate(texts):
        words = text.split()
        problem = _problem_of(words, count)
        if problem:
            problems[position] = problem
        else:
            values[position] = [int(word) for word in words]
    return values, problems


def _problem_of(words: Sequence[bytes], count: int) -> str | None:
    """Name what is wrong with the words of a row, the first wrong value before a wrong count."""
    for position, word in enumerate(words, start=1):
        if not word.isdigit():
            return f"pixel {position} is {shown(word)}, expected a whole number from 0 to 255"
        if len(word) > _SHOWN or int(word) > 255:
            return f"pixel {position} is {shown(word)}, expected 0 to 255"
    if len(words) != count:
        return f"{counted(len(words), 'pixel')}, expected {count:,}"
    return None


def shown(word: bytes) -> str:
    """An offending value, as an error message quotes it."""
    text = word[:_SHOWN].decode("utf-8", "backslashreplace")
    return repr(text + ("..." if len(word) > _SHOWN else ""))
