"""The processes that train together, and what they tell each other.

Tensors on GPUs are exchanged by NCCL, those on the CPU by gloo.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class World:
    """The processes of a training; each computes a part of every batch on its own device.

    The methods that communicate wait until all processes call them. A single process gets what it passes.

    Attributes:
        rank: Number of this process, from 0. The process of rank 0 writes the run folder.
        size: Number of processes.
        local_rank: Number of this process on its machine.
        local_size: Number of processes on each machine.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    local_size: int = 1

    @property
    def nodes(self) -> int:
        """Number of machines."""
        return self.size // self.local_size

    def part(self, rows: "Tensor") -> "Tensor":
        """Return the rows of this process, every `size`-th of (n, ...).

        So the first half of each part is from the first half of the batch.
        """
        return rows[self.rank :: self.size] if self.size > 1 else rows

    def sums(self, *values: "Tensor") -> "tuple[Tensor, ...]":
        """Return the sums of scalars over the processes, in float32 on their device."""
        if self.size == 1:
            return values
        import torch
        from torch import distributed as dist

        together = torch.stack([value.double() for value in values])
        dist.all_reduce(together)
        return together.float().unbind()

    def any(self, flag: bool) -> bool:
        """Return whether a flag is set in one of the processes."""
        if self.size == 1:
            return flag
        import torch
        from torch import distributed as dist

        value = torch.tensor(int(flag))
        dist.all_reduce(value, op=dist.ReduceOp.MAX)
        return bool(value)

    def text(self, text: str = "", *, rank: int = 0) -> str:
        """Return the text that the process of `rank` passes."""
        if self.size == 1:
            return text
        import torch
        from torch import distributed as dist

        content = torch.frombuffer(bytearray(text.encode() + b"."), dtype=torch.uint8)  # never empty
        length = torch.tensor(len(content))
        dist.broadcast(length, rank)
        content = content if self.rank == rank else torch.empty(int(length), dtype=torch.uint8)
        dist.broadcast(content, rank)
        return bytes(content.tolist())[:-1].decode()

    def texts(self, text: str) -> list[str]:
        """Return the texts of all processes, in the order of their ranks."""
        return [self.text(text, rank=rank) for rank in range(self.size)]

    def tensors(self, tensors: "Mapping[str, Tensor]") -> "dict[str, Tensor]":
        """Return the tensors on the CPU that the process of rank 0 passes, by name; others pass any."""
        if self.size == 1:
            return dict(tensors)
        import torch
        from torch import distributed as dist

        forms = {name: (list(value.shape), str(value.dtype)[6:]) for name, value in tensors.items()}
        forms = json.loads(self.text(json.dumps(forms)))
        found = {}
        for name, (shape, kind) in forms.items():
            value = tensors[name] if self.rank == 0 else torch.empty(shape, dtype=getattr(torch, kind))
            dist.broadcast(value, 0)
            found[name] = value
        return found

    def share_state(self, module: "nn.Module") -> None:
        """Copy parameters and buffers of the process of rank 0 to the others."""
        if self.size == 1:
            return
        from torch import distributed as dist

        for value in module.state_dict().values():
            dist.broadcast(value, 0)


SINGLE: Final = World()
"""One process."""
