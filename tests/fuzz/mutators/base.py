"""What mutators have in common: their type, values at the limits of types, and choices of positions."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

Change = Callable[[bytes, Random], bytes]


@dataclass(frozen=True)
class Mutator:
    """A change of a file.

    Attributes:
        change: Returns the changed bytes.
        valid_checksums: The checksums of the format are valid afterwards, so other content may be accepted.
    """

    change: Change
    valid_checksums: bool = False

    @property
    def name(self) -> str:
        """Name in reports."""
        return self.change.__name__


NUMBERS = (0, 1, 2, 3, 7, 8, 16, 127, 128, 255, 256, 1000, 32767, 32768, 65535, 65536, 1 << 20, 1 << 24)
NUMBERS += ((1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)
"""Values at the limits of types and fields."""


def number(rng: Random, before: int, size: int) -> int:
    """Return another value for a field that holds `before` in a file of `size` bytes."""
    near = (before + 1, before - 1, before * 2, before // 2, -before, before ^ 0xFF, size, size + 1, size - 1)
    return rng.choice((*NUMBERS, *near, -1, -512, -2, rng.randrange(1 << 32)))


def place(content: bytes, rng: Random) -> int:
    """Return a position: in the first bytes, in the last ones, or anywhere."""
    length = max(1, len(content))
    where = rng.randrange(3)
    if where == 0:
        return rng.randrange(min(length, 128))
    if where == 1:
        return length - 1 - rng.randrange(min(length, 256))
    return rng.randrange(length)


def span(content: bytes, rng: Random, longest: int = 64) -> slice:
    """Return a range of a few bytes."""
    start = place(content, rng)
    longest = len(content) if rng.random() < 0.1 else longest
    return slice(start, start + 1 + rng.randrange(max(1, longest)))


def junk(rng: Random, longest: int = 64) -> bytes:
    """Return random bytes: of any kind, or one repeated."""
    count = 1 + rng.randrange(longest)
    return rng.randbytes(count) if rng.random() < 0.5 else bytes([rng.randrange(256)]) * count
