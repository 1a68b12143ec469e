"""Nothing that mien imports talks to the network, leaves files in the home directory or starts processes."""

import os
import re
import shutil
import subprocess
import sys

import pytest

STRACE = shutil.which("strace")
CALLS = "connect,sendto,execve,clone,clone3,fork,vfork"
TALK = re.compile(r"AF_INET6?\b.*sin6?_port")
CHILD = re.compile(r"\b(clone3?|v?fork)\((?!.*CLONE_THREAD)")

RECOGNIZE = """
import multiprocessing, sys, numpy as np, mien
multiprocessing.set_start_method("spawn")  # a child process would run this script again
open("lines.txt", "a").write("line\\n")
mien.load(engine=sys.argv[1], detector="whole", offline=True).classify(np.zeros((1, 48, 48), np.uint8))
"""

EXPORT = """
import sys
def record(event, details):
    if "/ldconfig" in str(details[:1]):  # by the CUDA builds of torch, to find the library dl
        return
    if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.posix_spawn", "os.fork"):
        print(event, details, file=sys.stderr)
sys.addaudithook(record)
import mien.training.runner, mien.training.setup, mien.exporting.export
"""


def run(command, cwd, home):
    environment = {**os.environ, "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    for name in ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "MPLCONFIGDIR", "CI"):
        environment.pop(name, None)
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.parametrize("engine", ["onnx", "openvino"])
def test_recognition_neither_talks_nor_starts_processes_nor_writes_into_the_home(engine, tmp_path):
    home, trace = tmp_path / "home", tmp_path / "trace"
    home.mkdir()
    (tmp_path / "script.py").write_text(RECOGNIZE)
    traced = [STRACE, "-f", "-qq", "-e", f"trace={CALLS}", "-o", str(trace)] if STRACE else []
    done = run([*traced, sys.executable, "script.py", engine], tmp_path, home)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(home.iterdir()) == []
    assert (tmp_path / "lines.txt").read_text() == "line\n"
    calls = trace.read_text().splitlines() if STRACE else []
    assert [call for call in calls if TALK.search(call) or CHILD.search(call)] == []


def test_quiet_recognition_in_a_read_only_home_prints_nothing(tmp_path):
    words = ["predict", "synthetic:1", "--quiet", "-o", "faces.json"]
    done = run([sys.executable, "-m", "mien", *words], tmp_path, "/dev/null/home")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_imports_of_training_and_export_neither_talk_nor_start_processes(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    done = run([sys.executable, "-c", EXPORT], tmp_path, home)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(home.iterdir()) == []
