"""Shards whose processes are killed at random times, resumed and merged, compared with one plain run.

    python benchmarks/shards.py --make 50000 FOLDER
    python benchmarks/shards.py FOLDER [--shards 5] [--every 40] [--detector whole] [-o OUT]

`--make` writes small JPEG files (128x96 pixels, one or two synthetic faces). The second command runs
`mien predict` once, then each shard in turn with `--resume`; it ends each process of a shard with SIGKILL
after a random time around `--every` seconds, three times at most. All four formats are written at once,
merged and compared byte for byte. It prints CPU times, and the memory of the processes over time.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

FORMATS = ("csv", "jsonl", "json", "parquet")
KILLS = 3
KILLED = -9


def main() -> None:
    """Make images, or run plain and in shards and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--make", type=int, metavar="COUNT")
    parser.add_argument("--shards", type=int, default=5)
    parser.add_argument("--every", type=float, default=40, help="mean seconds until a process is killed")
    parser.add_argument("--detector", default="whole")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, default=Path("shards"))
    options = parser.parse_args()
    if options.make:
        make_images(options.folder, options.make)
        return
    options.output.mkdir(parents=True, exist_ok=True)
    print_run("plain", watched(predict(options, "plain")))
    kills = sum(run_shard(options, number) for number in range(1, options.shards + 1))
    print(f"{kills} processes killed")
    for name in FORMATS:
        merge(options, name)


class Run(NamedTuple):
    """A process that has ended: exit code, seconds, seconds of CPU time, and MiB of memory over time."""

    code: int
    seconds: float
    cpu: float
    memory: list[int]


def predict(options: argparse.Namespace, name: str, *more: str) -> list[str]:
    """Return the command of a run that writes all formats."""
    outputs = [word for form in FORMATS for word in ("-o", str(options.output / f"{name}.{form}"))]
    fixed = ["--detector", options.detector, "--engine", options.engine, "--threads", "1", "--quiet"]
    return [sys.executable, "-m", "mien", "predict", str(options.folder), *fixed, *outputs, *more]


def watched(command: list[str], limit: float | None = None) -> Run:
    """Run a process, and kill it after some seconds."""
    begin, before, memory = time.monotonic(), os.times(), []
    process = subprocess.Popen(command)
    while process.poll() is None:
        time.sleep(0.2)
        memory += memory_of(process.pid)
        if limit is not None and time.monotonic() - begin > limit:
            process.kill()
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Run(process.returncode, time.monotonic() - begin, cpu, memory)


def memory_of(pid: int) -> list[int]:
    """Return the resident memory of a process in MiB, as a list; empty if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return []
    return [int(line.split()[1]) >> 10 for line in lines if line.startswith("VmRSS")]


def run_shard(options: argparse.Namespace, number: int) -> int:
    """Run a shard to its end; return how many of its processes were killed."""
    rng = random.Random(f"{options.seed} {number}")  # noqa: S311 - no secret
    command = predict(options, f"part-{number}", "--shard", f"{number}/{options.shards}", "--resume")
    kills = 0
    while (run := watched(command, limit_of(rng, options, kills))).code == KILLED:
        kills += 1
    print_run(f"shard {number}, killed {kills} times", run)
    return kills


def limit_of(rng: random.Random, options: argparse.Namespace, kills: int) -> float | None:
    """Return after how many seconds to kill a process."""
    return rng.uniform(0.4, 1.6) * options.every if kills < KILLS else None


def merge(options: argparse.Namespace, name: str) -> None:
    """Merge the shards of a format, and compare."""
    shards = [str(options.output / f"part-{number}.{name}") for number in range(options.shards, 0, -1)]
    merged, plain = options.output / f"merged.{name}", options.output / f"plain.{name}"
    run = watched([sys.executable, "-m", "mien", "merge", *shards, "-o", str(merged), "--quiet"])
    print_run(f"merge {name}, identical: {merged.read_bytes() == plain.read_bytes()}", run)


def print_run(what: str, run: Run) -> None:
    """Print the figures of a run; memory at a tenth, half and the end of its time, and the largest."""
    some = [run.memory[int(share * (len(run.memory) - 1))] for share in (0.1, 0.5, 1)] if run.memory else []
    figures = f"{run.seconds:.0f} s, CPU {run.cpu:.1f} s, MiB {some}, at most {max(run.memory, default=0)}"
    print(f"{what}: exit code {run.code}, {figures}", flush=True)


def make_images(folder: Path, count: int) -> None:
    """Write small JPEG files, 1,000 in a folder."""
    import mien

    rng, faces = np.random.default_rng(1), mien.read_faces("synthetic:2000").images
    for number in range(count):
        image = Image.fromarray(rng.integers(90, 170, (12, 16, 3), dtype=np.uint8)).resize((128, 96))
        for at in range(1 if number % 7 else 2):
            place = 4 + 62 * at + int(rng.integers(0, 8)), 10 + int(rng.integers(0, 30))
            image.paste(Image.fromarray(faces[(3 * number + at) % len(faces)]).convert("RGB"), place)
        path = folder / f"{number // 1000:03d}" / f"{number:06d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path, quality=85)


if __name__ == "__main__":
    main()
