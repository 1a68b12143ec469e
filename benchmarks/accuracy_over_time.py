"""Plot the accuracy on the validation split against the training time, one curve per run.

    python benchmarks/accuracy_over_time.py RUN ... -o FILE.png

The training time is the number of epochs times the median duration of an epoch, including validation. So it
excludes pauses, epochs that other processes slowed down, epochs that a recovery rolled back, and the
training of distillation teachers. The axis is logarithmic: recipes differ by a factor of twenty.
"""

import argparse
import json
from pathlib import Path
from statistics import median

from matplotlib.figure import Figure

COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")


def main() -> None:
    """Plot the runs of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=Path, help="run folders")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the PNG to write")
    options = parser.parse_args()
    plot(options.runs).savefig(options.output, dpi=110)


def plot(runs: list[Path]) -> Figure:
    """Return the curves; a dot marks the best epoch."""
    figure = Figure(figsize=(9, 4.8), layout="constrained")
    axes = figure.subplots()
    for run, color in zip(runs, COLORS * len(runs), strict=False):
        minutes, accuracies = curve(run)
        best = max(range(len(accuracies)), key=accuracies.__getitem__)
        name = f"{run.name}, best {accuracies[best]:.1f}%"
        axes.plot(minutes, accuracies, color=color, linewidth=1.6, label=name)
        axes.plot(minutes[best], accuracies[best], "o", color=color)
    axes.legend(loc="lower right", frameon=False)
    axes.set(
        xscale="log", ylim=(45, None), xlabel="training time (minutes)", ylabel="validation accuracy (%)"
    )
    axes.set_xticks([1, 2, 5, 10, 20, 60, 120], ["1", "2", "5", "10", "20", "60", "120"])
    axes.set_xlim(left=0.3, right=400)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def curve(run: Path) -> tuple[list[float], list[float]]:
    """Return the training time in minutes and the accuracy in percent after each epoch of a run."""
    history = run / "history.jsonl"
    rows = [json.loads(line) for line in history.read_text().splitlines()] if history.exists() else []
    if not rows:
        raise SystemExit(f"{run}: no epochs in its history; expected the folder of a trained run")
    typical = median(row["seconds"] for row in rows)
    minutes = [number * typical / 60 for number in range(1, len(rows) + 1)]
    return minutes, [100 * row["validation_accuracy"] for row in rows]


if __name__ == "__main__":
    main()
