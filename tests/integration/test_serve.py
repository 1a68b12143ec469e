"""`mien serve` as a process: it tells its address, answers, and ends at a signal."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager

import pytest

from bundle_builders import gray_of, tiny_bundle
from photo_builders import photo


@contextmanager
def serving(tmp_path, *arguments):
    bundle = tiny_bundle(tmp_path / "tiny.onnx")
    words = [sys.executable, "-m", "mien", "serve", "--port", "0", "--bundle", bundle]
    words += ["--detector", "whole", "--jobs", tmp_path / "jobs"]
    process = subprocess.Popen(
        [*map(str, words), *arguments], stderr=subprocess.PIPE, text=True,
        env=os.environ | {"MIEN_TOKEN": "", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    try:
        line = process.stderr.readline()
        assert line.startswith("mien: http://127.0.0.1:"), line
        yield process, line.split()[1]
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def multipart(content):
    head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
    return head + content + b"\r\n--b--\r\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_and_ends_at_a_signal(tmp_path, number):
    face = photo((0, 0, 60, gray_of("sad")), size=(60, 60))
    with serving(tmp_path) as (process, address):
        request = urllib.request.Request(
            f"{address}/v1/faces", multipart(face), {"Content-Type": "multipart/form-data; boundary=b"}
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            assert json.load(answer)["results"][0]["faces"][0]["label"] == "sad"
        process.send_signal(number)
        rest = process.communicate(timeout=120)[1]
        assert process.returncode in (128 + number, -number)  # uvicorn raises it again at its end
        assert "Traceback" not in rest


def test_a_port_in_use_is_one_line(tmp_path):
    with serving(tmp_path) as (_, address):
        port = address.rpartition(":")[2]
        words = [
            sys.executable,
            "-m",
            "mien",
            "serve",
            "--port",
            port,
            "--bundle",
            str(tmp_path / "tiny.onnx"),
        ]
        second = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 2
    assert second.stderr.startswith(f"mien: can't listen on 127.0.0.1 port {port}")
    assert second.stderr.count("\n") == 1
