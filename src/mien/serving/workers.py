"""Several processes that answer requests of one port: `mien serve --workers`.

Each process is a whole server: it opens the bundles, batches its own requests and has its own limits. They
inherit the listening socket, so the system hands each connection to one that is free, and connections wait
while a process that died is replaced. They share the folder of jobs: a job is claimed by one process in the
SQLite file. Metrics are added up over the processes. The first process (this one) answers no requests.
"""

import logging
import multiprocessing
import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import FrameType
from typing import Any, Final

from mien.errors import MienError
from mien.runtime.threads import limit_opencv, thread_count
from mien.serving.catalog import require_bundles
from mien.serving.jobs.jobs import lock_jobs
from mien.serving.options import ServerOptions

_log = logging.getLogger("mien")

POLL_SECONDS: Final = 0.2
"""Between two checks whether a signal arrived."""

RESTART_SECONDS: Final = 1.0
"""Between the death of a process and its replacement."""

STOP_SECONDS: Final = 20.0
"""Seconds after which a process that doesn't end is killed."""

METRICS_FOLDER: Final = "metrics"
"""Folder of the metrics in that of the jobs."""

METRICS_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable that names the folder for prometheus-client."""

_context: Final = multiprocessing.get_context("spawn")


class Workers:
    """The processes of a server.

    Args:
        options: Of the server.
        listener: A listening socket.
        started: Called once all processes answer requests.
    """

    def __init__(self, options: ServerOptions, listener: socket.socket, started: Callable[[], None]) -> None:
        threads = options.threads or max(1, thread_count(None) // options.workers)
        self._options, self._listener, self._tell = replace(options, threads=threads), listener, started
        self._metrics = options.jobs_folder / METRICS_FOLDER
        self._workers: list[_Worker] = []
        self._signals: list[int] = []

    def run(self) -> None:
        """Run the processes until this one is interrupted or terminated.

        Raises:
            MienError: A bundle can't be read, the folder of jobs can't be used, or a process doesn't start.
        """
        require_bundles(self._options)
        lock = lock_jobs(self._options)  # removes the metrics of the last server, too
        try:
            self._metrics.mkdir(mode=0o700)
            with self._handling_signals():
                self._run()
        finally:
            shutil.rmtree(self._metrics, ignore_errors=True)
            lock.close()
        for number in self._signals[:1]:
            signal.raise_signal(number)  # ends the process as without workers

    def _run(self) -> None:
        try:
            self._workers = [self._start(str(number)) for number in range(self._options.workers)]
            self._wait_until_ready()
            while not self._signals:
                wait([one.process.sentinel for one in self._workers], POLL_SECONDS)
                self._replace_dead()
        finally:
            self._stop()

    def _start(self, name: str) -> "_Worker":
        return _Worker.start(name, self._options, self._listener, self._metrics)

    def _wait_until_ready(self) -> None:
        for worker in self._workers:
            while not self._signals and not worker.is_ready():
                if not worker.process.is_alive():
                    raise MienError(
                        f"a worker process ended with code {worker.process.exitcode} while it started"
                    )
        if not self._signals:
            self._tell()

    def _replace_dead(self) -> None:
        for number, worker in enumerate(self._workers):
            if worker.process.is_alive() or self._signals:
                continue
            code, name = worker.process.exitcode, worker.name
            _log.warning("worker process %s ended with code %s and is started again", name, code)
            time.sleep(RESTART_SECONDS)
            self._forget_gauges(worker.process.pid)
            self._workers[number] = self._start(name)

    def _forget_gauges(self, process: int | None) -> None:
        """Remove the gauges of a dead process; its counters stay."""
        for path in self._metrics.glob(f"gauge_live*_{process}.db"):
            path.unlink(missing_ok=True)

    def _stop(self) -> None:
        """End the processes; they answer running requests first, unless there is a second signal."""
        for worker in self._workers:
            worker.process.terminate()
        until = time.monotonic() + STOP_SECONDS
        while any(one.process.is_alive() for one in self._workers):
            if len(self._signals) > 1 or time.monotonic() > until:
                for worker in self._workers:
                    worker.process.kill()
            wait([one.process.sentinel for one in self._workers if one.process.is_alive()], POLL_SECONDS)

    @contextmanager
    def _handling_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = [signal.SIGINT, signal.SIGTERM]
        before: dict[int, Any] = {number: signal.signal(number, self._note) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _note(self, number: int, _: FrameType | None) -> None:
        self._signals.append(number)


class _Worker:
    """A process that answers requests.

    Attributes:
        name: Its name among the processes; its replacement has the same.
        process: The process.
    """

    def __init__(self, name: str, process: SpawnProcess, ready: Connection) -> None:
        self.name, self.process = name, process
        self._ready = ready

    @classmethod
    def start(cls, name: str, options: ServerOptions, listener: socket.socket, metrics: Path) -> "_Worker":
        """Start a process."""
        receives, sends = _context.Pipe(duplex=False)
        given = (name, options, listener, metrics, sends)
        process = _context.Process(target=_work, args=given, name=f"worker {name}")
        with _blocked_interrupts():
            process.start()
        sends.close()
        return cls(name, process, receives)

    def is_ready(self) -> bool:
        """Wait a moment, and return whether the process answers requests."""
        try:
            return self._ready.poll(POLL_SECONDS) and bool(self._ready.recv())
        except EOFError:
            time.sleep(POLL_SECONDS)  # it ends
            return False


@contextmanager
def _blocked_interrupts() -> Iterator[None]:
    """Start processes that ignore Ctrl-C, which a terminal sends to them, too: this process ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(
    name: str, options: ServerOptions, listener: socket.socket, metrics: Path, ready: Connection
) -> None:
    """Answer requests, in a process of its own."""
    os.environ[METRICS_VARIABLE] = str(metrics)  # before prometheus-client is imported
    from mien.serving.app import create_app
    from mien.serving.server import run

    limit_opencv(options.threads)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        app = create_app(options, name)
    except MienError as error:
        _log.error("%s", error)
        sys.exit(1)
    run(app, options.limits, listener, lambda: ready.send(True))


def _end_with_parent() -> None:
    """End this process if the first one was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
