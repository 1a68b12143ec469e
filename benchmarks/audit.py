"""Measure the audit: plant label errors, duplicates and non-faces in a copy of a data set, and look for them.

    python benchmarks/audit.py fer2013.csv -o /tmp/planted --folds 5
    python benchmarks/audit.py fer2013.csv -o /tmp/planted              # without label errors
    python benchmarks/audit.py fer2013.csv -o /tmp/planted --predictions train.npz

Predictions are of `mien.out_of_fold` for the data set as it was: each face is still judged by a network that
was not trained on it, but those networks saw none of the planted labels of other faces. A bundle
(--predictions small) judges the planted copy itself.

It prints, for each kind of planted row, the share that is reported for each reason, and for each reason the
share of reported rows that was planted: a lower bound of the precision, as the data set has defects of its
own. What is planted: `planted.py`. A kind may be found for another reason: a gradient is blurred, too.
"""

import argparse
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
from planted import Planted, plant

import mien
from mien.auditing.audit import Audit
from mien.labels import UNLABELED
from mien.predictions import Predictions
from mien.predictions_file import read_predictions


def main() -> None:
    """Plant, audit, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--folds", type=int)
    parser.add_argument("--predictions")
    parser.add_argument("--ferplus")
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--copies", type=int, default=150, help="copies of each kind")
    parser.add_argument("--defects", type=int, default=60, help="other images of each kind")
    given = parser.parse_args()
    source = mien.read_faces(given.source, ferplus=given.ferplus)
    planted = plant(source, given.seed, each=given.copies, defects=given.defects)
    found = mien.audit(
        planted.faces, out=given.output, folds=given.folds, predictions=_predictions(given.predictions),
        overrides=given.overrides, step=print,
    )  # fmt: skip
    report(planted, found)


def _predictions(given: str | None) -> Predictions | str | None:
    """Return predictions without the labels of the data set as it was."""
    if given is None or not given.endswith(".npz"):
        return given
    found = read_predictions(given)
    return replace(found, labels=np.full(len(found.labels), UNLABELED))


def report(planted: Planted, found: Audit) -> None:
    """Print recall by kind, precision by reason, and the agreement with FER+."""
    reasons: dict[int, set[str]] = {}
    for one in found.findings:
        reasons.setdefault(one.position, set()).add(one.reason)
    for kind in sorted(set(planted.kind.tolist()) - {""}):
        rows = np.flatnonzero(planted.kind == kind)
        counts = Counter(reason for row in rows.tolist() for reason in reasons.get(row, ()))
        shares = ", ".join(f"{reason} {count / len(rows):.1%}" for reason, count in counts.most_common())
        print(f"{kind} ({len(rows)}): {shares or 'not found'}")
    for reason, count in found.counts.items():
        rows = [row for row, words in reasons.items() if reason in words]
        share = np.mean(planted.kind[rows] != "")
        print(f"{reason}: {count} reported, {share:.1%} of them planted")
    if found.labels is not None:
        print(f"accuracy of the predictions {found.labels.accuracy:.1%}")
        print(f"agreement with FER+: {found.agreement}")


if __name__ == "__main__":
    main()
