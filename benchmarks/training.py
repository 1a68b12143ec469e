"""Training speed of each recipe on this machine, with and without what mien sets for it.

    python benchmarks/training.py [RECIPE ...]
    python benchmarks/training.py --openmp [RECIPE ...]

The first prints a Markdown table: faces per second of complete training steps (batch preparation, forward,
backward, optimizer), each in its own process, and the seconds of an epoch of 28,709 faces. The baselines are
the same step with the default settings of glibc's allocator, and with torch's convolutions.

The second compares settings of OpenMP, whose threads spin while they wait: faces per second of training steps
and of inference in torch, as in evaluation, with the machine to itself and beside a process that occupies one
core. The rows are interleaved over several rounds, and the median is printed. Nothing else may run meanwhile.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext

FACES = 28_709
SECONDS = 10
WARM_UP = 3

OPENMP: Mapping[str, Mapping[str, str]] = {
    "default": {},
    "GOMP_SPINCOUNT=0": {"GOMP_SPINCOUNT": "0"},
    "GOMP_SPINCOUNT=100": {"GOMP_SPINCOUNT": "100"},
    "GOMP_SPINCOUNT=1000": {"GOMP_SPINCOUNT": "1000"},
    "GOMP_SPINCOUNT=10000": {"GOMP_SPINCOUNT": "10000"},
    "OMP_WAIT_POLICY=passive": {"OMP_WAIT_POLICY": "passive"},
    "OMP_NUM_THREADS=1": {"OMP_NUM_THREADS": "1"},
}
"""Environment of each setting."""

BASELINES = ("allocator", "convolutions")
"""What a baseline leaves as glibc and torch have it."""

OPENMP_SECONDS = 4
ROUNDS = 3


def main(names: list[str]) -> None:
    """Print one row per recipe."""
    from mien.config import list_recipes

    print("| recipe | precision | faces/s | epoch | default allocator | ratio | torch convolutions | ratio |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for name in names or [name for name in list_recipes() if name != "demo"]:
        precision, speed = measure(name)
        slower = [measure(name, baseline)[1] for baseline in BASELINES]
        cells = " | ".join(f"{slow:,.0f} faces/s | {speed / slow:.2f}" for slow in slower)
        print(f"| {name} | {precision} | {speed:,.0f} | {FACES / speed:.0f} s | {cells} |", flush=True)


def compare_openmp(names: list[str]) -> None:
    """Print one row per setting of OpenMP for each recipe."""
    print("| recipe | setting | training, alone | beside one | inference, alone | beside one |")
    print("|---|---|---:|---:|---:|---:|")
    for name in names or ["fast"]:
        found: dict[str, list[list[float]]] = {setting: [] for setting in OPENMP}
        for _ in range(ROUNDS):
            for setting, environment in OPENMP.items():
                found[setting].append(_alone_and_beside(name, environment))
        for setting, rounds in found.items():
            cells = " | ".join(f"{statistics.median(column):,.0f}" for column in zip(*rounds, strict=True))
            print(f"| {name} | {setting} | {cells} |", flush=True)


def _alone_and_beside(name: str, environment: Mapping[str, str]) -> list[float]:
    """Return faces per second of training alone and beside a busy process, and of inference likewise."""
    speeds = []
    for task in ("train", "infer"):
        speeds.append(_speed(task, name, environment))
        with _busy_process():
            speeds.append(_speed(task, name, environment))
    return speeds


def _speed(task: str, name: str, environment: Mapping[str, str]) -> float:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("OMP_", "GOMP_"))}
    words = [sys.executable, __file__, "--one-openmp", task, name]
    done = subprocess.run(words, check=True, capture_output=True, text=True, env=kept | environment)
    return float(done.stdout)


@contextmanager
def _busy_process() -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def measure(name: str, baseline: str = "") -> tuple[str, float]:
    """Measure one recipe in its own process, since the allocator's options can't be reset.

    Returns:
        Precision, and faces per second.
    """
    words = [sys.executable, __file__, "--one", name, baseline]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    precision, speed = json.loads(done.stdout)
    return precision, speed


def measure_here(name: str, baseline: str) -> tuple[str, float]:
    """Measure one recipe in this process."""
    from mien.training import learner
    from mien.training.memory import keep_freed_memory

    if baseline == "convolutions":
        learner.FastConvolutions = nullcontext
    if baseline != "allocator":
        keep_freed_memory()
    steps, batch_size, precision = training_steps(name)
    return precision, batch_size * steps_per_second(steps, SECONDS)


def training_steps(name: str) -> tuple[Iterator[object], int, str]:
    """Return the training steps of a recipe, its batch size and its precision."""
    import numpy as np
    import torch

    from mien.config import read_recipe
    from mien.faceset import FaceSet
    from mien.models import build_network
    from mien.training.batches import batches, training_faces
    from mien.training.devices import choose_device, choose_precision, make_fabric
    from mien.training.learner import Learner

    torch.set_flush_denormal(True)
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
    return steps, recipe.train.batch_size, precision


def inference_steps(name: str) -> tuple[Iterator[object], int]:
    """Return the forward passes of the network of a recipe, and the faces of each."""
    import torch

    from mien.config import read_recipe
    from mien.models import build_network

    network = build_network(read_recipe(name).network, 7).eval()
    faces = torch.zeros(256, 1, 48, 48)

    def steps() -> Iterator[object]:
        with torch.inference_mode():
            while True:
                yield network(faces)

    return steps(), len(faces)


def steps_per_second(steps: Iterator[object], seconds: float) -> float:
    """Consume steps for some time."""
    for _ in range(WARM_UP):
        next(steps)
    started, done = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        next(steps)
        done += 1
    return done / (time.perf_counter() - started)


def measure_openmp_here(task: str, name: str) -> float:
    """Return the faces per second of one task in this process, whose environment is the setting."""
    import torch  # before mien, which would set its own default

    from mien.training.memory import keep_freed_memory

    del torch
    keep_freed_memory()
    steps, faces = training_steps(name)[:2] if task == "train" else inference_steps(name)
    return faces * steps_per_second(steps, OPENMP_SECONDS)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure_here(*sys.argv[2:4])))
    elif sys.argv[1:2] == ["--one-openmp"]:
        print(measure_openmp_here(*sys.argv[2:4]))
    else:
        parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
        parser.add_argument("recipes", nargs="*", metavar="RECIPE", help="names of `mien recipes`")
        parser.add_argument("--openmp", action="store_true", help="compare settings of OpenMP")
        chosen = parser.parse_args()
        (compare_openmp if chosen.openmp else main)(chosen.recipes)
