"""Denormal numbers are flushed to zero during training, where they are frequent and slow.

The setting of the processor belongs to the thread; it is restored afterwards.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def flushed_denormals() -> Iterator[None]:
    """Flush denormal numbers to zero inside the block, if the processor can."""
    before = not _keeps_denormals()
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


def _keeps_denormals() -> bool:
    """Whether half of the smallest normal number is not zero."""
    smallest = torch.tensor([torch.finfo(torch.float64).tiny], dtype=torch.float64)
    return bool(smallest / 2 > 0)
