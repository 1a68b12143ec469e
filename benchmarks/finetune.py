"""How accuracy grows with the number of faces in fine-tuning, against training from scratch.

    python benchmarks/finetune.py fer2013.csv --ferplus fer2013new.csv

Two tasks: FER2013's labels grouped into positive, neutral and negative; and FER+'s eight classes with
contempt (rows whose most voted class is unique and among the eight). Some faces of each class are drawn from
the Training rows, a fifth of which is held out to select the checkpoint; accuracy is measured on PublicTest
rows. The bundle `small` was trained on all Training rows, with seven classes, and its checkpoint was selected
on PublicTest: these figures show what its features are worth for other labels of such faces, not for faces of
another origin. Training from scratch uses the recipe `fast`, with 60 epochs; "small" is the
bundle itself without training, its probabilities added by group.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

import mien
from mien.bundles.reading import read_bundle
from mien.exporting.verification import run_graph
from mien.faceset import FaceSet
from mien.labels import EMOTIONS, SPLITS, TEST, TRAIN, UNLABELED, VALIDATION

GROUPS: Final = {
    "angry": "negative", "disgust": "negative", "fear": "negative", "sad": "negative",
    "happy": "positive", "surprise": "positive", "neutral": "neutral",
}  # fmt: skip
FERPLUS: Final = ("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear", "contempt")
"""The first eight columns of `fer2013new.csv`; the others are unknown and not a face."""

SCRATCH: Final = ("train.epochs=60", "train.batch_size=32", "data.holdout=0.2", "train.monitor=loss")
"""Changes of `fast`, which few faces would give one batch an epoch."""

ADAMW: Final = (*SCRATCH, "optimizer={kind: adamw, lr: 1.0e-3, weight_decay: 0.02}")
"""The same with another optimizer; with that of `fast`, an early epoch may have the lowest loss."""

METHODS: Final = ("finetune", "scratch", "scratch-adamw", "small")


class Result(NamedTuple):
    """Scores of one training on the test rows."""

    accuracy: float
    balanced: float
    seconds: float


def three_groups(faces: FaceSet) -> FaceSet:
    """Return the faces with the labels positive, neutral and negative."""
    classes = ("positive", "neutral", "negative")
    table = np.array([classes.index(GROUPS[name]) for name in faces.classes])
    labels = np.where(faces.labels == UNLABELED, UNLABELED, table[faces.labels])
    return relabeled(faces, labels, classes)


def eight_classes(faces: FaceSet) -> FaceSet:
    """Return the faces with the label that most voters of FER+ gave, without ties, unknown and non-faces."""
    if faces.votes is None:
        raise SystemExit("give --ferplus fer2013new.csv")
    votes = np.asarray(faces.votes)
    top = votes.argmax(1)
    unique = (votes == votes.max(1, keepdims=True)).sum(1) == 1
    labels = np.where(unique & (top < len(FERPLUS)), top, UNLABELED)
    return relabeled(faces, labels, FERPLUS)


def relabeled(faces: FaceSet, labels: NDArray[np.int64], classes: Sequence[str]) -> FaceSet:
    """Return labeled faces with other classes."""
    kept = labels != UNLABELED
    return FaceSet(
        images=faces.images[kept], labels=labels[kept], splits=faces.splits[kept], ids=faces.ids[kept],
        classes=tuple(classes), source=faces.source,
    )  # fmt: skip


def drawn(faces: FaceSet, count: int, seed: int, rows: int) -> FaceSet:
    """Return at most `count` Training rows of each class, and `rows` PublicTest rows as the test split."""
    rng = np.random.default_rng(seed)
    training = np.flatnonzero(faces.in_split(TRAIN))
    test = np.flatnonzero(faces.in_split(VALIDATION))
    test = test[np.linspace(0, len(test) - 1, min(rows, len(test))).astype(int)]
    chosen = [
        rng.permutation(training[faces.labels[training] == label])[:count]
        for label in range(len(faces.classes))
    ]
    some = faces.take(np.concatenate([*chosen, test]))
    splits = np.where(some.in_split(TRAIN), SPLITS.index(TRAIN), SPLITS.index(TEST))
    return replace(some, splits=splits.astype(some.splits.dtype))


def trained(faces: FaceSet, recipe: str, changes: Sequence[str]) -> Result:
    """Train on `faces`, and score the best epoch on their test split."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        run = mien.train(recipe, data=faces, out=Path(folder) / "run", overrides=changes, device="cpu")
        seconds = time.process_time() - began
        found = run.predictions(TEST)
    recalls = [found.correct[found.labels == label].mean() for label in np.unique(found.labels)]
    return Result(float(found.correct.mean()), float(np.mean(recalls)), seconds)


def regrouped(faces: FaceSet) -> Result:
    """Score `small` itself on the test split, the probabilities of its classes added by group."""
    test = faces.of_split(TEST)
    found = run_graph(read_bundle("small").content, test.images).probabilities
    groups = [GROUPS[name] if "positive" in faces.classes else name for name in EMOTIONS]
    member = np.array([[group == name for name in faces.classes] for group in groups], np.float32)
    correct = (found @ member).argmax(1) == test.labels
    recalls = [correct[test.labels == label].mean() for label in np.unique(test.labels)]
    return Result(float(correct.mean()), float(np.mean(recalls)), 0.0)


def main() -> None:
    """Print a CSV line for each training, then a Markdown table of means and standard deviations."""
    options = _options()
    faces = mien.read_faces(options.source, ferplus=options.ferplus)
    labeled = {"three": three_groups, "eight": eight_classes}
    plans = {"finetune": ("finetune", ()), "scratch": ("fast", SCRATCH), "scratch-adamw": ("fast", ADAMW)}
    found: dict[tuple[str, int, str], list[Result]] = {}
    for seed, task, count, method in product(options.seeds, options.tasks, options.counts, options.methods):
        some = drawn(labeled[task](faces), count, seed, options.rows)
        if method == "small":
            result = regrouped(some)
        else:
            recipe, changes = plans[method]
            result = trained(some, recipe, [*changes, f"train.seed={seed}", *options.set])
        found.setdefault((task, count, method), []).append(result)
        print(f"{task},{count},{method},{seed},{','.join(f'{one:.4f}' for one in result)}", flush=True)
    print(
        "| task | faces of each class | method | accuracy | mean recall | CPU time |\n"
        "|---|---:|---|---:|---:|---:|"
    )
    print("\n".join(_row(*key, results) for key, results in found.items()))


def _row(task: str, count: int, method: str, found: Sequence[Result]) -> str:
    accuracy, balanced, seconds = np.array(found).T
    spread = [
        f"{100 * one.mean():.1f} ± {100 * one.std(ddof=min(1, len(one) - 1)):.1f} %"
        for one in (accuracy, balanced)
    ]
    return f"| {task} | {count} | {method} | {' | '.join(spread)} | {seconds.mean():.0f} s |"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("source", type=Path, help="an edition of FER2013 with its three splits")
    parser.add_argument("--ferplus", type=Path, help="fer2013new.csv, for the eight classes")
    parser.add_argument("--tasks", nargs="+", choices=("three", "eight"), default=("three", "eight"))
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS)
    parser.add_argument(
        "--counts", nargs="+", type=int, default=(20, 50, 100, 200), help="faces of each class"
    )
    parser.add_argument("--seeds", nargs="+", type=int, default=(0, 1, 2))
    parser.add_argument("--rows", type=int, default=3589, help="PublicTest rows, evenly spaced")
    parser.add_argument("--set", nargs="*", default=(), help="overrides of the recipe")
    return parser.parse_args()


if __name__ == "__main__":
    main()
