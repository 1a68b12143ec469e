"""How faithful the methods of `mien explain` are, and what they take: `python benchmarks/explain.py DATA`.

For faces of the validation split, evenly spaced: the areas under the deletion and insertion curves, those of
random smooth maps, the rank correlation with the maps of randomized weights, and the CPU time of a face.
"""

import argparse
import time

import numpy as np

import mien
from mien.explanation.base import Model
from mien.explanation.bundles import model_of_bundle
from mien.explanation.checks import check_maps
from mien.explanation.registry import METHODS


def main() -> None:
    """Print a row for each method."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data")
    parser.add_argument("--bundles", nargs="*", default=["small"])
    parser.add_argument("--runs", nargs="*", default=[])
    parser.add_argument("--faces", type=int, default=42)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    models = [model_of_bundle(mien.read_bundle(name), threads=options.threads) for name in options.bundles]
    if options.runs:
        from mien.explanation.networks import model_of_run

        models += [model_of_run(mien.Run(path), "cpu") for path in options.runs]
    faces = mien.read_faces(options.data).of_split("validation").images
    faces = faces[np.linspace(0, len(faces) - 1, options.faces).round().astype(int)]
    print("| model | method | deletion (random) | insertion (random) | randomized | CPU s per face |")
    print("|---|---|---|---|---|---|")
    for model in models:
        for name in METHODS.builtins:
            print_row(model, name, faces)


def print_row(model: Model, name: str, faces: np.ndarray) -> None:
    """Print the checks of a method, unless it needs a network that the model doesn't have."""
    method = METHODS.get(name)()
    if method.needs_network and model.network is None:
        return
    targets = model.predict(faces).argmax(axis=1)
    began = time.process_time()
    maps = method(model, faces, targets[:, None])[:, 0]
    seconds = (time.process_time() - began) / len(faces)
    found = check_maps(model, method, faces, targets, maps)
    print(
        f"| {model.name} | {name} | {found.deletion:.3f} ({found.random_deletion:.3f}) | "
        f"{found.insertion:.3f} ({found.random_insertion:.3f}) | {found.randomized:+.2f} | {seconds:.2f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
