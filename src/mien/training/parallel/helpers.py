"""The processes that a training starts on its machine, one for each further device.

They end with it: each watches its parent, and the parent ends them.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from mien.errors import RunError
from mien.faceset import FaceSet
from mien.files.temporaries import temporary_folder
from mien.training.parallel.task import Task, write_faces, write_task

_PATIENCE: Final = 10.0
"""Seconds that a process gets to end by itself."""

_POLL: Final = 0.02


class Helpers:
    """Processes that were started.

    Args:
        folder: Where they find their tasks, and leave what they failed with.
        processes: By their rank.
        size: Number of all processes of the training.
    """

    def __init__(self, folder: Path, processes: dict[int, "subprocess.Popen[bytes]"], size: int) -> None:
        self._folder = folder
        self.processes = processes
        self._size = size

    def wait_until_ready(self) -> None:
        """Wait until all are about to connect.

        Raises:
            RunError: One has ended.
        """
        while not all(ready_file(self._folder, rank).exists() for rank in self.processes):
            if failure := self.failure():
                raise failure
            time.sleep(_POLL)

    def failure(self, *, patience: float = 0.0) -> RunError | None:
        """Return why one of them has ended, or None if all run.

        Args:
            patience: Seconds to wait for the end of one.
        """
        end = time.monotonic() + patience
        while True:
            for rank, process in self.processes.items():
                if process.poll():
                    return self._failure_of(rank, process.returncode)
            if time.monotonic() >= end:
                return None
            time.sleep(_POLL)

    def finish(self) -> None:
        """Wait for the end of all; those that don't end are killed."""
        end = time.monotonic() + _PATIENCE
        for process in self.processes.values():
            try:
                process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                break

    def kill(self) -> None:
        """End all at once."""
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
            process.wait()

    def _failure_of(self, rank: int, code: int) -> RunError:
        name = f"process {rank} of {self._size} (ranks 0 to {self._size - 1})"
        file = failure_file(self._folder, rank)
        if file.exists():
            return RunError(f"{name} failed: {file.read_text(encoding='utf-8', errors='replace')}")
        ended = f"was killed by {_signal_name(-code)}" if code < 0 else f"ended with exit code {code}"
        errors = _last_line(errors_file(self._folder, rank))
        return RunError(
            f"{name} {ended}{f' ({errors})' if errors else ''}, so the training stops; checkpoints of "
            "completed epochs are kept, so resume the run"
        )


@contextmanager
def helpers(tasks: list[Task], faces: FaceSet) -> Iterator[Helpers]:
    """Start a process for each task, and end those that still run at the end of the block.

    Raises:
        RunError: They can't be started.
    """
    base = Path(tempfile.gettempdir()) / f"mien-{os.getuid() if hasattr(os, 'getuid') else ''}"
    with temporary_folder(base) as folder:
        write_faces(folder, faces)
        started = Helpers(folder, {}, tasks[0].world.size)
        try:
            for task in tasks:
                write_task(folder, task)
                started.processes[task.world.rank] = _started(folder, task)
            yield started
        finally:
            started.kill()


def ready_file(folder: Path, rank: int) -> Path:
    """Return the file that a process creates when it is about to connect."""
    return folder / f"{rank}-ready"


def failure_file(folder: Path, rank: int) -> Path:
    """Return the file of the message that a process failed with."""
    return folder / f"{rank}-failure"


def errors_file(folder: Path, rank: int) -> Path:
    """Return the file of what a process wrote to standard error."""
    return folder / f"{rank}-errors"


def _started(folder: Path, task: Task) -> "subprocess.Popen[bytes]":
    words = [sys.executable, "-m", "mien.training.parallel.worker", str(folder), str(task.world.rank)]
    paths = os.pathsep.join(os.path.abspath(path) for path in sys.path)  # noqa: PTH100 - "" is the current one
    variables = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": str(task.threads)}
    try:
        with errors_file(folder, task.world.rank).open("wb") as errors:
            return subprocess.Popen(  # noqa: S603 - this interpreter
                words, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
                start_new_session=True,  # a signal of the terminal is for this process, which ends the others
            )  # fmt: skip
    except OSError as error:
        raise RunError(f"process {task.world.rank} of the training can't be started: {error}") from error


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_line(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1][:300] if lines else ""
