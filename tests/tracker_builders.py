"""A tracker that keeps what it gets, as an example of the contract."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from mien.tracking.base import Tracker
from mien.tracking.content import Content
from mien.tracking.memory import Memory
from mien.training.callbacks import TrainingStatus
from run_builders import finished_run, history

SERVER: dict[str, list[tuple[Any, ...]]] = {}
"""What each run of the tracker got, by its id."""


class Kept(Tracker):
    """Keeps what it gets in `SERVER`; `failing` names the method that raises."""

    name: ClassVar[str] = "kept"

    def __init__(self, place: str | None = None, *, failing: str = "", **options: Any) -> None:
        super().__init__(place, **options)
        self.failing, self.id = failing, ""

    def open(self, content: Content, memory: Memory | None) -> Memory:
        self._fail("open")
        known = memory if memory and memory.id in SERVER else None
        opened = known or Memory(self.place or "here", f"run-{len(SERVER)}")
        self.id = opened.id
        SERVER.setdefault(self.id, []).append(("open", content.name))
        return opened

    def log_recipe(self, content: Content, *, known: bool) -> None:
        self._add("recipe", content.parameters["optimizer.lr"], known)

    def log_metrics(self, metrics: Mapping[str, float], epoch: int) -> None:
        self._add("metrics", epoch, metrics.get("validation/accuracy"))

    def log_image(self, name: str, png: bytes, epoch: int) -> None:
        self._add("image", name, png[:4], epoch)

    def log_file(self, path: Path, name: str) -> None:
        self._add("file", name, path.is_file())

    def rewind(self, epoch: int) -> None:
        self._add("rewind", epoch)

    def close(self, outcome: str) -> None:
        self._add("close", outcome)

    def _add(self, *item: Any) -> None:
        self._fail(f"log_{item[0]}")
        SERVER[self.id].append(item)

    def _fail(self, name: str) -> None:
        if self.failing == name:
            raise OSError(28, "No space left on device")


def status_of(path: Path, *accuracies: float) -> TrainingStatus:
    """Return the status of a training in a new run folder with a history."""
    run = finished_run(path, accuracies) if not path.exists() else None
    from mien.training.run_folder.run import RunFolder

    run = run or RunFolder(path)
    rows = history(*accuracies)
    best = max(rows, key=lambda row: row.validation_accuracy, default=None)
    return TrainingStatus(path, run.recipe, history=rows, best=best)
