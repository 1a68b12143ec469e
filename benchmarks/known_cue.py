"""Whether the methods of `mien explain` find a cue that is known.

    python benchmarks/known_cue.py [--size 48] [--channels 1] [--faces 20]

Synthetic faces of two classes differ only by a dark square at a random place. A run of `fast` is trained on
720 of them for six epochs. For other faces with a square, the table has how many of the maps of the class of
the square have their strongest pixel in it, and how many in it or next to it, at most its side away.
"""

import argparse
import tempfile

import numpy as np
from numpy.typing import NDArray

import mien
from mien.data.synthetic import generate_faces
from mien.explanation.networks import model_of_run
from mien.explanation.registry import METHODS
from mien.faceset import FaceSet
from mien.labels import SPLITS, TRAIN, VALIDATION

TRAINED, VALIDATED = 720, 200
SQUARE = 8
"""Side of a face in sides of the square."""

Places = NDArray[np.int64]


def main() -> None:
    """Train a run and print a row for each method."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=48)
    parser.add_argument("--channels", type=int, choices=(1, 3), default=1)
    parser.add_argument("--faces", type=int, default=20)
    options = parser.parse_args()
    faces, places = marked_faces(options.size, options.channels)
    overrides = {"data.size": options.size, "data.channels": options.channels, "train.epochs": 6}
    with tempfile.TemporaryDirectory() as folder:
        run = mien.train("fast", data=faces, out=f"{folder}/run", overrides=overrides)
        model = model_of_run(run, "cpu")
    shown = np.flatnonzero((np.arange(len(faces)) >= TRAINED) & (faces.labels == 1))[: options.faces]
    images, places = faces.images[shown], places[shown]
    correct = int(model.predict(images).argmax(axis=1).sum())
    print(f"{correct} of {len(images)} are classified correctly.\n")
    print("| method | in the square | in it or next to it |\n|---|---:|---:|")
    for name in METHODS.builtins:
        maps = METHODS.get(name)()(model, images, np.ones((len(images), 1), np.int64))[:, 0]
        distances = distances_to(places, options.size // SQUARE, maps)
        cells = [int((distances <= limit).sum()) for limit in (0, options.size // SQUARE)]
        print(f"| `{name}` | {cells[0]} | {cells[1]} |", flush=True)


def marked_faces(size: int, channels: int) -> tuple[FaceSet, Places]:
    """Return faces, every second with a square, and the top and left of the squares, (n, 2)."""
    drawn = generate_faces(TRAINED + VALIDATED, size=size, channels=channels)
    images, labels = drawn.images.copy(), np.arange(len(drawn)) % 2
    side = size // SQUARE
    places = np.random.default_rng(0).integers(side, size - 2 * side, (len(drawn), 2))
    for at in np.flatnonzero(labels):
        top, left = places[at]
        images[at, top : top + side, left : left + side] = 0
    is_trained = np.arange(len(drawn)) < TRAINED
    splits = np.where(is_trained, SPLITS.index(TRAIN), SPLITS.index(VALIDATION)).astype(np.uint8)
    return FaceSet(images, labels, splits, drawn.ids, ("plain", "square")), places


def distances_to(places: Places, side: int, maps: NDArray[np.float32]) -> Places:
    """Return how far the strongest pixel of each map is from its square, in rows or columns; 0 is inside."""
    strongest = np.stack(np.unravel_index(maps.reshape(len(maps), -1).argmax(axis=1), maps.shape[1:]), axis=1)
    beyond: Places = np.maximum(places - strongest, strongest - (places + side - 1)).clip(0).max(axis=1)
    return beyond


if __name__ == "__main__":
    main()
