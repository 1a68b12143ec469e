"""Cases in a process of their own, which may crash or hang without ending the session."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fuzz.cases import SECONDS, Finding

TESTS = Path(__file__).resolve().parents[1]

COMMAND = ("-m", "fuzz.worker")
"""What a worker runs."""

PATIENCE = 2 * SECONDS + 20
"""Seconds without a word after which a worker is killed: it hangs where no signal is handled."""


class Session:
    """Runs cases in a worker. A context manager.

    Args:
        folder: Temporary files are written there.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._worker: subprocess.Popen[bytes] | None = None
        self._errors: Any = None
        self._rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def run(self, reader: str, first: int, count: int, until: float | None = None) -> Iterator[Finding | int]:
        """Run the cases with the seeds from `first`; yield each finding, and at the end the next seed.

        Args:
            reader: Name of the reader.
            first: First seed.
            count: Number of cases.
            until: Time at which to end.
        """
        end = first + count
        while first < end:
            seed: int | None = None
            self._ask(reader=reader, first=first, count=end - first, until=until)
            while True:
                message = self._answer()
                if message is None:
                    yield Finding(reader, -1 if seed is None else seed, *self._obituary())
                    if seed is None:
                        return
                    first = seed + 1
                    break
                seed = message.get("start", seed)
                if "found" in message:
                    found = message["found"]
                    yield Finding(**found | {"mutators": tuple(found["mutators"])})
                if "done" in message:
                    yield int(message["done"])
                    return

    def _ask(self, **request: object) -> None:
        if self._worker is None:
            self._rest, self._errors = b"", tempfile.TemporaryFile()  # noqa: SIM115 - closed with the worker
            paths = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
            environment = {"OMP_NUM_THREADS": "1", "PYTHONPATH": paths, "PYTHONFAULTHANDLER": "1"}
            if self._folder is not None:
                environment["FUZZ_FOLDER"] = str(self._folder)
            self._worker = subprocess.Popen(
                [sys.executable, *COMMAND], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=self._errors, env={**os.environ, **environment},
            )  # fmt: skip
        assert self._worker.stdin is not None
        self._worker.stdin.write(json.dumps(request).encode() + b"\n")
        self._worker.stdin.flush()

    def _answer(self) -> dict[str, Any] | None:
        """Return the next message of the worker, or None if it died or had to be killed."""
        assert self._worker is not None
        assert self._worker.stdout is not None
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self._worker.stdout], [], [], PATIENCE)
            block = os.read(self._worker.stdout.fileno(), 1 << 16) if ready else b""
            if not block:
                if not ready:
                    self._worker.send_signal(signal.SIGKILL)
                return None
            self._rest += block
        line, _, self._rest = self._rest.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message

    def _obituary(self) -> tuple[str, str]:
        """Return how the worker ended: a word and a detail."""
        assert self._worker is not None
        code = self._worker.wait()
        self._errors.seek(0)
        last = self._errors.read()[-3000:].decode("utf-8", "replace")
        self._end()
        if code == -signal.SIGKILL:
            return "hang", "killed: no signal was handled, or the system ran out of memory"
        return "crash", f"exit code {code}; {last[-1500:]}"

    def _end(self) -> None:
        if self._worker is None:
            return
        assert self._worker.stdin is not None
        self._worker.stdin.close()
        try:
            self._worker.wait(10)
        except subprocess.TimeoutExpired:
            self._worker.kill()
            self._worker.wait()
        assert self._worker.stdout is not None
        self._worker.stdout.close()
        self._errors.close()
        self._worker = None
