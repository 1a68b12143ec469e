"""The history of a training: one row per epoch as JSON lines and CSV, and its curves as an image."""

import csv
import io
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING

from mien.bounded import read_text
from mien.errors import RunError
from mien.files import replacing, write_text
from mien.limits import MAX_TEXT_BYTES
from mien.training.callbacks import Callback, TrainingStatus
from mien.training.state import Epoch, figure_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CURVES_INTERVAL = 30.0
"""Seconds between two drawings of the curves: one takes a third of a second."""

_COLORS = {"train": "#0072b2", "validation": "#d55e00"}


class HistoryWriter(Callback):
    """Keeps the history files and the curves in the run folder up to date."""

    def __init__(self) -> None:
        self._drawn = time.monotonic()

    def on_train_start(self, status: TrainingStatus) -> None:
        """Write the history as the checkpoint has it."""
        write_history(status.history, status.path)

    def on_epoch_end(self, status: TrainingStatus, epoch: Epoch) -> None:  # noqa: ARG002
        """Write the history, and the curves at intervals."""
        write_history(status.history, status.path)
        if time.monotonic() - self._drawn >= CURVES_INTERVAL:
            write_curves(status.history, status.path)
            self._drawn = time.monotonic()

    def on_recovery(self, status: TrainingStatus) -> None:
        """Drop the rows after the best epoch from the files."""
        write_history(status.history, status.path)

    def on_train_end(self, status: TrainingStatus, error: BaseException | None) -> None:  # noqa: ARG002
        """Draw the curves."""
        write_curves(status.history, status.path)


def write_history(rows: Sequence[Epoch], folder: Path) -> None:
    """Write `history.jsonl` and `history.csv` into `folder`."""
    write_text(folder / "history.jsonl", "".join(json.dumps(asdict(row)) + "\n" for row in rows))
    write_text(folder / "history.csv", _as_csv(rows))


def write_curves(rows: Sequence[Epoch], folder: Path) -> None:
    """Draw `curves.png` into `folder`, unless there are no rows."""
    if rows:
        with replacing(folder / "curves.png") as path:
            draw_curves(rows).savefig(path, format="png", dpi=110)


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
    """Return the rows of `history.jsonl` in `folder`, none if there is no such file.

    Raises:
        RunError: The file is damaged.
    """
    path = folder / "history.jsonl"
    if not path.exists():
        return ()
    try:
        return tuple(Epoch(**json.loads(line)) for line in read_text(path, MAX_TEXT_BYTES).splitlines())
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise RunError(f"{path}: damaged ({error})", path=path) from error


def _as_csv(rows: Sequence[Epoch]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Epoch)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    return text.getvalue()
