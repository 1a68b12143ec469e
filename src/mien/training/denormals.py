"""Denormal numbers are taken for zero while a network trains: they are many there, and slow.

The processor's switch is the thread's, so a program that trains through mien gets its own setting back.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def flushed_denormals() -> Iterator[None]:
    """Take denormal numbers for zero inside the block, where the processor can."""
    before = not _keeps_denormals()
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


def _keeps_denormals() -> bool:
    """Whether half of the smallest normal number is more than nothing here."""
    smallest = torch.tensor([torch.finfo(torch.float64).tiny], dtype=torch.float64)
    return bool(smallest / 2 > 0)
