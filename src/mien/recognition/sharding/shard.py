"""A shard: one of n disjoint parts of the inputs, which follows from the name of each input alone."""

import re
from dataclasses import dataclass
from typing import Final, Self

from xxhash import xxh3_64_intdigest

from mien.arguments import shown
from mien.errors import MienError
from mien.text import utf8

MAX_SHARDS: Final = 100_000

_FORM: Final = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")


@dataclass(frozen=True, order=True)
class Shard:
    """Shard `number` of `count`, from 1.

    An input belongs to the shard that a hash of its name selects, so the partition is the same on each
    machine and for each order of the inputs, and an input that is added moves no other.

    Attributes:
        number: 1 to `count`.
        count: Number of shards.
    """

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the shard that a text such as "2/8" names.

        Raises:
            MienError: It is not one.
        """
        match = _FORM.fullmatch(text) if isinstance(text, str) else None
        shard = None if match is None else cls(int(match[1]), int(match[2]))
        if shard is None or not 1 <= shard.number <= shard.count <= MAX_SHARDS:
            name = text if isinstance(text, str) else shown(text)
            raise MienError(
                f"shard {name}: expected NUMBER/COUNT, from 1/COUNT to COUNT/COUNT, such as 1/8",
                expected="NUMBER/COUNT",
            )
        return shard

    def contains(self, source: str) -> bool:
        """Return whether an input belongs to the shard, given its path or name."""
        return hash_of(source) % self.count == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


def hash_of(source: str) -> int:
    """Return a 64-bit hash of the name of an input, the same on all machines (XXH3)."""
    return xxh3_64_intdigest(utf8(source))
