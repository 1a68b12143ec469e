"""The command line: `python -m tests.fuzz`."""

import argparse
import collections
import sys
import tempfile
import time
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from fuzz.cases import Bench, Finding
from fuzz.readers import READERS
from fuzz.session import Session

SLICE = 8.0
"""Seconds that each reader gets in turn."""


def main(words: Sequence[str] | None = None) -> int:
    """Run the fuzzer, and return 1 if it found anything."""
    options = _options(words)
    names = [name for name in READERS if fnmatch(name, options.reader) and READERS[name].available()]
    if not names:
        sys.exit(f"no reader {options.reader!r}; there are: {', '.join(READERS)}")
    if options.file is not None:
        return _judge(names[0], options.file, options.part)
    options.output.mkdir(parents=True, exist_ok=True)
    return 1 if _run(names, options) else 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.fuzz", description="Damage files, and read them.")
    parser.add_argument("--reader", default="*", help="name or pattern of readers, such as 'data *'")
    parser.add_argument("--hours", type=float, help="how long to run")
    parser.add_argument("--cases", type=int, default=1000, help="cases for each reader, without --hours")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first case")
    parser.add_argument(
        "--output", type=Path, default=Path("fuzz-findings"), help="folder of the damaged files"
    )
    parser.add_argument(
        "--file", type=Path, help="read this damaged file with the reader, and show what happens"
    )
    parser.add_argument("--part", help="which of the files of the reader it replaces")
    return parser.parse_args(words)


def _run(names: Sequence[str], options: argparse.Namespace) -> int:
    """Run all readers in turn; return the number of different findings."""
    seen: collections.Counter[tuple[str, str, str]] = collections.Counter()
    following = dict.fromkeys(names, options.seed)
    end = None if options.hours is None else time.time() + 3600 * options.hours
    with Session() as session:
        while end is None or time.time() < end:
            for name in names:
                count = options.cases if end is None else 10**9
                until = None if end is None else min(end, time.time() + SLICE)
                for event in session.run(name, following[name], count, until):
                    if isinstance(event, Finding):
                        following[name] = event.seed + 1
                        _report(event, seen, options.output)
                    else:
                        following[name] = event
            if end is None:
                break
    for name in names:
        print(f"{name}: {following[name] - options.seed:,} cases")
    total = sum(following[name] - options.seed for name in names)
    print(f"{total:,} cases, {len(seen)} different findings, {sum(seen.values())} in all")
    return len(seen)


def _report(found: Finding, seen: collections.Counter[tuple[str, str, str]], folder: Path) -> None:
    """Save the damaged file of a new finding, and print how to repeat it."""
    seen[found.key] += 1
    if seen[found.key] > 1:
        return
    print(f"{found.reader}, seed {found.seed}: {found.what}: {found.detail}", flush=True)
    print(f"    made by {', '.join(found.mutators)} from {found.file}" if found.file else "    in the worker")
    if found.seed >= 0:
        saved = _save(found, folder)
        print(f"    python -m tests.fuzz --reader '{found.reader}' --seed {found.seed} --cases 1")
        print(
            f"    python -m tests.fuzz --reader '{found.reader}' --file {saved[1]} --part {saved[0]}",
            flush=True,
        )


def _save(found: Finding, folder: Path) -> tuple[str, Path]:
    """Write the damaged file of a finding; return which file it replaces, and its path."""
    with tempfile.TemporaryDirectory() as place:
        file, content, _ = Bench(found.reader, Path(place)).damage(found.seed)
    target = folder / f"{found.reader.replace(' ', '-')}-{found.seed}-{Path(file).name}"
    target.write_bytes(content)
    return file, target


def _judge(name: str, path: Path, part: str | None) -> int:
    with tempfile.TemporaryDirectory() as place:
        bench = Bench(name, Path(place))
        file = part or next(iter(bench.originals))
        problem = bench.judge(file, path.read_bytes(), strict=False)
        (bench.folder / file).write_bytes(path.read_bytes())
        print(f"{name}: {'allowed' if problem is None else ': '.join(problem)}")
        try:
            print("read as", repr(bench.reader.read(bench.folder / bench.reader.entry))[:500])
        except Exception as error:  # noqa: BLE001 - shown
            print(f"{type(error).__name__}: {error}")
    return 0 if problem is None else 1
