"""The progress of `mien data crop` on standard error: a bar on a terminal, notices everywhere."""

from types import TracebackType
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mien.cli.app import with_options
from mien.console import Console


class CropProgress:
    """A context manager that shows how many images and frames are done.

    Args:
        quiet: Show failures only.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("cropping"), BarColumn(30), MofNCompleteColumn(), TimeRemainingColumn(),
            console=self._console, transient=True, disable=quiet or not self._console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task("", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            self.notice("the crops so far are kept; the same command continues")

    def update(self, done: int, total: int | None) -> None:
        """Show the number of images and frames that are done."""
        self._bar.update(self._task, completed=done, total=total)

    def notice(self, line: str) -> None:
        """Print one line."""
        self._console.print(f"mien: {with_options(line)}", highlight=False, markup=False, soft_wrap=True)
