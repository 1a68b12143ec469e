r"""Make a file of soft targets that ships with mien, from predictions that no network made of its own faces.

    mien stack out-of-fold/train.npz --data fer2013.csv --ferplus fer2013new.csv -o soft.npz
    python benchmarks/soft_targets.py soft.npz fer2013.csv \
        -o src/mien/training/soft_targets/shipped/fer2013-stacked.npz

Afterwards `distillation.predictions=fer2013-stacked` gives the same targets for the same pixels, rounded to
1/255 of the largest probability of a face; the largest difference is printed.
"""

import argparse
from pathlib import Path

import numpy as np

import mien
from mien.files.writing import write_bytes
from mien.predictions_file import read_predictions
from mien.training.soft_targets.shipped_targets import decode_targets, encode_targets


def main() -> None:
    """Write the file, and print how far its targets are from the predictions."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("predictions", type=Path)
    parser.add_argument("source")
    parser.add_argument("-o", "--output", type=Path, required=True)
    given = parser.parse_args()
    found = read_predictions(given.predictions)
    faces = mien.read_faces(given.source)
    position = {name: at for at, name in enumerate(faces.ids.tolist())}
    chosen = faces.take(np.array([position[name] for name in found.ids.tolist()]))
    content = encode_targets(chosen, found.probabilities, found.classes)
    write_bytes(given.output, content)
    kept = decode_targets(content)
    shipped = kept.probabilities[kept.positions(chosen.images)]
    difference = np.abs(shipped - found.probabilities).max()
    print(f"{given.output}: {len(kept.faces):,} different faces of {len(chosen):,}, {len(content):,} bytes")
    print(f"largest difference from the predictions: {difference:.4f}")


if __name__ == "__main__":
    main()
