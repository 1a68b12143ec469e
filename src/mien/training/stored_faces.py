"""Training faces that stay on disk: an epoch reads them in shuffled blocks, a window of which is in memory.

Blocks of consecutive faces are put in a random order, which is cut into windows that fit into the memory, and
the faces of a window are shuffled. So every face occurs as often as in memory, reading is sequential within
a block, and a window has faces from all over the data set, also if it is sorted by class.
"""

import mmap
from collections import deque
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from mien.config.data import Preprocess
from mien.files.mapped import BLOCK_BYTES, release
from mien.transforms.preprocess import equalize

READ_BYTES: Final = 1 << 19
"""Bytes of a block: long enough for the speed of a disk, short enough for windows of many blocks."""


class StoredFaces:
    """Takes the place of the tensor of all training faces, (n, channels, size, size).

    Args:
        images: uint8, (m, size, size) or (m, size, size, 3), usually mapped from a file.
        places: Positions in `images` of the n training faces, in increasing order.
        memory: Bytes of faces that may be in memory.
        preprocess: Its CLAHE is applied to faces that are read.
        device: Device of the faces that are returned.
    """

    def __init__(
        self,
        images: NDArray[np.uint8],
        places: NDArray[np.int64],
        memory: int,
        preprocess: Preprocess,
        device: torch.device,
    ) -> None:
        self.device = device
        self._images = images
        self._places = places
        self._preprocess = preprocess
        size = max(1, images[:1].nbytes)
        self._block = max(1, READ_BYTES // size)
        self._most = max(1, memory // size)
        self._room: NDArray[np.uint8] | None = None
        self._rows: Tensor | None = None
        self._row_of = torch.full((len(places),), -1, dtype=torch.int32)
        self._coming: deque[Tensor] = deque()

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, positions: Tensor) -> Tensor:
        """Return faces, uint8 (k, channels, size, size); in the order of `shuffled` without reading each."""
        positions = positions.cpu()
        while self._coming and bool((self._row_of[positions] < 0).any()):
            self._load(self._coming.popleft())
        rows = self._row_of[positions]
        if self._rows is None or bool((rows < 0).any()):
            found = torch.from_numpy(self._read(self._places[positions.numpy()])).to(self.device)
        else:
            found = self._rows[rows.to(self._rows.device)]
        return found[:, None] if found.ndim == 3 else found.permute(0, 3, 1, 2).contiguous()

    def cpu(self) -> "StoredFaces":
        """Return the faces on the CPU: the same object, since few are read so."""
        return self

    def shuffled(self, order: Tensor, batch_size: int, generator: Generator) -> Tensor:
        """Return `order`, (m,), shuffled for an epoch whose batches are taken from it one after the other.

        Args:
            order: Positions, int64, which may repeat.
            batch_size: A window has a multiple of it, so that no batch needs two.
            generator: The source of randomness.
        """
        blocks = torch.split(order.sort().values, self._block)
        mixed = torch.cat([blocks[number] for number in torch.randperm(len(blocks), generator=generator)])
        window = max(1, self._most // batch_size) * batch_size
        windows = [
            part[torch.randperm(len(part), generator=generator)] for part in torch.split(mixed, window)
        ]
        self._coming = deque(windows)
        self._row_of.fill_(-1)
        return torch.cat(windows)

    def _load(self, positions: Tensor) -> None:
        """Replace the window in memory."""
        chosen = torch.unique(positions)  # sorted
        self._row_of.fill_(-1)
        self._row_of[chosen] = torch.arange(len(chosen), dtype=torch.int32)
        self._rows = None  # before the next one, on a GPU
        read = self._read(self._places[chosen.numpy()], self._space(len(chosen)))
        self._rows = torch.from_numpy(read).to(self.device)

    def _space(self, count: int) -> NDArray[np.uint8]:
        """Return the memory of the windows; the same for all, since an allocator may not reuse it."""
        if self._room is None or len(self._room) < count:
            shape = (count, *self._images.shape[1:])
            self._room = np.frombuffer(mmap.mmap(-1, int(np.prod(shape))), np.uint8).reshape(shape)
        return self._room[:count]

    def _read(self, places: NDArray[np.int64], out: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
        """Return the faces at places, equalized."""
        if out is None:
            out = np.empty((len(places), *self._images.shape[1:]), np.uint8)
        step = max(1, BLOCK_BYTES // max(1, self._images[:1].nbytes))
        for start in range(0, len(places), step):
            part = self._images[places[start : start + step]]
            out[start : start + step] = equalize(part, self._preprocess)
            release(self._images)
        return out
