"""The listing of a shard: its inputs, their positions among all inputs, and digests of all inputs.

All inputs are listed before the work, by name only. The positions are the order of the merged results; the
digests tell inputs that changed in between, or that differ between machines.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_128, xxh3_128_intdigest

from mien.errors import MienError
from mien.recognition.sharding.shard import Shard, hash_of
from mien.recognition.sources.items import FaceTable
from mien.recognition.sources.tables import names_in_table
from mien.text import utf8

if TYPE_CHECKING:
    from mien.bundles.metadata import BundleMetadata
    from mien.recognition.sources.inputs import Inputs

_MODULUS: Final = 1 << 128


@dataclass(frozen=True)
class InputDigests:
    """What all inputs of a command are, by their names.

    Attributes:
        count: Their number.
        names: Digest that does not depend on their order, 32 hexadecimal digits.
        order: Digest of names and order.
    """

    count: int
    names: str
    order: str


@dataclass(frozen=True, eq=False)
class Listing:
    """The m inputs of a shard, in their order.

    Attributes:
        inputs: All inputs, of which the shard has some.
        positions: uint64 (m,), their positions among all inputs.
        hashes: uint64 (m,), hashes of their names.
    """

    inputs: InputDigests
    positions: NDArray[np.uint64]
    hashes: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.positions)

    @classmethod
    def of(
        cls, inputs: "Inputs", shard: Shard, metadata: "BundleMetadata", threads: int | None = None
    ) -> Self:
        """List the inputs of a command. Images are not opened, data sets of faces are read.

        Args:
            inputs: All of them.
            shard: The part.
            metadata: Of the bundle.
            threads: Threads that read a data set.

        Raises:
            MienError: An input of the shard is listed twice.
        """
        census = _Census(shard)
        for item in inputs.names(census.takes):
            if isinstance(item, FaceTable):
                names = names_in_table(item, metadata.size, metadata.channels, threads)
                for name in names:
                    census.add(name)
            else:
                census.add(item)
        listing = cls(census.digests(), *census.entries())
        listing.require_distinct(inputs, shard)
        return listing

    def require_distinct(self, inputs: "Inputs", shard: Shard) -> None:
        """Refuse inputs that are listed twice, since their results could not be assigned to them.

        Raises:
            MienError: One is; the message names it.
        """
        hashes, counts = np.unique(self.hashes, return_counts=True)
        if (counts > 1).any():
            double = int(hashes[counts > 1][0])
            names = inputs.names(lambda source: shard.contains(source) and hash_of(source) == double)
            name = next((name for name in names if isinstance(name, str)), "an input")
            raise MienError(f"{name}: listed twice among the inputs; a shard takes each input once")


@dataclass
class _Census:
    """Counts the names of all inputs, and keeps the positions and hashes of those of a shard."""

    shard: Shard
    count: int = 0
    total: int = 0
    order: xxh3_128 = field(default_factory=xxh3_128)
    pending: dict[str, int] = field(default_factory=dict)
    found: list[tuple[int, int]] = field(default_factory=list)

    def takes(self, source: str) -> bool:
        """Count a name, and return whether the shard has it."""
        name = utf8(source)
        self.order.update(name + b"\0")
        self.total += xxh3_128_intdigest(name)
        is_own = self.shard.contains(source)
        if is_own:
            self.pending[source] = self.count
        self.count += 1
        return is_own

    def add(self, source: str) -> None:
        """Keep a name that the shard has; those that turn out to be no input are not kept."""
        self.found.append((self.pending.pop(source, self.count), hash_of(source)))

    def digests(self) -> InputDigests:
        return InputDigests(self.count, f"{self.total % _MODULUS:032x}", self.order.hexdigest())

    def entries(self) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        columns = np.array(self.found, np.uint64).reshape(-1, 2)
        return columns[:, 0].copy(), columns[:, 1].copy()
