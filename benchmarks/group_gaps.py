"""How often `mien evaluate --groups` reports a gap where there is none, and where there is one.

    python benchmarks/group_gaps.py [--evaluations 100]

Simulated predictions of seven classes are calibrated. Without a gap, each evaluation has 300 or 1,200 faces
and one to three columns of two to eight groups of unequal sizes. With a gap, its faces are in two halves, in
one of which the accuracy is 5, 10 or 20 points lower. An evaluation reports a gap if the corrected p-value of
any of them is below 0.05.
"""

import argparse

import numpy as np
from numpy.typing import NDArray

import mien
from mien.labels import EMOTIONS

SPREAD = 2.0
"""Standard deviation of the logits, which makes an accuracy of about 70 %."""


def main() -> None:
    """Print a row for each kind of evaluation."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--evaluations", type=int, default=100)
    count = parser.parse_args().evaluations
    print("| evaluations | faces | any gap | in accuracy |\n|---|---:|---:|---:|")
    for faces in (300, 1200):
        for gap in (0.0, 0.05, 0.1, 0.2):
            found = np.array([reported(faces, gap, seed) for seed in range(count)])
            kind = f"a gap of {100 * gap:.0f} points" if gap else "no gap"
            cells = " | ".join(f"{number} of {count}" for number in found.sum(axis=0))
            print(f"| {kind} | {faces:,} | {cells} |", flush=True)


def reported(faces: int, gap: float, seed: int) -> tuple[bool, bool]:
    """Return whether an evaluation reports any gap, and one in accuracy."""
    random = np.random.default_rng([seed, faces, round(100 * gap)])
    if gap:
        halves = np.arange(faces) % 2
        predictions, groups = simulated(random, faces, gap * halves), {"half": halves.astype(str).tolist()}
    else:
        predictions = simulated(random, faces, np.zeros(faces))
        groups = {
            f"column {number}": unequal_groups(random, faces) for number in range(random.integers(1, 4))
        }
    found = mien.evaluate_groups(predictions, groups)
    gaps = [one for attribute in found.attributes for one in attribute.gaps if one.is_significant]
    return bool(gaps), any(one.metric == "accuracy" for one in gaps)


def simulated(random: np.random.Generator, faces: int, loss: NDArray[np.floating]) -> mien.Predictions:
    """Return predictions whose accuracy is lower by `loss`, (n,), than that of calibrated ones."""
    logits = random.normal(0, SPREAD, (faces, len(EMOTIONS)))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (probabilities.cumsum(axis=1) > random.random((faces, 1))).argmax(axis=1)
    accuracy = probabilities.max(axis=1).mean()
    is_lost = (labels == probabilities.argmax(axis=1)) & (random.random(faces) < loss / accuracy)
    labels[is_lost] = (labels[is_lost] + random.integers(1, len(EMOTIONS), is_lost.sum())) % len(EMOTIONS)
    return mien.Predictions(
        probabilities.astype(np.float32), labels, np.arange(faces).astype(np.str_), EMOTIONS, "simulated"
    )


def unequal_groups(random: np.random.Generator, faces: int) -> list[str]:
    """Return the groups of a column, two to eight of unequal sizes."""
    shares = random.dirichlet(np.ones(random.integers(2, 9)))
    drawn: list[str] = random.choice(len(shares), faces, p=shares).astype(str).tolist()
    return drawn


if __name__ == "__main__":
    main()
