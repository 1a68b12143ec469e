"""One case: damage a file by its seed, read it, and judge what came of it."""

import hashlib
import resource
import signal
import traceback
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from fuzz.mutators.base import Mutator
from fuzz.mutators.formats import mutated, mutators_of
from fuzz.readers import READERS
from mien import registry
from mien.errors import MienError

SECONDS = 20
"""Time after which a reader hangs."""

MEMORY = 512 << 20
"""Bytes that a reader may allocate beside those of the interpreter and the libraries."""

SPARE = 8 * MEMORY
"""Bytes that a reader may allocate where its use of them is measured."""

_CONTROL = {"Cc", "Cs", "Zl", "Zp"}
"""Categories of characters that would reach a terminal as commands, or can't be encoded."""

LONGEST = 2500
"""Characters of a message; those of the path are not counted."""


class Hang(BaseException):
    """Raised in a reader that takes too long; no reader catches it."""


@dataclass(frozen=True)
class Finding:
    """A case with an outcome that is not allowed.

    Attributes:
        reader: Name of the reader.
        seed: Seed of the case.
        what: What is wrong, in one word.
        detail: The exception and its place, or what else was found.
        file: The damaged file, below the folder of the reader.
        mutators: Names of the mutators that made it.
    """

    reader: str
    seed: int
    what: str
    detail: str
    file: str = ""
    mutators: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """Findings of equal keys probably have the same cause."""
        return self.reader, self.what, self.detail.rpartition(" | ")[2]

    def to_dict(self) -> dict[str, Any]:
        """Return the finding for JSON."""
        return asdict(self)


class Bench:
    """A reader with its valid files in a folder.

    Args:
        name: Name of the reader.
        folder: An empty folder.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder, self.reader = name, folder, READERS[name]
        self.reader.make(folder)
        self.originals = {file: (folder / file).read_bytes() for file in self.reader.damaged}
        self.expected = self._read_valid()
        self._restore()

    def _read_valid(self) -> str:
        """Return the digest of the valid content; empty where the reader refuses all such files."""
        try:
            return digest(self.reader.read(self.folder / self.reader.entry))
        except MienError:
            if not self.reader.refused:
                raise
            return ""

    def damage(self, seed: int) -> tuple[str, bytes, list[Mutator]]:
        """Return the file of a case, its damaged bytes, and the mutators that made them."""
        rng = Random(f"{self.name}:{seed}")
        file = rng.choice(list(self.originals))
        return file, *mutated(self.originals[file], mutators_of(file), rng)

    def run(self, seed: int) -> Finding | None:
        """Run a case, and return what is wrong, if anything."""
        file, content, mutators = self.damage(seed)
        strict = self.reader.checksummed and not any(one.valid_checksums for one in mutators)
        problem = self.judge(file, content, strict=strict)
        if problem is None:
            return None
        return Finding(self.name, seed, *problem, file, tuple(one.name for one in mutators))

    def judge(self, file: str, content: bytes, *, strict: bool = False) -> tuple[str, str] | None:
        """Read damaged bytes in place of a file, and return what is wrong: a word and a detail.

        Args:
            file: One of the files of the reader.
            content: Its bytes.
            strict: Whether the content must be that of the valid file.
        """
        (self.folder / file).write_bytes(content)
        try:
            with limited(), warnings.catch_warnings():
                warnings.simplefilter("error")
                found = digest(self.reader.read(self.folder / self.reader.entry))
        except MienError as error:
            return self._judge_error(error, file, content)
        except Hang:
            return "hang", f"no end after {SECONDS} s"
        except BaseException as error:  # noqa: BLE001 - each is a finding
            what = "memory" if _is_memory(error) else "exception"
            return what, f"{type(error).__name__}: {str(error)[:200]} | {place_of(error)}"
        finally:
            self._restore()
        return ("content", "other content was accepted") if strict and found != self.expected else None

    def _judge_error(self, error: MienError, file: str, content: bytes) -> tuple[str, str] | None:
        message, root = str(error), str(self.folder)
        if _is_memory(error) and self._is_large(file, content):
            return "memory", f"{message[:200]} | {place_of(error)}"
        if len(message.splitlines()) != 1 or any(unicodedata.category(one) in _CONTROL for one in message):
            return "lines", repr(message[:300])
        if len(message.replace(root, "")) > LONGEST:
            return "long", message[:300]
        names = (Path(file).name, str(self.folder / self.reader.entry))
        named = any(name in message or name == str(error.path) for name in names)
        return (
            ("unnamed", f"{message[:200]} | {place_of(error)}")
            if self.reader.names_file and not named
            else None
        )

    def _is_large(self, file: str, content: bytes) -> bool:
        """Whether the file takes too much memory, or a decoder refuses it by a limit of its own."""
        (self.folder / file).write_bytes(content)
        Path("/proc/self/clear_refs").write_text("5")  # resets the peak
        before = memory_of("VmHWM")
        with suppress(MienError), limited(SPARE):
            self.reader.read(self.folder / self.reader.entry)
        return memory_of("VmHWM") - before > MEMORY

    def _restore(self) -> None:
        for file, content in self.originals.items():
            (self.folder / file).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / file).write_bytes(content)


def scan_packages_once() -> None:
    """Keep the entry points of installed packages: reading them takes longer than most cases."""
    if not hasattr(registry._entry_points, "cache_info"):
        registry._entry_points = cache(registry._entry_points)


def place_of(error: BaseException) -> str:
    """Return the innermost place in mien, and that where the error was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/mien/" in frame.filename] or frames
    places = (f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in (own[-1], frames[-1]))
    return " > ".join(dict.fromkeys(places))


def _is_memory(error: BaseException | None) -> bool:
    seen = 0
    while error is not None and seen < 10:
        if isinstance(error, MemoryError):
            return True
        error, seen = error.__cause__ or error.__context__, seen + 1
    return False


@contextmanager
def limited(memory: int = MEMORY) -> Iterator[None]:
    """Raise `Hang` after a time, and let allocations fail that exceed the memory."""

    def ring(*_: object) -> None:
        raise Hang

    before = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (memory_of("VmData") + memory, before[1]))
    old = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
        resource.setrlimit(resource.RLIMIT_DATA, before)


def memory_of(field: str) -> int:
    """Return a number of bytes of this process: `VmData`, which is limited, or `VmHWM`, their peak."""
    text = Path("/proc/self/status").read_text()
    return int(text.partition(f"{field}:")[2].split()[0]) << 10


def digest(value: object) -> str:
    """Return a digest of arrays, tensors, data classes and containers of them."""
    state = hashlib.sha1(usedforsecurity=False)
    _feed(state, value)
    return state.hexdigest()


def _feed(state: Any, value: Any) -> None:
    state.update(type(value).__name__.encode())
    if hasattr(value, "detach"):
        value = value.detach().numpy()
    if isinstance(value, np.ndarray):
        state.update(f"{value.dtype.str}{value.shape}".encode() + np.ascontiguousarray(value).tobytes())
        return
    parts = _parts(value)
    if parts is None:
        state.update(repr(value).encode())
        return
    for part in parts:
        _feed(state, part)


def _parts(value: Any) -> Iterable[Any] | None:
    """Return what a container consists of; None for anything else."""
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, field.name) for field in fields(value)]
    if hasattr(value, "model_dump"):
        return value.model_dump().items()
    if isinstance(value, Mapping):
        return value.items()
    if isinstance(value, list | tuple):
        return value
    return vars(value).items() if hasattr(value, "__dict__") and not isinstance(value, type) else None
