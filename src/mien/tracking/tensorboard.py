"""TensorBoard: event files, by default in the run folder: `tensorboard --logdir runs` shows all runs."""

import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from shlex import quote
from types import MappingProxyType
from typing import ClassVar, Final

from mien.tracking.base import Tracker
from mien.tracking.content import Content
from mien.tracking.event_file import EventFile
from mien.tracking.memory import Memory
from mien.training.run_folder.creation import free_folder

FOLDER: Final = "tensorboard"
"""Folder of the events in a run folder."""

RESULT: Final = "validation/accuracy"
"""Metric of the page of hyperparameters."""


class TensorBoard(Tracker):
    """Writes event files for TensorBoard: scalars, hyperparameters, text and images.

    Epochs that are trained again after a kill or a recovery replace the earlier ones. Files are not copied,
    as they are in the run folder: a text names them.

    Args:
        place: Folder of the events, which get a folder with the name of the run in it; `tensorboard` in the
            run folder by default.
        figures: As `Tracker`, like `checkpoint` and `bundle`.
        checkpoint: As `Tracker`.
        bundle: As `Tracker`.
    """

    name: ClassVar[str] = "tensorboard"
    package: ClassVar[str] = "tensorboard"

    _opened: EventFile | None = None
    _path = Path()
    _files: Mapping[str, Path] = MappingProxyType({})

    def place_of(self, given: str) -> str:
        """See `Tracker`."""
        return str(Path(given).absolute())

    @property
    def view(self) -> str:
        """See `Tracker`."""
        return f"tensorboard --logdir {quote(str(self._path.parent))}"

    def open(self, content: Content, memory: Memory | None) -> Memory:
        """See `Tracker`."""
        known = memory if memory and _path_of(memory, content).is_dir() else None
        opened = known or Memory(self.place or "", "")
        if known is None and self.place is not None:
            opened = Memory(self.place, free_folder(Path(self.place), content.name).name)
        self._path = _path_of(opened, content)
        self._begin(opened.epochs)
        return opened

    def log_recipe(self, content: Content, *, known: bool) -> None:
        """See `Tracker`."""
        self._files = {}
        if not known:
            self._events.hyperparameters(dict(content.parameters), RESULT)
            self._events.text("recipe", content.recipe, 0)
            self._events.text("run", json.dumps(dict(content.facts), indent=2, ensure_ascii=False), 0)

    def log_metrics(self, metrics: Mapping[str, float], epoch: int) -> None:
        """See `Tracker`."""
        for name, value in metrics.items():
            self._events.scalar(name, value, epoch)

    def log_image(self, name: str, png: bytes, epoch: int) -> None:
        """See `Tracker`."""
        self._events.png(name, png, epoch)

    def log_file(self, path: Path, name: str) -> None:
        """See `Tracker`."""
        self._files = {**self._files, name: path.resolve()}

    def rewind(self, epoch: int) -> None:
        """See `Tracker`."""
        self._events.close()
        self._begin(epoch)

    def close(self, outcome: str) -> None:
        """See `Tracker`."""
        with closing(self._events):
            if self._files:
                self._events.text(
                    "files", "\n".join(f"{name}: {path}" for name, path in self._files.items()), 0
                )
            self._events.text("outcome", outcome, 0)
        self._opened = None

    @property
    def _events(self) -> EventFile:
        if self._opened is None:
            raise RuntimeError("TensorBoard's events are closed")
        return self._opened

    def _begin(self, epochs: int) -> None:
        """Begin a new event file; readers drop what earlier files have of later epochs."""
        self._opened = EventFile(self._path, epochs + 1)


def _path_of(memory: Memory, content: Content) -> Path:
    """Return the folder of the events; that in the run folder moves with it."""
    return Path(memory.place) / memory.id if memory.place else content.path / FOLDER
