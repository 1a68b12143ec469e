"""Whether tuning finds something: a study of `fast` at equal cost, and its winner against the recipe.

    python benchmarks/tuning.py fer2013.csv --rows 3000 --holdout 0.33 --epochs 9 --trials 20

The search space changes no cost: not the network, the batch size or the number of epochs. The study selects
on a part of the Training rows. Then the winner and the unchanged recipe are trained with other seeds, each on
Training rows of which a part selects the epoch, and scored on PublicTest, which selected nothing. The command
continues an interrupted study, and several processes may run it at once (the last one trains the seeds).
"""

import argparse
from pathlib import Path
from typing import Any, Final

import numpy as np
from filelock import FileLock, Timeout

import mien
from mien.faceset import FaceSet
from mien.labels import SPLITS, TEST, TRAIN, VALIDATION
from mien.tuning.progress import StudyProgress
from mien.tuning.trials import Trial

SPACE: Final[dict[str, Any]] = {
    "optimizer.lr": {"low": 0.02, "high": 0.4, "log": True},
    "optimizer.weight_decay": {"low": 1e-4, "high": 5e-3, "log": True},
    "schedule.pct_start": {"low": 0.05, "high": 0.4},
    "loss.label_smoothing": {"low": 0.0, "high": 0.25},
    "network.dense.0.dropout": {"low": 0.0, "high": 0.6},
    "augment.rotate": {"low": 0.0, "high": 24.0},
    "augment.shift": {"low": 0.0, "high": 0.16},
    "augment.scale": {"low": 0.0, "high": 0.24},
    "augment.contrast": {"low": 0.0, "high": 0.5},
    "train.ema_decay": [0.98, 0.99, 0.995, 0.998],
}


class Lines(StudyProgress):
    """Prints a line for each trial."""

    def on_trial_end(self, study: object, trial: Trial, best: Trial | None) -> None:  # noqa: ARG002
        """Print the result."""
        accuracy = "" if trial.accuracy is None else f"{100 * trial.accuracy:.2f} %"
        print(f"trial {trial.number}: {trial.state} after {trial.epochs} epochs, {accuracy}", flush=True)


def subset(faces: FaceSet, rows: int) -> FaceSet:
    """Return evenly spaced Training rows, and all PublicTest rows as the validation split."""
    training = np.flatnonzero(faces.in_split(TRAIN))
    chosen = training[np.linspace(0, len(training) - 1, min(rows, len(training))).round().astype(int)]
    return faces.take(np.concatenate([chosen, np.flatnonzero(faces.in_split(VALIDATION))]))


def scored(recipe: mien.Recipe, faces: FaceSet, out: Path, seed: int) -> float:
    """Train a recipe with a seed, unless that was done, and return its accuracy on PublicTest."""
    changes = {"data.validation": "holdout", "train.seed": seed}
    if out.exists():
        run = mien.Run(out, data=faces)
        run.resume(device="cpu")
    else:
        run = mien.train(recipe, data=faces, out=out, overrides=changes, device="cpu")
    return float(run.predictions(TEST, device="cpu").correct.mean())


def main() -> None:
    """Run the study, then the seeds."""
    options = _options()
    faces = subset(mien.read_faces(options.source), options.rows)
    counts = [int(faces.in_split(name).sum()) for name in SPLITS]
    print(f"{counts[0]} Training rows, {counts[1]} PublicTest rows", flush=True)
    changes = [f"train.epochs={options.epochs}", f"data.holdout={options.holdout}", *options.set]
    base = mien.read_recipe("fast", changes)
    study = mien.tune(
        base,
        data=faces,
        space=SPACE,
        out=options.output,
        trials=options.trials,
        progress=Lines(),
        device="cpu",
    )
    print(study, study.report(), sep="\n", flush=True)
    if any(one.state == "running" for one in study.trials):
        print("other processes still train; the last one goes on")
        return
    try:
        with FileLock(options.output / "check.lock", timeout=0):
            check(options, base, study, faces)
    except Timeout:
        print("another process trains the seeds")


def check(options: argparse.Namespace, base: mien.Recipe, study: mien.Study, faces: FaceSet) -> None:
    """Train the winner and the unchanged recipe with each seed, and print a Markdown table."""
    recipes = {"unchanged": base, "winner": study.best_recipe()}
    found: dict[str, list[float]] = {name: [] for name in recipes}
    for seed in options.seeds:
        for name, recipe in recipes.items():
            found[name].append(scored(recipe, faces, options.output / "check" / f"{name}-{seed}", seed))
            print(f"{name}, seed {seed}: {100 * found[name][-1]:.2f} %", flush=True)
    print("| recipe | PublicTest, one view | seeds |\n|---|---:|---|")
    for name, values in found.items():
        spread = np.std(values, ddof=min(1, len(values) - 1))
        each = ", ".join(f"{100 * one:.1f}" for one in values)
        print(f"| {name} | {100 * np.mean(values):.1f} ± {100 * spread:.1f} % | {each} |")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("source", type=Path, help="FER2013 with Training and PublicTest")
    parser.add_argument("--rows", type=int, default=28709, help="Training rows, evenly spaced")
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--holdout", type=float, default=0.1, help="part of the Training rows that selects")
    parser.add_argument("--set", nargs="*", default=(), help="other overrides of the recipe")
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--seeds", nargs="+", type=int, default=(1, 2, 3))
    parser.add_argument("-o", "--output", type=Path, default=Path("studies/fast"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
