"""`mien predict` as a process: signals, pipes, real detectors, and an install without torch."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from builders import folder_of, png
from bundle_builders import gray_of, tiny_bundle
from mien.labels import EMOTIONS
from picture_builders import scene

TRAINING = ("torch", "lightning_fabric", "matplotlib", "onnxscript", "jinja2", "safetensors")

MAIN = "from mien.cli.app import main\nmain()\n"

WITHOUT_TRAINING = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {TRAINING}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
{MAIN}"""

SLOW = f"""
import time
from mien.detection.whole import WholeImage

detect = WholeImage.detect

def slowly(self, picture):
    time.sleep(0.05)
    return detect(self, picture)

WholeImage.detect = slowly
{MAIN}"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return tiny_bundle(tmp_path_factory.mktemp("bundle") / "tiny.onnx")


@pytest.fixture
def album(tmp_path):
    """A folder of seventy images."""
    files = {f"{at:02d}.png": png(gray_of(EMOTIONS[at % 7])) for at in range(70)}
    return folder_of(tmp_path / "album", files)


@pytest.fixture
def words(bundle, tmp_path):
    """Return a function that makes the words of a command line, run by a script."""

    def made(*words, script=MAIN, detector="whole"):
        options = ["--bundle", str(bundle), "--engine", "onnx", "--threads", "2", "--detector", detector]
        return [sys.executable, "-c", script, "predict", *map(str, words), *options]

    return made


def done(words, **options):
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, **options)


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def wait_until(condition):
    end = time.monotonic() + 50
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_an_interrupted_run_keeps_its_results_and_resumes(words, album, tmp_path):
    out = tmp_path / "out.jsonl"
    process = subprocess.Popen(
        words(album, "-o", out, script=SLOW), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: out.exists() and out.read_bytes().count(b"\n") > 1)  # the first is counted
    process.send_signal(signal.SIGINT)
    printed, said = process.communicate(timeout=60)
    assert (process.returncode, printed) == (130, "")
    stopped = "mien: stopped; run the same command with --resume to continue\n"
    assert said == f"mien: results in {out}\n{stopped}"
    first = lines_of(out)
    assert 0 < len(first) < 70

    again = done(words(album, "-o", out, "--resume"))
    assert again.returncode == 0
    assert f"mien: {70 - len(first)} images" in again.stderr
    results = lines_of(out)
    assert [one["source"] for one in results] == [str(path) for path in sorted(album.iterdir())]
    assert [one["faces"][0]["label"] for one in results] == list(EMOTIONS) * 10


def test_an_array_is_valid_json_when_the_system_ends_it(words, album):
    process = subprocess.Popen(
        words(album, "--json", script=SLOW), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    start = process.stdout.read(20)
    process.send_signal(signal.SIGTERM)
    rest, said = process.stdout.read(), process.stderr.read()
    assert process.wait(timeout=60) == 143
    assert said == b"mien: stopped\n"
    assert 0 < len(json.loads(start + rest)) < 70
    process.stdout.close()
    process.stderr.close()


def test_nobody_reading_on_is_no_error(words, album):
    reader, writer = os.pipe()
    process = subprocess.Popen(words(album, "--jsonl"), stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    with os.fdopen(reader) as stream:
        assert json.loads(stream.readline())["source"] == str(album / "00.png")
    _, said = process.communicate(timeout=60)
    assert process.returncode in (0, 1)  # everything may have been in the pipe already
    assert "Traceback" not in said
    assert "Broken pipe" not in said


def test_it_needs_nothing_of_training(words, album, tmp_path):
    Image.fromarray(scene([("happy", 60, 80, 200), ("sad", 340, 120, 200)])).save(tmp_path / "two.png")
    found = done(
        words(
            tmp_path / "two.png",
            "--jsonl",
            "--draw",
            tmp_path / "synthetic",
            script=WITHOUT_TRAINING,
            detector="mtcnn",
        )
    )
    assert (found.returncode, found.stderr[:5]) == (0, "mien:")
    first, second = json.loads(found.stdout)["faces"]
    assert first["box"][0] < second["box"][0]
    assert Path(tmp_path / "synthetic").is_dir()
    blocked = done([sys.executable, "-c", WITHOUT_TRAINING, "train", "--data", "synthetic:70"])
    assert blocked.returncode == 2
    assert "mien[train]" in blocked.stderr


def test_python_needs_nothing_of_training(bundle):
    script = WITHOUT_TRAINING.replace(
        MAIN,
        f"import mien, numpy\n"
        f"recognizer = mien.load({str(bundle)!r}, engine='onnx', detector='mtcnn')\n"
        f"faces = recognizer.classify(numpy.full((2, 48, 48), {gray_of('sad')}, numpy.uint8))\n"
        f"print([face.label for face in faces], recognizer(numpy.zeros((90, 90, 3), numpy.uint8)))\n",
    )
    found = done([sys.executable, "-c", script])
    assert (found.stdout, found.stderr) == ("['sad', 'sad'] ()\n", "")


@pytest.mark.real_data
def test_yunet_finds_small_and_large_faces(words, tmp_path, real_data):
    model = real_data / "yunet" / "face_detection_yunet_2023mar.onnx"
    Image.fromarray(scene([("happy", 40, 60, 300), ("sad", 420, 300, 60)])).save(tmp_path / "two.png")
    found = done(words(tmp_path / "two.png", "--jsonl", "--detector-model", model, detector="yunet"))
    large, small = json.loads(found.stdout)["faces"]
    assert large["box"][2] > 150
    assert small["box"][2] < 60


def test_the_own_output_is_no_input():
    names = ["/dev/stdout", "/dev/stderr", "/dev/fd/1"]
    script = (
        "import sys\nfrom mien.cli.app import run\n"
        f"print([run(['predict', 'a.png', '--csv', name]) for name in {names}])\n"
    )
    found = done([sys.executable, "-c", script])
    assert found.stdout == "[2, 2, 2]\n"
    for name, line in zip(names, found.stderr.splitlines(), strict=True):
        assert line.startswith(f"mien: {name}: the output of this command, expected an input")
