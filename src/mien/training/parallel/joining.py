"""The processes of a training are connected, and what happens when one of them is lost."""

import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import torch
from torch import distributed as dist
from torch.distributed import Store, TCPStore  # type: ignore[attr-defined]

from mien.errors import MienError, RunError
from mien.faceset import FaceSet
from mien.training.devices import choose_device
from mien.training.parallel.helpers import Helpers, helpers
from mien.training.parallel.plan import Plan
from mien.training.parallel.task import Task
from mien.training.parallel.world import SINGLE, World

TIMEOUT: Final = timedelta(minutes=10)
"""How long a process waits for the others; one that dies is noticed at once, one that hangs after this."""

HAS_LIBUV: Final = os.name != "nt"
"""Whether torch's store can use libuv, its default; builds of torch for Windows may lack it."""

_PATIENCE: Final = 5.0
"""Seconds between a lost connection and the end of the process that caused it."""

_LOST: Final = (
    "connection closed", "connection reset", "connection refused", "timed out", "timeout", "broken pipe",
    "nccl", "gloo",
)  # fmt: skip
"""Words in the errors of torch that mean that another process doesn't answer."""


@contextmanager
def joined(plan: Plan, faces: FaceSet, device: str) -> Iterator[World]:
    """Start what is missing of the processes of a plan, connect them, and end those that were started.

    Args:
        plan: From `planned`.
        faces: The faces as they were read; processes that are started get them.
        device: Name of the kind of device, or "auto".

    Raises:
        RecipeError: There are not so many devices.
        RunError: A process can't be started or connected, or ended during the block.
    """
    if plan.world.size == 1:
        yield SINGLE
        return
    choose_device(device, plan.world)
    with ExitStack() as stack:
        store = None if plan.external else _store_of(plan)
        started = None
        if store is not None:
            threads = stack.enter_context(_shared_threads(plan.world.local_size))
            tasks = _tasks(plan, store, device, threads)
            started = stack.enter_context(helpers(tasks, faces)) if tasks else None
        with _named_failures(started):
            if started is not None:
                started.wait_until_ready()
            with connected_to(store, plan.world, device):
                yield plan.world
                if started is not None:
                    started.finish()


@contextmanager
def connected_to(store: Store | None, world: World, device: str) -> Iterator[None]:
    """Connect this process to the others during the block.

    Args:
        store: Where they meet; None is that of the environment variables.
        world: The processes, and which of them this one is.
        device: Name of the kind of device, or "auto".

    Raises:
        RunError: They don't meet, or the connection to one of them is lost.
    """
    if dist.is_initialized():
        raise RunError("this process belongs to a process group already; destroy it before a training")
    with _lost_connections(world):
        with _local_interface(world):
            _connect(store, world, device)
        try:
            yield
        finally:
            dist.destroy_process_group()


def store_at(address: str, port: int) -> Store:
    """Return the store of another process.

    Raises:
        RunError: It doesn't answer.
    """
    try:
        return TCPStore(address, port, is_master=False, timeout=TIMEOUT, use_libuv=HAS_LIBUV)
    except (RuntimeError, OSError) as error:
        raise RunError(f"{address}:{port}: no process of rank 0 answers there ({_short(error)})") from error


def _store_of(plan: Plan) -> Store:
    """Open the store of the process of rank 0, or connect to it."""
    if plan.world.rank:
        return store_at(plan.address, plan.port)
    try:
        return TCPStore(
            plan.address, plan.port, is_master=True, timeout=TIMEOUT, wait_for_workers=False,
            use_libuv=HAS_LIBUV,
        )  # fmt: skip
    except (RuntimeError, OSError) as error:
        raise RunError(f"{plan.address}:{plan.port}: can't listen there ({_short(error)})") from error


def _tasks(plan: Plan, store: Store, device: str, threads: int) -> list[Task]:
    """Return the tasks of the other processes of this machine."""
    port = getattr(store, "port", plan.port)
    return [
        Task(
            replace(plan.world, rank=plan.world.rank + local, local_rank=local),
            plan.address, port, device, threads, os.getpid(),
        )
        for local in range(1, plan.world.local_size)
    ]  # fmt: skip


@contextmanager
def _shared_threads(count: int) -> Iterator[int]:
    """Divide the threads of this process among `count` processes during the block."""
    before = torch.get_num_threads()
    threads = max(1, before // count)
    torch.set_num_threads(threads)
    try:
        with _variable("OMP_NUM_THREADS", str(threads)):  # or Lightning sets both as it sees fit
            yield threads
    finally:
        torch.set_num_threads(before)


@contextmanager
def _variable(name: str, value: str) -> Iterator[None]:
    """Set an environment variable during the block."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _local_interface(world: World) -> AbstractContextManager[None]:
    """Let gloo use the loopback interface on a single machine, whose name may have no address."""
    name = "GLOO_SOCKET_IFNAME"
    if world.nodes > 1 or name in os.environ or not Path("/sys/class/net/lo").exists():
        return nullcontext()
    return _variable(name, "lo")


def _connect(store: Store | None, world: World, device: str) -> None:
    use_gpu = device.startswith("cuda") or (device == "auto" and torch.cuda.is_available())
    if use_gpu and torch.cuda.device_count() > world.local_rank:
        torch.cuda.set_device(world.local_rank)
    backend = "cpu:gloo,cuda:nccl" if use_gpu else "gloo"
    if store is None:
        dist.init_process_group(backend, timeout=TIMEOUT)
    else:
        dist.init_process_group(backend, store=store, rank=world.rank, world_size=world.size, timeout=TIMEOUT)


@contextmanager
def _named_failures(started: Helpers | None) -> Iterator[None]:
    """Name the process that caused an error of the block by its end."""
    try:
        yield
    except LostConnectionError as error:
        failure = started.failure(patience=_PATIENCE) if started is not None else None
        if failure is None:
            raise
        raise failure from error


class LostConnectionError(RunError):
    """Another process of the training doesn't answer."""


@contextmanager
def _lost_connections(world: World) -> Iterator[None]:
    """Raise what torch raises when another process doesn't answer as one line."""
    try:
        yield
    except MienError:
        raise
    except RuntimeError as error:
        if not _is_lost(error):
            raise
        raise LostConnectionError(
            f"process {world.rank} of {world.size} (ranks 0 to {world.size - 1}): another process of the "
            f"training ended or doesn't answer ({_short(error)}), so it ends; checkpoints of complete epochs "
            "are kept, so resume the run"
        ) from error


def _is_lost(error: RuntimeError) -> bool:
    words = str(error).lower()
    return isinstance(error, dist.DistError) or any(word in words for word in _LOST)


def _short(error: BaseException) -> str:
    """Return the first sentence of an error, without the line of C++ that gloo puts before it."""
    line = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return re.sub(r"^\[[^]]*\.cc:\d+\] ", "", " ".join(line.split())).partition(". ")[0][:160]
