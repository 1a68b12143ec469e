"""The base of all trackers: what is sent when, the memory in the run folder, and what happens on a failure.

A subclass implements how a tracker stores metrics, images and files. This class decides what is sent,
continues the same run of the tracker when a training is resumed, sends epochs that a killed process didn't,
and turns a failure of the tracker into one warning: the training goes on without it.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, Final, ParamSpec

from mien.arguments import FLAG, PATH, optional, require
from mien.errors import MissingExtraError
from mien.optional import EXTRA_OF
from mien.text import elided, one_line
from mien.tracking.content import Content, content_of, metrics_of
from mien.tracking.memory import Memory, read_memory, write_memory
from mien.tracking.results import Results, results_of
from mien.training.callbacks import Callback, TrainingStatus
from mien.training.run_folder.lock import FolderGuard
from mien.training.run_folder.state import Epoch

P = ParamSpec("P")

_LOG: Final = logging.getLogger("mien")

_LONGEST: Final = 300
"""Characters of the reason of a failure; some libraries repeat it within each of its causes."""

FINISHED: Final = "finished"
STOPPED: Final = "stopped"
FAILED: Final = "failed"


class Tracker(Callback, ABC):
    """Sends recipe, curves, results and files of a training to a tracker; a callback of `mien.train`.

    Args:
        place: Where the tracker stores runs, such as a folder or the address of a server.
        figures: Send the confusion matrix and example faces at the end.
        checkpoint: Send the best checkpoint at the end.
        bundle: Export a bundle at the end of a finished training, and send it.

    Raises:
        MissingExtraError: A package that the tracker needs is not installed.
    """

    name: ClassVar[str]
    """Its name in `mien.tracking.TRACKERS`, and of its memory in the run folder."""
    package: ClassVar[str] = ""
    """Module that it imports."""
    buffers: ClassVar[bool] = False
    """Whether a kill may lose what was sent since `open`: epochs are then remembered at `close` only."""

    def __init__(
        self,
        place: str | Path | None = None,
        *,
        figures: bool = True,
        checkpoint: bool = True,
        bundle: bool = True,
    ) -> None:
        require("place", place, optional(PATH))
        for name, value in (("figures", figures), ("checkpoint", checkpoint), ("bundle", bundle)):
            require(name, value, FLAG)
        _require_installed(self.package)
        self.place = None if place is None else self.place_of(str(place))
        self.figures, self.checkpoint, self.bundle = bool(figures), bool(checkpoint), bool(bundle)
        self.failed = False
        self._memory: Memory | None = None
        self._folder: FolderGuard | None = None

    def place_of(self, given: str) -> str:
        """Return a place as runs remember it, independent of the current folder."""
        return given

    @abstractmethod
    def open(self, content: Content, memory: Memory | None) -> Memory:
        """Begin a run of the tracker, or continue that of `memory`, and return what to remember of it.

        `Memory.epochs` of the result is the number of epochs that the tracker has; those after it are sent.
        """

    @abstractmethod
    def log_recipe(self, content: Content, *, known: bool) -> None:
        """Send the recipe as hyperparameters and as text; `known` if this run of the tracker has it."""

    @abstractmethod
    def log_metrics(self, metrics: Mapping[str, float], epoch: int) -> None:
        """Send metrics after an epoch, from 1."""

    @abstractmethod
    def log_image(self, name: str, png: bytes, epoch: int) -> None:
        """Send an image, a PNG file."""

    @abstractmethod
    def log_file(self, path: Path, name: str) -> None:
        """Send a file of the run, such as a checkpoint; `name` may have slashes."""

    def rewind(self, epoch: int) -> None:
        """Forget what was sent after an epoch, if the tracker can: these epochs are trained again."""

    @abstractmethod
    def close(self, outcome: str) -> None:
        """End the run of the tracker: "finished", "stopped" or "failed"."""

    @property
    def view(self) -> str:
        """The command that shows the run, after a training that was tracked; "" if there is none."""
        return ""

    def on_train_start(self, status: TrainingStatus) -> None:
        """Open the run of the tracker, and send the recipe and the epochs that it lacks."""
        self._folder = FolderGuard(status.path)
        self._attempt(self._start, status)

    def on_epoch_end(self, status: TrainingStatus, epoch: Epoch) -> None:
        """Send the metrics of an epoch."""
        self._attempt(self._send, status, epoch)

    def on_recovery(self, status: TrainingStatus) -> None:
        """Forget the epochs that are trained again."""
        self._attempt(self._return, status)

    def on_train_end(self, status: TrainingStatus, error: BaseException | None) -> None:
        """Send results and files, unless the training failed, and close the run of the tracker."""
        complete = error is None and self._folder is not None and self._folder.is_unmoved()
        if complete and status.history:
            self._attempt(self._send_results, status)
        if self._memory is None:
            return
        stopped = isinstance(error, KeyboardInterrupt) or (error is None and status.stop_requested)
        outcome = FINISHED if error is None and not stopped else STOPPED if stopped else FAILED
        self._attempt(self._end, status, outcome)
        self._memory = None

    def _start(self, status: TrainingStatus) -> None:
        content = content_of(status)
        memory = read_memory(status.path, self.name)
        if memory is not None and self.place is not None and memory.place != self.place:
            memory = None  # another place than before: a new run of the tracker, with all epochs
        opened = self.open(content, memory)
        known = memory is not None and opened.id == memory.id
        self._memory = opened
        self.log_recipe(content, known=known)
        write_memory(status.path, self.name, opened)
        if opened.epochs > len(status.history):
            self._return(status)
        for row in status.history[self._memory.epochs :]:
            self._send(status, row)

    def _send(self, status: TrainingStatus, row: Epoch) -> None:
        self.log_metrics(metrics_of(row), row.epoch)
        self._remember(status, row.epoch)

    def _return(self, status: TrainingStatus) -> None:
        self.rewind(len(status.history))
        self._remember(status, len(status.history))

    def _end(self, status: TrainingStatus, outcome: str) -> None:
        self.close(outcome)
        if self.buffers and self._memory is not None:
            write_memory(status.path, self.name, self._memory)

    def _send_results(self, status: TrainingStatus) -> None:
        results = results_of(status, figures=self.figures, checkpoint=self.checkpoint, bundle=self.bundle)
        self._send_all(results, len(status.history))

    def _send_all(self, results: Results, epoch: int) -> None:
        if results.metrics:
            self.log_metrics(results.metrics, epoch)
        for name, png in results.images.items():
            self.log_image(name, png, epoch)
        for name, path in results.files.items():
            self.log_file(path, name)

    def _remember(self, status: TrainingStatus, epochs: int) -> None:
        if self._memory is not None:
            self._memory = self._memory.with_epochs(epochs)
            if not self.buffers:
                write_memory(status.path, self.name, self._memory)

    def _attempt(self, action: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
        """Call a function of the tracker, unless it failed before; its failure is one warning."""
        if self.failed:
            return
        try:
            action(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - a tracker can raise anything
            self.failed = True
            reason = one_line(str(error)) or type(error).__name__
            _LOG.warning(
                "tracking with %s ended (%s); the training continues without it, and resuming the run sends "
                "what is missing", self.name, elided(reason, _LONGEST),
            )  # fmt: skip
            with suppress(Exception):
                if self._memory is not None:
                    self.close(FAILED)
            self._memory = None


def _require_installed(module: str) -> None:
    """Check that a package is installed, without importing it."""
    if module and find_spec(module) is None:
        raise MissingExtraError(*EXTRA_OF.get(module, (module, None)))
