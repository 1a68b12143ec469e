"""Processes of a training in tests: forked, so that they start in milliseconds, and connected by gloo."""

import gc
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch.distributed import FileStore  # type: ignore[attr-defined]

from mien.training.parallel.joining import connected_to
from mien.training.parallel.world import World

FORKED = multiprocessing.get_context("fork")

PATIENCE = 120
"""Seconds after which a process is taken to hang."""


def on_ranks(function: Callable[[World], Any], folder: Path, size: int = 2) -> list[Any]:
    """Return what `function` returns in each of `size` connected processes, in the order of their ranks."""
    processes = [
        FORKED.Process(target=_run, args=(function, folder, World(rank, size, rank, size)))
        for rank in range(size)
    ]
    with _no_finalizers():
        for process in processes:
            process.start()
    for process in processes:
        process.join(PATIENCE)
        if process.exitcode is None:
            process.kill()
            raise AssertionError(f"a process of {size} has not ended after {PATIENCE} s")
    found = [torch.load(folder / f"{rank}.pt", weights_only=False) for rank in range(size)]
    for value in found:
        if isinstance(value, BaseException):
            raise value
    return found


@contextmanager
def _no_finalizers() -> Iterator[None]:
    """Let processes start without garbage collection.

    It would finalize objects of the parent there, such as sessions of ONNX Runtime, which wait for threads
    that a forked process doesn't have.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _run(function: Callable[[World], Any], folder: Path, world: World) -> None:
    torch.set_num_threads(1)  # threads of the parent don't exist here
    result: Any
    try:
        with connected_to(FileStore(str(folder / "store"), world.size), world, "cpu"):
            result = function(world)
    except Exception as error:  # noqa: BLE001 - raised in the parent
        result = error
    torch.save(result, folder / f"{world.rank}.pt")
