"""Device and precision of training: what "auto" means on this machine."""

import logging
import os
from typing import Literal

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.environments.cluster_environment import ClusterEnvironment
from lightning_fabric.strategies.ddp import DDPStrategy

from mien.errors import RecipeError
from mien.text import counted
from mien.training.parallel.world import SINGLE, World

Precision = Literal["float32", "bfloat16", "float16"]

_FABRIC_PRECISION: dict[Precision, Literal["32-true", "bf16-mixed", "16-mixed"]] = {
    "float32": "32-true",
    "bfloat16": "bf16-mixed",
    "float16": "16-mixed",
}


def choose_device(name: str, world: World = SINGLE) -> torch.device:
    """Return the device of a name: "auto", "cpu", "cuda", "cuda:1" or "mps".

    "auto" is the first CUDA device, else Apple's GPU, else the CPU. Several processes on a machine have a
    CUDA device each, or share the CPU.

    Raises:
        RecipeError: The device is not available on this machine.
    """
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(kind for kind, there in available.items() if there)
    kind, _, index = name.partition(":")
    if not available.get(kind, False) or (index and not index.isdigit()):
        here = ", ".join(kind for kind, there in available.items() if there)
        raise RecipeError(
            f"device {name!r}: this machine has {here}; use one of these, or auto", expected=here
        )
    if world.local_size > 1:
        _require_several(name, kind, index, world.local_size)
        index = str(world.local_rank)
    if kind == "cuda" and int(index or 0) >= torch.cuda.device_count():
        count = torch.cuda.device_count()
        raise RecipeError(
            f"device {name!r}: this machine has {counted(count, 'CUDA device')}, numbered from 0"
        )
    return torch.device(kind, int(index or 0)) if kind == "cuda" else torch.device(kind)


def _require_several(name: str, kind: str, index: str, count: int) -> None:
    """Check that there are `count` devices of a kind."""
    if kind == "mps" or index:
        raise RecipeError(
            f"device {name!r}: one device, but devices={count}; pass device='cuda' or device='cpu'"
        )
    if kind == "cuda" and count > torch.cuda.device_count():
        present = counted(torch.cuda.device_count(), "CUDA device")
        raise RecipeError(
            f"devices={count}: this machine has {present}; pass so many at most, or device='cpu'"
        )
    most = max(2, os.cpu_count() or 1)
    if kind == "cpu" and count > most:
        raise RecipeError(
            f"devices={count}: this machine has {os.cpu_count()} CPU cores, and more processes are slower "
            f"and need memory; expected {most} at most"
        )


def choose_precision(wanted: str, device: torch.device) -> Precision:
    """Return the precision of a name, such as "auto", on `device`.

    "auto" is bfloat16 where the hardware supports it (AMX or AVX512-BF16 on a CPU,
    Ampere or newer with CUDA), float16 on older CUDA devices, and float32 elsewhere.
    """
    if wanted != "auto":
        return wanted  # type: ignore[return-value]
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.get_device_capability(device)[0] >= 8 else "float16"
    if device.type == "cpu":
        has = torch.cpu.get_capabilities()
        return "bfloat16" if has.get("amx_bf16") or has.get("avx512_bf16") else "float32"
    return "float32"


def make_fabric(device: torch.device, precision: Precision, world: World = SINGLE) -> Fabric:
    """Return the Fabric that places tensors on `device` and computes in `precision`.

    Several processes, which are connected already, are synchronized by DistributedDataParallel.
    """
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # it logs the precision
    devices = [device.index or 0] if device.type == "cuda" else 1
    if world.size == 1:
        return Fabric(accelerator=device.type, devices=devices, precision=_FABRIC_PRECISION[precision])
    fabric = Fabric(
        accelerator=device.type,
        devices=list(range(world.local_size)) if device.type == "cuda" else world.local_size,
        num_nodes=world.nodes,
        strategy=DDPStrategy(forward_sync_buffers=False),
        precision=_FABRIC_PRECISION[precision],
        plugins=[_Environment(world)],
    )
    fabric.launch()
    return fabric


class _Environment(ClusterEnvironment):
    """Processes that exist and are connected."""

    def __init__(self, world: World) -> None:
        self._world = world

    creates_processes_externally = True
    main_address = ""
    main_port = 0

    @staticmethod
    def detect() -> bool:
        return False

    def world_size(self) -> int:
        return self._world.size

    def set_world_size(self, size: int) -> None:
        """It is known."""

    def global_rank(self) -> int:
        return self._world.rank

    def set_global_rank(self, rank: int) -> None:
        """It is known."""

    def local_rank(self) -> int:
        return self._world.local_rank

    def node_rank(self) -> int:
        return self._world.rank // self._world.local_size
