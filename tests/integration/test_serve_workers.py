"""`mien serve --workers` as processes: one port, one store of jobs; dead processes are replaced."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from bundle_builders import gray_of, tiny_bundle
from photo_builders import photo
from video_builders import film, walk


def answer(address, path, content=None, kind="application/octet-stream"):
    request = urllib.request.Request(address + path, content, {"Content-Type": kind})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return reply.read()


def children(process):
    return [int(one) for one in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def workers(process):
    """Return the processes that answer; another child cleans up after `multiprocessing`."""
    return [one for one in children(process) if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()]


def until(condition):
    for _ in range(600):
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError(condition)


def test_workers_share_the_port_and_the_jobs_and_are_replaced(tmp_path):
    bundle = tiny_bundle(tmp_path / "tiny.onnx")
    words = [sys.executable, "-m", "mien", "serve", "--workers", "2", "--port", "0", "--bundle", bundle]
    process = subprocess.Popen(
        [*map(str, words), "--detector", "whole", "--jobs", str(tmp_path / "jobs")], stderr=subprocess.PIPE,
        text=True, env=os.environ | {"MIEN_TOKEN": "", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    try:
        address = process.stderr.readline().split()[1]
        before = workers(process)
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        video = film(tmp_path / "a.mp4", walk(6)).read_bytes()
        job = json.loads(answer(address, "/v1/videos?every=2", video))["id"]
        face = photo((0, 0, 60, gray_of("sad")), size=(60, 60))
        head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        for _ in range(6):
            found = answer(
                address, "/v1/faces", head + face + b"\r\n--b--\r\n", "multipart/form-data; boundary=b"
            )
            assert json.loads(found)["results"][0]["faces"][0]["label"] == "sad"
        until(lambda: json.loads(answer(address, f"/v1/jobs/{job}"))["state"] == "done")
        assert len(answer(address, f"/v1/jobs/{job}/result").splitlines()) == 3
        after = until(lambda: len(workers(process)) == 2 and workers(process))
        assert before[1] in after
        assert before[0] not in after
        assert b'route="/v1/faces",status="200"} 6.0' in answer(address, "/metrics")
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=120)[1]
        assert "ended with code -9" in rest
        assert "Traceback" not in rest
        assert not any(Path(f"/proc/{one}").exists() for one in after)
        assert not (tmp_path / "jobs" / "metrics").exists()
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
