"""Time and memory of reading a data set without and with the cache, compared with a simple reader.

    python benchmarks/reading.py fer2013.csv
    python benchmarks/reading.py archive.zip

Prints a Markdown table. Each reader runs in its own process, whose peak memory is measured. The baseline
reads the rows of a CSV with the standard `csv` module and parses each with `numpy.fromstring(text, sep=" ")`;
of a zip of images, it decodes one after the other with Pillow.
"""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from zipfile import ZipFile

BASELINE, FIRST, CACHED = "baseline", "mien, without cache", "mien, from its cache"
MEBIBYTE = 2**20


def main(path: str) -> None:
    """Print one row per reader."""
    print("| reader | seconds | peak memory (MiB) | speed relative to the baseline |")
    print("|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as cache:
        found = {name: measure(name, path, cache) for name in (BASELINE, FIRST, CACHED)}
    for name, figures in found.items():
        ratio = found[BASELINE]["seconds"] / figures["seconds"]
        print(f"| {name} | {figures['seconds']:.2f} | {figures['memory'] / MEBIBYTE:.0f} | {ratio:.1f}x |")


def measure(name: str, path: str, cache: str) -> dict[str, float]:
    """Run one reader in a process with a temporary cache."""
    words = [sys.executable, __file__, "--one", name, path]
    environment = {**os.environ, "MIEN_CACHE": cache}
    return json.loads(
        subprocess.run(words, check=True, capture_output=True, text=True, env=environment).stdout
    )


def measure_here(name: str, path: str) -> dict[str, float]:
    """Measure one reader in this process, without imports."""
    import numpy as np
    from PIL import Image

    from mien.data import read_faces

    def read_baseline(path: str) -> np.ndarray:
        if path.endswith(".zip"):
            with ZipFile(path) as archive:
                return np.stack([np.asarray(Image.open(archive.open(name))) for name in images_in(archive)])
        with Path(path).open(newline="") as stream:
            rows = csv.reader(stream)
            next(rows)
            return np.stack([np.fromstring(text, np.int16, sep=" ").astype(np.uint8) for _, text, _ in rows])

    started = time.perf_counter()
    (read_baseline if name == BASELINE else read_faces)(path)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "memory": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


def images_in(archive: ZipFile) -> list[str]:
    """Return the names of the files of a zip, without folders."""
    return [item.filename for item in archive.infolist() if not item.is_dir()]


if __name__ == "__main__":
    kind = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=kind)
    parser.add_argument("path", help="a CSV such as fer2013.csv, or a zip of images")
    parser.add_argument("--one", metavar="READER", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measure_here(arguments.one, arguments.path)))
    else:
        main(arguments.path)
