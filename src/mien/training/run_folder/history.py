"""The history of a training: one row per epoch as JSON lines and CSV, and its curves as an image.

These files are for people and other programs. mien reads the history from the checkpoints, which have a
digest, and from `history.jsonl` only if there is no checkpoint.
"""

import csv
import io
import json
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mien.errors import RunError
from mien.files.bounded import read_text
from mien.files.writing import write_bytes, write_text
from mien.limits import MAX_TEXT_BYTES
from mien.training.callbacks import Batch, Callback, TrainingStatus
from mien.training.run_folder.checkpoint_header import BEST, LAST, PREVIOUS, read_metadata
from mien.training.run_folder.lock import CHECKPOINTS, FolderGuard, MovedError
from mien.training.run_folder.state import Epoch, State, figure_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LOG = logging.getLogger("mien")

CURVES_INTERVAL = 30.0
"""Seconds between two drawings of the curves: one takes a third of a second."""

CHECK_INTERVAL = 1.0
"""Seconds between two checks during an epoch that the run folder is still there."""

HISTORY_FILE: Final = "history.jsonl"

_COLORS = {"train": "#0072b2", "validation": "#d55e00"}


class HistoryWriter(Callback):
    """Keeps the history files and the curves in the run folder up to date, and checks that it is still there.

    A folder that was moved or deleted is not made again, and nothing is written into another one.
    """

    def __init__(self) -> None:
        self._drawn = self._checked = time.monotonic()
        self._guard: FolderGuard | None = None

    def on_train_start(self, status: TrainingStatus) -> None:
        """Write the history as the checkpoint has it."""
        self._guard = FolderGuard(status.path)
        write_history(status.history, status.path)

    def on_batch_end(self, status: TrainingStatus, batch: Batch) -> None:  # noqa: ARG002
        """Check that the folder is still there, at intervals."""
        if time.monotonic() - self._checked >= CHECK_INTERVAL:
            self._require_unmoved()

    def on_epoch_end(self, status: TrainingStatus, epoch: Epoch) -> None:  # noqa: ARG002
        """Write the history, and the curves at intervals."""
        self._require_unmoved()
        write_history(status.history, status.path)
        if time.monotonic() - self._drawn >= CURVES_INTERVAL:
            write_curves(status.history, status.path)
            self._drawn = time.monotonic()

    def on_recovery(self, status: TrainingStatus) -> None:
        """Drop the rows after the best epoch from the files."""
        self._require_unmoved()
        write_history(status.history, status.path)

    def on_train_end(self, status: TrainingStatus, error: BaseException | None) -> None:
        """Draw the curves."""
        if not isinstance(error, MovedError):
            self._require_unmoved()
            write_curves(status.history, status.path)

    def _require_unmoved(self) -> None:
        self._checked = time.monotonic()
        if self._guard is not None:
            self._guard.require_unmoved()


def write_history(rows: Sequence[Epoch], folder: Path) -> None:
    """Write `history.jsonl` and `history.csv` into `folder`."""
    text = "".join(json.dumps(asdict(row)) + "\n" for row in rows)
    write_text(folder / HISTORY_FILE, text, parents=False)
    write_text(folder / "history.csv", _as_csv(rows), parents=False)


def write_curves(rows: Sequence[Epoch], folder: Path) -> None:
    """Draw `curves.png` into `folder`, unless there are no rows."""
    if rows:
        content = io.BytesIO()
        draw_curves(rows).savefig(content, format="png", dpi=110)
        write_bytes(folder / "curves.png", content.getvalue(), parents=False)


def draw_curves(rows: Sequence[Epoch]) -> "Figure":
    """Return a figure of loss and accuracy per epoch of both splits, with the best epoch marked."""
    from mien.figures.style import new_figure, set_title

    figure = new_figure(10, 4)
    losses, accuracies = figure.subplots(1, 2)
    best = min(rows, key=lambda row: figure_of(row, "accuracy"))
    top = 100 * best.validation_accuracy
    _draw(losses, rows, "loss", 1.0)
    _draw(accuracies, rows, "accuracy", 100.0)
    accuracies.plot(best.epoch, top, "o", color=_COLORS["validation"])
    set_title(losses, "Loss, nats", "training: the recipe's loss; validation: cross-entropy")
    set_title(accuracies, "Accuracy, percent", f"best validation accuracy {top:.1f} % at epoch {best.epoch}")
    return figure


def _draw(axes: "Axes", rows: Sequence[Epoch], what: str, unit: float) -> None:
    from matplotlib.ticker import MaxNLocator

    from mien.figures.style import INK, SOFT, style_scale

    epochs = [row.epoch for row in rows]
    for split, color in _COLORS.items():
        values = [unit * getattr(row, f"{split}_{what}") for row in rows]
        axes.plot(epochs, values, color=color, marker="." if len(rows) < 30 else "", label=split)
    style_scale(axes, "y")
    axes.tick_params(axis="x", length=0, labelcolor=SOFT, labelsize=9)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("epoch", color=SOFT)
    axes.legend(frameon=False, fontsize=9, labelcolor=INK)


def read_history(folder: Path) -> tuple[Epoch, ...]:
    """Return the rows of the newest checkpoint in a run folder, else of `history.jsonl`; none without both.

    Raises:
        RunError: There is no checkpoint, and the file is damaged.
    """
    kept = _history_of_checkpoints(folder)
    if kept is None:
        return _history_of_file(folder / HISTORY_FILE)
    if is_edited(kept, folder):
        _report_edited(str(folder / HISTORY_FILE))
    return kept


@lru_cache(maxsize=64)
def _report_edited(path: str) -> None:
    """Report an edited history, once in a process."""
    _LOG.warning("%s: edited or damaged; the history in the checkpoint is used", path)


def is_edited(rows: Sequence[Epoch], folder: Path) -> bool:
    """Return whether `history.jsonl` contradicts the rows of a checkpoint.

    After a kill it may lack a row, or have rows of epochs that are repeated.
    """
    try:
        found = _history_of_file(folder / HISTORY_FILE)
    except RunError:
        return True
    return any(one != other for one, other in zip(rows, found, strict=False))


def _history_of_checkpoints(folder: Path) -> tuple[Epoch, ...] | None:
    for name in (LAST, PREVIOUS, BEST):
        metadata = read_metadata(folder / CHECKPOINTS / name)
        with suppress(KeyError, TypeError, ValueError, RecursionError):
            return tuple(State.from_json(json.loads(metadata["state"])).history)
    return None


def _history_of_file(path: Path) -> tuple[Epoch, ...]:
    if not path.exists():
        return ()
    try:
        lines = read_text(path, MAX_TEXT_BYTES).splitlines()
        return tuple(Epoch.from_json(json.loads(line)) for line in lines)
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise RunError(
            f"{path}: damaged ({str(error)[:200]}); resuming the run writes it again", path=path
        ) from error


def _as_csv(rows: Sequence[Epoch]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Epoch)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    return text.getvalue()
