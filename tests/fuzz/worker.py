"""A process that runs cases: it is told which by JSON lines, and writes what it does and finds."""

import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, TextIO

from fuzz.cases import Bench, scan_packages_once


def main() -> None:
    """Run the cases of each request until standard input ends."""
    with os.fdopen(os.dup(1), "w", buffering=1) as out:
        scan_packages_once()
        os.dup2(2, 1)  # what a library prints must not be taken for an answer
        folder = Path(tempfile.mkdtemp(prefix="fuzz-", dir=os.environ.get("FUZZ_FOLDER")))
        benches: dict[str, Bench] = {}
        try:
            for line in sys.stdin:
                _answer(json.loads(line), benches, folder, out)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _answer(request: dict[str, Any], benches: dict[str, Bench], folder: Path, out: TextIO) -> None:
    name, first, count, until = (request[key] for key in ("reader", "first", "count", "until"))
    if name not in benches:
        place = folder / name.replace(" ", "-")
        place.mkdir()
        _say(out, start=None)
        benches[name] = Bench(name, place)
    seed = first
    while seed < first + count and (until is None or time.time() < until):
        _say(out, start=seed)
        finding = benches[name].run(seed)
        if finding is not None:
            _say(out, found=finding.to_dict())
        seed += 1
    _say(out, done=seed)


def _say(out: TextIO, **message: object) -> None:
    out.write(json.dumps(message) + "\n")


if __name__ == "__main__":
    main()
