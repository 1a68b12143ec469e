"""Hostile files in one process under a memory cap: each is refused, and takes little memory."""

import subprocess
import sys
from pathlib import Path

import pytest

CODE = Path(__file__).parent / "hostile_files.py"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
def test_hostile_files_take_little_memory(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, CODE, tmp_path], capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
