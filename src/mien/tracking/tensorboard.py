"""TensorBoard: event files, by default in the run folder: `tensorboard --logdir runs` shows all runs."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from mien.tracking.base import Tracker
from mien.tracking.content import Content
from mien.tracking.memory import Memory
from mien.training.new_run import free_folder

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

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

    def __init__(
        self,
        place: str | Path | None = None,
        *,
        figures: bool = True,
        checkpoint: bool = True,
        bundle: bool = True,
    ) -> None:
        super().__init__(place, figures=figures, checkpoint=checkpoint, bundle=bundle)
        self.place = None if place is None else str(Path(place).absolute())
        self._writer: SummaryWriter | None = None
        self._path = Path()
        self._files: dict[str, Path] = {}

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
        from torch.utils.tensorboard.summary import hparams

        self._files = {}
        if known:
            return
        parameters, events = dict(content.parameters), self._writer_of.file_writer
        for summary in hparams(parameters, {RESULT: 0.0}):  # type: ignore[no-untyped-call]
            events.add_summary(summary)  # type: ignore[attr-defined]
        self._text("recipe", content.recipe, 0)
        self._text("run", json.dumps(dict(content.facts), indent=2, ensure_ascii=False), 0)
        self._writer_of.flush()

    def log_metrics(self, metrics: Mapping[str, float], epoch: int) -> None:
        """See `Tracker`."""
        for name, value in metrics.items():
            self._writer_of.add_scalar(name, value, epoch)
        self._writer_of.flush()

    def log_image(self, name: str, png: bytes, epoch: int) -> None:
        """See `Tracker`."""
        from PIL import Image

        pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
        self._writer_of.add_image(name, pixels, epoch, dataformats="HWC")

    def log_file(self, path: Path, name: str) -> None:
        """See `Tracker`."""
        self._files[name] = path.resolve()

    def rewind(self, epoch: int) -> None:
        """See `Tracker`."""
        self._writer_of.close()
        self._begin(epoch)

    def close(self, outcome: str) -> None:
        """See `Tracker`."""
        if self._writer is not None:
            if self._files:
                self._text("files", "\n".join(f"{name}: {path}" for name, path in self._files.items()), 0)
            self._text("outcome", outcome, 0)
            self._writer.close()
            self._writer = None

    @property
    def _writer_of(self) -> "SummaryWriter":
        if self._writer is None:
            raise RuntimeError("TensorBoard's events are closed")
        return self._writer

    def _begin(self, epochs: int) -> None:
        """Begin a new event file; TensorBoard drops what earlier files have of later epochs."""
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(self._path), purge_step=epochs + 1 if epochs else None)

    def _text(self, name: str, text: str, epoch: int) -> None:
        indented = "".join(f"    {line}\n" for line in text.splitlines())  # a code block of Markdown
        self._writer_of.add_text(name, indented, epoch)


def _path_of(memory: Memory, content: Content) -> Path:
    """Return the folder of the events; that in the run folder moves with it."""
    return Path(memory.place) / memory.id if memory.place else content.path / FOLDER
