"""The history of a training: a row an epoch as JSONL and CSV, and its curves as a picture."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING

from mien.files import replacing, write_text
from mien.training.state import Epoch, figure_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLORS = {"train": "#0072b2", "validation": "#d55e00"}


def write_history(rows: Sequence[Epoch], folder: Path) -> None:
    """Write `history.jsonl` and `history.csv` into `folder`."""
    write_text(folder / "history.jsonl", "".join(json.dumps(asdict(row)) + "\n" for row in rows))
    write_text(folder / "history.csv", _as_csv(rows))


def write_curves(rows: Sequence[Epoch], folder: Path) -> None:
    """Draw `curves.png` into `folder`; without rows there is nothing to draw."""
    if rows:
        with replacing(folder / "curves.png") as path:
            draw_curves(rows).savefig(path, format="png", dpi=110)


def draw_curves(rows: Sequence[Epoch]) -> "Figure":
    """Return loss and accuracy of training and validation over the epochs, best epoch marked."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    losses, accuracies = figure.subplots(1, 2)
    best = min(rows, key=lambda row: figure_of(row, "accuracy"))
    _draw(losses, rows, "loss", 1.0)
    _draw(accuracies, rows, "accuracy", 100.0)
    losses.set_ylabel("loss (nats)")
    losses.set_title("training: the recipe's loss; validation: cross-entropy", fontsize=10, loc="left")
    accuracies.set_ylabel("accuracy (%)")
    top = 100 * best.validation_accuracy
    accuracies.plot(best.epoch, top, "o", color=_COLORS["validation"])
    accuracies.set_title(
        f"best validation accuracy {top:.1f} % at epoch {best.epoch}", fontsize=10, loc="left"
    )
    return figure


def _draw(axes: "Axes", rows: Sequence[Epoch], what: str, unit: float) -> None:
    from matplotlib.ticker import MaxNLocator

    epochs = [row.epoch for row in rows]
    for split, color in _COLORS.items():
        values = [unit * getattr(row, f"{split}_{what}") for row in rows]
        axes.plot(epochs, values, color=color, marker="." if len(rows) < 30 else "", label=split)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)


def _as_csv(rows: Sequence[Epoch]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Epoch)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    return text.getvalue()
