"""Measure whether training without doubtful labels, or with corrected ones, helps on untouched faces.

    python benchmarks/corrections.py fer2013.csv audit/audit.csv -o /tmp/corrections --seeds 0 1 2

The checkpoint is selected on a part of the training split (`data.validation: holdout`), so PublicTest,
which joins the test split, is untouched: neither trained on, nor selected with, nor corrected. Only use it
with a copy without PrivateTest. For each seed, the recipe is trained with the original labels, without the
doubtful faces, with the suggested labels, and with both. Accuracies are compared with those of the original
labels, paired by face and seed.
"""

import argparse
from pathlib import Path

import numpy as np

import mien
from mien.metrics import paired_difference

ARMS = {"original": (), "exclude": ("exclude",), "relabel": ("relabel",), "both": ("exclude", "relabel")}


def main() -> None:
    """Train all arms and seeds that are not there yet, and print the differences."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source")
    parser.add_argument("audit", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--recipe", default="fast")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    given = parser.parse_args()
    correct = {arm: [] for arm in ARMS}
    for seed in given.seeds:
        for arm, keys in ARMS.items():
            run = trained(given, arm, keys, seed)
            correct[arm].append(run.predictions("test", tta=run.recipe.train.report_tta).correct)
            print(f"{arm}, seed {seed}: {correct[arm][-1].mean():.2%}", flush=True)
    base = np.concatenate(correct["original"])
    for arm in list(ARMS)[1:]:
        gain, low, high = paired_difference(base, np.concatenate(correct[arm]))
        print(
            f"{arm}: {100 * gain:+.2f} points ({100 * low:+.2f} to {100 * high:+.2f}, bootstrap over faces)"
        )


def trained(given: argparse.Namespace, arm: str, keys: tuple[str, ...], seed: int) -> mien.Run:
    """Return the run of an arm and a seed, trained or continued."""
    out = given.output / f"{arm}-{seed}"
    if (out / "run.json").exists():
        return mien.resume(out)
    overrides = [*given.overrides, "data.validation=holdout", f"train.seed={seed}"]
    overrides += [f"data.{key}={given.audit}" for key in keys]
    return mien.train(given.recipe, data=given.source, out=out, overrides=overrides)


if __name__ == "__main__":
    main()
