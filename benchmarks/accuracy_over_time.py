"""Accuracy on the validation split against minutes of training, one curve a run.

    python benchmarks/accuracy_over_time.py RUN ... -o FILE.png

The minutes are the epochs done times the median of a run's epochs, validation included: pauses, and
other work that slowed some epochs down, don't count, nor do epochs that a recovery threw away or the
training of a teacher. The axis is logarithmic, since recipes differ by a factor of twenty.
"""

import argparse
import json
from pathlib import Path
from statistics import median

from matplotlib.figure import Figure

COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")


def main() -> None:
    """Draw the runs that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=Path, help="run folders")
    parser.add_argument("-o", "--out", type=Path, required=True, help="the PNG to write")
    asked = parser.parse_args()
    draw(asked.runs).savefig(asked.out, dpi=110)


def draw(runs: list[Path]) -> Figure:
    """Return the curves, each with a dot at its best epoch."""
    figure = Figure(figsize=(9, 4.8), layout="constrained")
    axes = figure.subplots()
    for run, color in zip(runs, COLORS * len(runs), strict=False):
        minutes, accuracies = curve(run)
        best = max(range(len(accuracies)), key=accuracies.__getitem__)
        name = f"{run.name}, at most {accuracies[best]:.1f} %"
        axes.plot(minutes, accuracies, color=color, linewidth=1.6, label=name)
        axes.plot(minutes[best], accuracies[best], "o", color=color)
    axes.legend(loc="lower right", frameon=False)
    axes.set(xscale="log", ylim=(45, None), xlabel="minutes of training", ylabel="accuracy on validation (%)")
    axes.set_xticks([1, 2, 5, 10, 20, 60, 120], ["1", "2", "5", "10", "20", "60", "120"])
    axes.set_xlim(left=0.3, right=400)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def curve(run: Path) -> tuple[list[float], list[float]]:
    """Return minutes of training and accuracies (%) of a run, one of each an epoch."""
    history = run / "history.jsonl"
    rows = [json.loads(line) for line in history.read_text().splitlines()] if history.exists() else []
    if not rows:
        raise SystemExit(f"{run}: no history of a single epoch there; give the folders of trained runs")
    typical = median(row["seconds"] for row in rows)
    minutes = [number * typical / 60 for number in range(1, len(rows) + 1)]
    return minutes, [100 * row["validation_accuracy"] for row in rows]


if __name__ == "__main__":
    main()
