"""Training speed of each recipe on this machine, with and without keeping freed memory.

    python benchmarks/training.py [RECIPE ...]

Prints a Markdown table: faces per second of complete training steps (batch preparation, forward, backward,
optimizer), each in its own process, and the seconds of an epoch of 28,709 faces. The baseline is the
same step with the default settings of glibc's allocator.
"""

import json
import subprocess
import sys
import time

FACES = 28_709
SECONDS = 10
WARM_UP = 3


def main(names: list[str]) -> None:
    """Print one row per recipe."""
    from mien.config import list_recipes

    print("| recipe | precision | faces/s | epoch | default allocator | ratio |")
    print("|---|---|---:|---:|---:|---:|")
    for name in names or [name for name in list_recipes() if name != "demo"]:
        kept, default = (measure(name, keep) for keep in (True, False))
        speed, slow = kept["faces_per_second"], default["faces_per_second"]
        print(
            f"| {name} | {kept['precision']} | {speed:,.0f} | {FACES / speed:.0f} s "
            f"| {slow:,.0f} faces/s | {speed / slow:.2f} |",
            flush=True,
        )


def measure(name: str, keep: bool) -> dict[str, float | str]:
    """Measure one recipe in its own process, since the allocator's options can't be reset."""
    words = [sys.executable, __file__, "--one", name, str(int(keep))]
    return json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def measure_here(name: str, keep: bool) -> dict[str, float | str]:
    """Measure one recipe in this process."""
    import numpy as np
    import torch

    from mien.config import read_recipe
    from mien.faceset import FaceSet
    from mien.models import build_network
    from mien.training.batches import batches, training_faces
    from mien.training.devices import choose_device, choose_precision, make_fabric
    from mien.training.learner import Learner
    from mien.training.memory import keep_freed_memory

    torch.set_flush_denormal(True)
    if keep:
        keep_freed_memory()
    recipe, device, count = read_recipe(name), choose_device("cpu"), 8192
    images = np.random.default_rng(0).integers(0, 256, (count, 48, 48), dtype=np.uint8)
    ids, splits = np.arange(count).astype(np.str_), np.zeros(count, np.uint8)
    faces = training_faces(FaceSet(images, np.arange(count) % 7, splits, ids), recipe, device)
    precision = choose_precision(recipe.train.precision, device)
    network = build_network(recipe.network, 7)
    learner = Learner(network, recipe, faces.weights, make_fabric(device, precision))
    learner.train()
    steps = (
        learner.step(*batch, 1e-4) for _ in range(100) for batch in batches(faces, recipe, torch.Generator())
    )
    for _ in range(WARM_UP):
        next(steps)
    started, done = time.perf_counter(), 0
    while time.perf_counter() - started < SECONDS:
        next(steps)
        done += 1
    speed = done * recipe.train.batch_size / (time.perf_counter() - started)
    return {"faces_per_second": speed, "precision": precision}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure_here(sys.argv[2], sys.argv[3] == "1")))
    else:
        main(sys.argv[1:])
