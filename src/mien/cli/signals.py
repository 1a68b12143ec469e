"""Ctrl-C, SIGTERM and SIGHUP: the first one ends a command at once and keeps its results, the second kills.

Python runs signal handlers in the main thread, between two of its own instructions. The handler raises
`Interrupted` there, also out of a read that waits. Two things can prevent that: the main thread is inside a
library that doesn't return (a camera without frames), or the exception waits for a thread that doesn't
return. So the C-level handler also wakes a thread that takes over after a while: it closes the writers
that are registered here, and ends the process.

Writers are never interrupted in the middle of a write, unless it blocks.
"""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from types import FrameType
from typing import Any, Final, Self, TypeVar

T = TypeVar("T")

SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)

WORDS: Final = {"SIGINT": "interrupted", "SIGTERM": "terminated", "SIGHUP": "hung up"}

SHOW_CURSOR: Final = b"\x1b[?25h"

STUCK: Final = 1.0
"""Seconds until a thread takes over where there are results to keep, or a write is interrupted."""

PATIENCE: Final = 3.0
"""Seconds until a thread takes over where there are none."""

CLOSING: Final = 10.0
"""Seconds that writers may take to close before that is interrupted, too."""


class Interrupted(KeyboardInterrupt):
    """A signal that ends the command.

    Attributes:
        number: Number of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(WORDS.get(signal.Signals(number).name, "interrupted"))
        self.number = number

    @property
    def code(self) -> int:
        """The exit code that shells use for the signal: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP."""
        return 128 + self.number


class Signals:
    """Handles the signals of one command; a context manager. Outside of the main thread it does nothing.

    Signals that are ignored, as under `nohup`, stay ignored.

    Args:
        farewell: Prints that the command has stopped, where the main thread can't.
        leave: Ends the process with an exit code, from any thread.
    """

    def __init__(
        self,
        farewell: Callable[[Interrupted], object] = lambda _: None,
        leave: Callable[[int], object] = os._exit,
    ) -> None:
        self.farewell = farewell
        self._leave = leave
        self._lock = threading.RLock()  # held by the thread that writes or closes
        self._kept: list[ExitStack] = []
        self._before: dict[int, Any] = {}
        self._number: int | None = None
        self._writes = self._closes = self._own = 0
        self._is_forced = self._has_raised = False
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        _active.append(self)
        if threading.current_thread() is threading.main_thread():
            found = {number: signal.getsignal(number) for number in SIGNALS}
            self._before = {number: one for number, one in found.items() if one not in (signal.SIG_IGN, None)}
            self._terminal = Terminal()
            self._wakes, self._woken = socket.socketpair()
            self._wakes.setblocking(False)
            self._wakeup = signal.set_wakeup_fd(self._wakes.fileno(), warn_on_full_buffer=False)
            threading.Thread(target=self._watch, name="signals", daemon=True).start()
            for number in self._before:
                signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        _active.remove(self)
        self._ended.set()
        if threading.current_thread() is threading.main_thread():
            for number, handler in self._before.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(self._wakeup)
            self._wakes.close()  # ends the thread

    @contextmanager
    def deferred(self, *, closing: bool = False) -> Iterator[None]:
        """Let a write, or the closing of writers, be completed before a signal ends the command."""
        with self._lock:
            self._writes += 1
            self._closes += closing
            try:
                yield
            finally:
                self._closes -= closing
                self._writes -= 1
        if self._number is not None and not self._writes:
            self._raise(self._number)

    @contextmanager
    def keeping(self) -> Iterator[Callable[[AbstractContextManager[T]], T]]:
        """Yield a function that enters a context manager, which is closed however the command ends."""
        stack = ExitStack()
        self._kept.append(stack)

        def enter(writer: AbstractContextManager[T]) -> T:
            with self.deferred():
                return stack.enter_context(writer)

        try:
            yield enter
        except BaseException as error:
            with self.deferred(closing=True):
                stack.pop_all().__exit__(type(error), error, error.__traceback__)
            raise
        else:
            with self.deferred(closing=True):
                stack.close()
        finally:
            self._kept.remove(stack)

    def _handle(self, number: int, _: FrameType | None) -> None:
        """Run in the main thread."""
        if self._number is None:
            self._number = number
        if self._is_forced:
            self._is_forced = self._has_raised = False
            self._raise(self._number)
        if not self._writes:
            self._raise(self._number)

    def _raise(self, number: int) -> None:
        if not self._has_raised:
            self._has_raised = True
            raise Interrupted(number)

    def _watch(self) -> None:
        """Run in a thread: take over after the first signal, and end the process at the second."""
        with self._woken:
            first = self._next_signal()
            if first is None:
                return
            threading.Thread(target=self._take_over, args=(first,), name="take over", daemon=True).start()
            second = self._next_signal()
            if second is not None and not self._ended.is_set():
                self._terminal.restore()
                self._leave(128 + second)

    def _next_signal(self) -> int | None:
        """Wait for a signal; None if the command has ended."""
        while content := self._woken.recv(1):
            if self._own and content[0] == self._number:
                self._own -= 1  # sent by `_force`
            elif content[0] in self._before:
                return content[0]
        return None

    def _take_over(self, number: int) -> None:
        """End the process if the main thread doesn't."""
        patience = STUCK if self._kept else PATIENCE
        while not self._ended.wait(patience):
            if self._lock.acquire(blocking=False):
                self._close(Interrupted(number))
                return
            if self._closes and patience < CLOSING:
                patience = CLOSING
                continue
            if self._is_forced or not hasattr(signal, "pthread_kill"):
                self._terminal.restore()  # the main thread is stuck in a write outside of Python
                self._leave(128 + number)
                return
            self._force(number)

    def _force(self, number: int) -> None:
        """Interrupt a write that blocks."""
        self._number = number
        self._is_forced = True
        self._own += 1
        signal.pthread_kill(threading.main_thread().ident or 0, number)

    def _close(self, error: Interrupted) -> None:
        """Close what is kept, and end the process."""
        for stack in reversed(self._kept):
            with suppress(Exception):
                stack.pop_all().__exit__(type(error), error, None)
        self._terminal.restore()
        with suppress(Exception):
            self.farewell(error)
        self._leave(error.code)


class Terminal:
    """The settings of the terminal, to be restored where the code that changed them can't do so."""

    def __init__(self) -> None:
        self._settings: list[Any] | None = None
        with suppress(Exception):  # no terminal, or no termios, as on Windows
            import termios

            self._settings = termios.tcgetattr(0)

    def restore(self) -> None:
        """Restore the settings, and show the cursor."""
        with suppress(Exception):
            if self._settings is not None:
                import termios

                termios.tcsetattr(0, termios.TCSANOW, self._settings)
            if sys.stderr.isatty():
                os.write(2, SHOW_CURSOR)


_active: Final[list[Signals]] = []


def current_signals() -> Signals:
    """Return the handling of signals of the running command."""
    return _active[-1] if _active else Signals()
