"""The progress of work on many images on standard error: a bar on a terminal, notices everywhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from mien.cli.app import with_options
from mien.console import Console
from mien.data.progress import reading_progress

if TYPE_CHECKING:
    from rich.progress import Progress


class ImageProgress:
    """A context manager that shows how many images are done.

    The bar appears at the first update, and disappears when all are done or at the end.

    Args:
        title: What is done with them. It may be changed between two bars.
        console: Usually standard error; a quiet one shows no bar.
    """

    def __init__(self, title: str, console: Console) -> None:
        self.title, self._console = title, console
        self._is_shown = console.is_terminal and not console.quiet
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    def update(self, done: int, total: int | None) -> None:
        """Show the number of images that are done, and their total if it is known."""
        if not self._is_shown:
            return
        if self._bar is None:
            self._bar = _bar(self.title, self._console)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=done, total=total)
        if done == total:
            self._remove()

    def _remove(self) -> None:
        if self._bar is not None:
            self._bar.stop()
        self._bar = None


class CropProgress(ImageProgress):
    """The progress of `mien data crop`.

    Args:
        quiet: Show failures only.
    """

    def __init__(self, *, quiet: bool) -> None:
        super().__init__("cropping", Console(stderr=True))
        self._is_shown = self._is_shown and not quiet

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the bar; after Ctrl-C, say how to continue."""
        super().__exit__(kind, error, trace)
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            self.notice("the crops so far are kept; the same command continues")

    def notice(self, line: str) -> None:
        """Print one line."""
        self._console.print(f"mien: {with_options(line)}", highlight=False, markup=False, soft_wrap=True)


@contextmanager
def reading_bar(console: Console) -> Iterator[ImageProgress]:
    """Show the progress of all data sets that are read in this block."""
    with ImageProgress("reading images", console) as shown, reading_progress(shown.update):
        yield shown


def _bar(title: str, console: Console) -> "Progress":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(title), BarColumn(30), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True)
    bar.add_task("", total=None)
    return bar
