"""Runs the code blocks of the documentation.

    $ python -m generate.run_blocks                        # all pages
    $ python -m generate.run_blocks docs/guides/images.md  # some of them

The blocks of a page run in their order, in one folder with the files of `generate.samples`, and all Python
blocks of a page in one interpreter. A block fails if its exit status is not 0 or it takes too long. Those
marked with `<!-- not run: REASON -->` are skipped.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from generate.blocks import Block, blocks_of
from generate.check_blocks import markdown_files
from generate.repository import ROOT
from generate.samples import make_samples

TIMEOUT: Final = 600
"""Seconds that a block may take."""

_LAST_LINES: Final = 15
"""Lines of output that are shown of a block that failed."""

_INTERPRETER: Final = """\
import json, sys, traceback
names = {"__name__": "__main__"}
for line in sys.stdin:
    try:
        exec(compile(json.loads(line), "<block>", "exec"), names)
        error = ""
    except BaseException:
        error = traceback.format_exc()
    print("\\0" + json.dumps(error), flush=True)
"""


def run_page(path: Path, samples: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run the blocks of a page in a copy of the samples, and yield what failed.

    Args:
        path: A Markdown file.
        samples: The folder of the files that blocks name.
        environment: Variables of the processes.
    """
    blocks = [block for block in blocks_of(path) if block.is_run]
    if not blocks:
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "work"
        shutil.copytree(samples, folder)
        python = _Python(folder, environment)
        try:
            for block in blocks:
                if (
                    error := python.run(block)
                    if block.language == "python"
                    else _shell(block, folder, environment)
                ):
                    yield f"{block.place}: {error}"
        finally:
            python.close()


def _shell(block: Block, folder: Path, environment: Mapping[str, str]) -> str:
    """Run a shell block, and return its last lines if it failed."""
    command = ["bash", "-euo", "pipefail", "-c", block.text]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"took more than {TIMEOUT} s"
    if not done.returncode:
        return ""
    return f"exit status {done.returncode}\n{_end_of(done.stdout.decode(errors='replace'))}"


class _Python:
    """One interpreter for the Python blocks of a page, started by the first."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder, self.environment = folder, environment
        self.process: subprocess.Popen[str] | None = None

    def run(self, block: Block) -> str:
        """Run a block, and return its traceback if it raises."""
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-c", _INTERPRETER],
                cwd=self.folder,
                env=dict(self.environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        assert self.process.stdin is not None  # noqa: S101 - for mypy
        assert self.process.stdout is not None  # noqa: S101 - for mypy
        limit = threading.Timer(TIMEOUT, self.process.kill)
        limit.start()
        try:
            self.process.stdin.write(json.dumps(block.text) + "\n")
            self.process.stdin.flush()
            for line in self.process.stdout:
                if "\0" in line:
                    return _end_of(json.loads(line.rpartition("\0")[2]))
        finally:
            limit.cancel()
        self.close()
        self.process = None
        return f"the interpreter ended, or took more than {TIMEOUT} s"

    def close(self) -> None:
        """End the interpreter."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()


def _end_of(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-_LAST_LINES:])


def _environment(folder: Path) -> dict[str, str]:
    """Return the variables of blocks: `mien` and `python` run in this interpreter, without a display."""
    programs = folder / "bin"
    programs.mkdir()
    for name, words in {"mien": "-m mien", "python": ""}.items():
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n', encoding="utf-8")
        program.chmod(0o755)
    changed = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "OMP_NUM_THREADS": "1",
        "MPLBACKEND": "agg",
    }
    return {name: value for name, value in os.environ.items() if name != "DISPLAY"} | changed


def main(words: Sequence[str]) -> int:
    """Run the blocks of files, by default all pages, and return 1 if any failed."""
    parser = argparse.ArgumentParser(
        prog="python -m generate.run_blocks", description="Run the code blocks of pages."
    )
    parser.add_argument("files", nargs="*", type=Path, help="Markdown files; all by default")
    pages = [path.resolve() for path in parser.parse_args(words).files] or markdown_files(ROOT)
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        environment, samples = _environment(Path(name)), Path(name) / "samples"
        samples.mkdir()
        make_samples(samples)
        for path in pages:
            found = list(run_page(path, samples, environment))
            failed += len(found)
            run = sum(block.is_run for block in blocks_of(path))
            sys.stdout.write(f"{path.relative_to(ROOT)}: {run} blocks, {len(found)} failed\n")
            sys.stdout.writelines(f"{problem}\n" for problem in found)
            sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
