"""Measure whether corrected labels help a linear classifier: a check of seconds before `corrections.py`.

    python benchmarks/corrections_linear.py fer2013.csv audit/audit.csv

A ridge regression on orientation histograms (8 orientations in cells of 6x6 pixels) is fitted to resamples of
the training split with the original labels, without the label errors of the audit, with the suggested labels,
and without as many faces at random. Accuracies on the validation split are paired by face and resample.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import mien
from mien.faceset import FaceSet
from mien.labels import TRAIN, VALIDATION

CELL, ORIENTATIONS, RESAMPLES = 6, 8, 10

Floats = NDArray[np.float32]


def histograms(images: NDArray[np.uint8]) -> Floats:
    """Return the square roots of orientation histograms, and a constant, float32 (n, d)."""
    count = images.shape[1] // CELL
    found = []
    for start in range(0, len(images), 256):
        levels = images[start : start + 256].astype(np.float32)
        down, right = np.zeros_like(levels), np.zeros_like(levels)
        down[:, 1:-1] = levels[:, 2:] - levels[:, :-2]
        right[:, :, 1:-1] = levels[:, :, 2:] - levels[:, :, :-2]
        angles = 2 * np.pi * np.arange(ORIENTATIONS, dtype=np.float32) / ORIENTATIONS
        along = [np.maximum(right * np.cos(angle) + down * np.sin(angle), 0) for angle in angles]
        cells = [one.reshape(len(one), count, CELL, count, CELL).sum((2, 4)) for one in along]
        grid = np.stack(cells, -1)
        light = grid.sum(-1, keepdims=True).mean((1, 2), keepdims=True)
        found.append(np.sqrt(grid / np.maximum(light, 1e-3)).reshape(len(levels), -1))
    return np.pad(np.concatenate(found), ((0, 0), (0, 1)), constant_values=1)


def corrected(faces: FaceSet, path: Path) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return the label errors that an audit lists, (n,), and the labels after its suggestions, (n,)."""
    place = {name: at for at, name in enumerate(faces.ids.tolist())}
    listed, labels = np.zeros(len(faces), bool), faces.labels.copy()
    with path.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["reason"] == "label error":
                listed[place[row["row"]]] = True
                if row["suggestion"] in faces.classes:
                    labels[place[row["row"]]] = faces.classes.index(row["suggestion"])
    return listed, labels


def main() -> None:
    """Print the accuracy of each arm, and its gain with an interval."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source")
    parser.add_argument("audit", type=Path)
    given = parser.parse_args()
    faces = mien.read_faces(given.source)
    listed, labels = corrected(faces, given.audit)
    inputs, classes = histograms(faces.images), np.eye(len(faces.classes), dtype=np.float32)
    training, tested = np.flatnonzero(faces.in_split(TRAIN)), np.flatnonzero(faces.in_split(VALIDATION))

    def correct(rows: NDArray[np.int64], of: NDArray[np.int64]) -> NDArray[np.bool_]:
        some = inputs[rows]
        products = some.T @ some
        products += 1e-4 * np.trace(products) / len(products) * np.eye(len(products), dtype=np.float32)
        weights = np.linalg.solve(products, some.T @ classes[of[rows]])
        return (inputs[tested] @ weights).argmax(1) == faces.labels[tested]

    arms: dict[str, list[NDArray[np.bool_]]] = {}
    for seed in range(RESAMPLES):
        rng = np.random.default_rng(seed)
        rows = rng.choice(training, len(training))
        fewer = rows[rng.random(len(rows)) > listed[training].mean()]
        for arm, chosen, of in (
            ("original", rows, faces.labels), ("exclude", rows[~listed[rows]], faces.labels),
            ("relabel", rows, labels), ("fewer at random", fewer, faces.labels),
        ):  # fmt: skip
            arms.setdefault(arm, []).append(correct(chosen, of))
    means = {arm: np.array(values).mean(0) for arm, values in arms.items()}
    rng = np.random.default_rng(0)
    for arm, mean in means.items():
        gain = mean - means["original"]
        resampled = [gain[rng.integers(0, len(gain), len(gain))].mean() for _ in range(1000)]
        low, high = 100 * np.quantile(resampled, (0.025, 0.975))
        print(f"{arm}: {mean.mean():.2%}, {100 * gain.mean():+.2f} points ({low:+.2f} to {high:+.2f})")


if __name__ == "__main__":
    main()
