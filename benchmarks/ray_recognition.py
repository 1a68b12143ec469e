"""The plain pipeline against Ray Data with two actors, and an actor that is killed in the middle.

    python benchmarks/ray_recognition.py FOLDER [--actors 2] [--detector yunet] [--kill SECONDS]

Needs `mien[ray]`. FOLDER holds images (`benchmarks/shards.py --make` writes small ones). Prints images per
second and CPU time per image of `mien predict --threads 2 -o out.parquet`, and of `mien.ray.recognize` with
`write_parquet`, with the start of Ray and without; the largest memory of all processes; and whether both hold
the same results. `--kill` ends an actor with SIGKILL this many seconds after Ray has started.
The machine may be shared: compare CPU times, and rates of the same run.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

ACTOR = "MapWorker(MapBatches(Worker"


def main() -> None:
    """Run both, and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--actors", type=int, default=2)
    parser.add_argument("--detector", default="yunet")
    parser.add_argument("--detector-model", type=Path, default=os.environ.get("MIEN_YUNET"))
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--kill", type=float, help="seconds after which an actor is killed")
    chosen = parser.parse_args()
    options = {"detector": chosen.detector, "engine": chosen.engine}
    if chosen.detector == "yunet" and chosen.detector_model:
        options["detector_model"] = str(chosen.detector_model)
    with tempfile.TemporaryDirectory() as name:
        plain, out = Path(name, "plain.parquet"), Path(name, "ray")
        count = run_plain(chosen.folder, plain, options, chosen.actors)
        run_ray(chosen.folder, out, options, chosen.actors, count, chosen.kill)
        print("same results:", same(plain, out))
        shutil.rmtree(out)


def run_plain(folder: Path, out: Path, options: dict[str, str], threads: int) -> int:
    """Run `mien predict`; return the number of images."""
    words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    begin, before = time.monotonic(), os.times()
    command = [sys.executable, "-m", "mien", "predict", str(folder.resolve()), "-o", str(out), "--quiet"]
    subprocess.run([*command, "--threads", str(threads), *words], check=True)
    seconds, after = time.monotonic() - begin, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    count = len(set(pq.read_table(out, columns=["source"])["source"].to_pylist()))
    print_cost("mien predict", count, seconds, cpu)
    return count


def run_ray(
    folder: Path, out: Path, options: dict[str, str], actors: int, count: int, kill_after: float | None
) -> None:
    """Run `mien.ray.recognize`, and kill an actor."""
    import ray

    import mien.ray

    with Watch() as watch:
        begin = time.monotonic()
        ray.init(num_cpus=actors + 1, include_dashboard=False, log_to_driver=False, logging_level="warning")
        ray.data.DataContext.get_current().enable_progress_bars = False
        started, cpu = time.monotonic(), watch.cpu
        images = mien.ray.read_images(str(folder.resolve()))
        faces = mien.ray.recognize(images, actors=actors, **options)
        if kill_after is not None:
            threading.Thread(target=kill_actor, args=(kill_after,), daemon=True).start()
        faces.write_parquet(str(out))
        ended = time.monotonic()
        time.sleep(1)
        print_cost("ray, with its start", count, ended - begin, watch.cpu)
        print_cost("ray, without", count, ended - started, watch.cpu - cpu)
        print(f"largest sum of private memory of all processes: {watch.memory / 2**20:,.0f} MiB")
        ray.shutdown()


def kill_actor(seconds: float) -> None:
    """Kill a worker that has started to recognize, after some seconds."""
    time.sleep(seconds)
    while True:
        for process in psutil.process_iter(["cmdline"]):
            name = " ".join(process.info["cmdline"] or [])
            if name.startswith("ray::") and ACTOR in name and ".submit" in name:
                process.send_signal(signal.SIGKILL)
                print(f"killed {name} ({process.pid})", flush=True)
                return
        time.sleep(0.05)


class Watch:
    """Adds up CPU time and memory of the descendants of this process; a context manager."""

    def __enter__(self) -> "Watch":
        self._times: dict[int, float] = {}
        self.memory = 0
        self._ended = threading.Event()
        self._own = sum(os.times()[:2])
        threading.Thread(target=self._look, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()

    @property
    def cpu(self) -> float:
        """Seconds so far."""
        return sum(self._times.values()) + sum(os.times()[:2]) - self._own

    def _look(self) -> None:
        while not self._ended.wait(0.5):
            memory = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    used = process.cpu_times()
                    self._times[process.pid] = used.user + used.system
                    memory += process.memory_info().rss - process.memory_info().shared
                except psutil.Error:
                    continue
            self.memory = max(self.memory, memory)


def print_cost(what: str, count: int, seconds: float, cpu: float) -> None:
    """Print a line of figures."""
    print(
        f"{what}: {count} images, {count / seconds:.1f} images/s, {1000 * cpu / count:.2f} CPU ms/image",
        flush=True,
    )


def same(plain: Path, out: Path) -> bool:
    """Return whether two results have the same rows, in any order."""
    keys = [("source", "ascending"), ("face", "ascending")]
    one = pq.read_table(plain).sort_by(keys)
    other = pq.read_table(out).drop_columns(["error"]).sort_by(keys)
    print(f"rows: {one.num_rows} and {other.num_rows}")
    return bool(one.equals(other.cast(pa.schema(one.schema)).replace_schema_metadata(one.schema.metadata)))


if __name__ == "__main__":
    main()
