"""Training from a memory-mapped cache compared with training in memory: speed and peak memory.

    python benchmarks/beyond_memory.py --faces 1000000 --memory 1 --folder /tmp/faces

The faces are synthetic and written to arrays of numpy once. Each training is a process of its own. Speeds are
faces per second of CPU time, which other processes on the machine disturb less than the time of a clock. Peak
memory is the resident set that the kernel reports (VmHWM), files that are mapped included. With --cap the
process of the mapped training is limited to so many gigabytes by a memory control group, or without the
permission to make one, by RLIMIT_DATA.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

DRAWN = 21_000
"""Faces that are drawn; further ones are these, mirrored, moved and brightened at random, which is faster."""

RECIPE = {
    "network": {"kind": "plain", "stages": [{"channels": 8}, {"channels": 16}], "dense": [{"units": 16}]},
    "optimizer": {"kind": "sgd", "lr": 0.05},
    "augment": {"rotate": 10},
    "train": {"epochs": 1, "batch_size": 256, "precision": "float32"},
}
"""A network so small that reading faces is a large part of the time."""


def write_faces(folder: Path, count: int) -> None:
    """Write `count` synthetic faces as images.npy, labels.npy and splits.npy."""
    from mien.data.synthetic import generate_faces

    folder.mkdir(parents=True, exist_ok=True)
    drawn = generate_faces(min(count, DRAWN))
    images = np.lib.format.open_memmap(folder / "images.npy", "w+", np.uint8, (count, 48, 48))
    rng = np.random.default_rng(0)
    for start in range(0, count, len(drawn)):
        part = slice(start, min(start + len(drawn), count))
        images[part] = varied(drawn.images[: part.stop - start], rng) if start else drawn.images
    images.flush()
    labels, splits = (np.resize(values, count) for values in (drawn.labels, drawn.splits))
    np.save(folder / "labels.npy", labels)
    np.save(folder / "splits.npy", splits)


def varied(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return images that are mirrored, moved by up to three pixels, and brightened, each in its own way."""
    step = np.where(rng.random(len(images)) < 0.5, -1, 1)
    columns = (np.arange(48) * step[:, None] + rng.integers(-3, 4, (len(images), 1))) % 48
    moved = np.take_along_axis(images, columns[:, None, :], axis=2)
    return np.clip(moved.astype(np.int16) + rng.integers(-25, 26, (len(images), 1, 1)), 0, 255).astype(
        np.uint8
    )


def train(folder: Path, out: Path, memory: float | None, epochs: int) -> None:
    """Train in this process, and print what it took as JSON."""
    import mien

    reading, clock = time.process_time(), time.perf_counter()
    overrides = {"data.memory": memory, "train.epochs": epochs}
    measured: dict[str, float] = {}

    class Clock(mien.Callback):
        def on_train_start(self, status: object) -> None:  # noqa: ARG002
            measured["preparation"] = time.process_time() - reading
            measured["peak_before"] = peak()

        def on_epoch_start(self, status: object) -> None:  # noqa: ARG002
            self.started = time.process_time()

        def on_batch_end(self, status: object, batch: object) -> None:  # noqa: ARG002
            measured["faces"] = batch.faces  # type: ignore[attr-defined]
            measured["seconds"] = time.process_time() - self.started

    run = mien.train(RECIPE, data=folder, out=out, overrides=overrides, callbacks=[Clock()], device="cpu")
    measured["speed"] = measured["faces"] / measured["seconds"]
    measured |= {"peak": peak(), "wall": time.perf_counter() - clock}
    measured["loss"] = run.history[-1].train_loss
    print(json.dumps(measured))


def peak() -> float:
    """Return the largest resident set of this process so far, in GB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e9


def capped(limit: float | None) -> str:
    """Limit the memory of this process; return how."""
    if limit is None:
        return "no limit"
    size = int(limit * 1e9)
    group = Path(f"/sys/fs/cgroup/memory/mien-{os.getpid()}")
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(size))
        (group / "cgroup.procs").write_text(str(os.getpid()))
    except OSError:
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))
        return f"RLIMIT_DATA {limit} GB"
    return f"control group {limit} GB"


def measure(folder: Path, name: str, options: list[str]) -> dict[str, float]:
    """Return what a training in a process of its own took."""
    words = [sys.executable, __file__, "--folder", str(folder), "--train", name, *options]
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    for group in Path("/sys/fs/cgroup/memory").glob("mien-*"):
        group.rmdir()
    if result.returncode:
        raise SystemExit(f"{name}: exit code {result.returncode}\n{result.stderr[-2000:]}")
    found: dict[str, float] = json.loads(result.stdout.splitlines()[-1])
    print(
        name,
        result.stderr.strip().splitlines()[-1:],
        json.dumps({key: round(value, 2) for key, value in found.items()}),
    )
    return found


def main() -> None:
    """Compare the two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", type=int, default=100_000)
    parser.add_argument("--memory", type=float, help="gigabytes of faces in memory")
    parser.add_argument("--cap", type=float, help="gigabytes of the process of the mapped training")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--train", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.train:
        print(capped(given.cap), file=sys.stderr)
        train(
            given.folder,
            given.folder.parent / f"{given.folder.name}-{given.train}",
            given.memory,
            given.epochs,
        )
        return
    if not (given.folder / "splits.npy").exists():
        write_faces(given.folder, given.faces)
    memory = given.memory or 0.4 * given.faces * 0.8 * 48 * 48 / 1e9
    common = ["--epochs", str(given.epochs)]
    mapped = ["--memory", str(memory), *(["--cap", str(given.cap)] if given.cap else [])]
    ratios = []
    for number in range(given.rounds):
        kept = measure(given.folder, f"kept{number}", common)
        blocks = measure(given.folder, f"mapped{number}", [*common, *mapped])
        ratios.append(blocks["speed"] / kept["speed"])
    print(
        f"mapped / in memory: {np.median(ratios):.3f} (each: {', '.join(f'{ratio:.3f}' for ratio in ratios)})"
    )


if __name__ == "__main__":
    main()
