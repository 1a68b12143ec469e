"""Speed of recognition on this machine, compared with alternatives.

    python benchmarks/speed.py [--fer PYTHON] [--yunet FILE] [--bundle NAME|FILE] [--images N] [-o FOLDER]

Prints a Markdown table and writes `speed.json`. Each measurement runs in its own process, one after another:
milliseconds per face of the network alone (batches of 1 and 64 faces), images per second of a folder of
2,000 images and of one of photographs of 12 megapixels, frames per second of a video with one face, seconds
and peak memory of `mien predict one.jpg`. CPU time (user and system) is stated beside the rates: it depends
less on what else the machine computes.
The alternatives: the same network in PyTorch, a simple loop with ONNX Runtime and OpenCV's
FaceDetectorYN (with `--yunet`), and the package `fer`, in the interpreter of `--fer` (see speed_fer.py).
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

import cv2
import numpy as np
from speed_fer import timed

DISTINCT, PHOTOGRAPHS, SECONDS_OF_VIDEO, FRAME_RATE, STARTS = 50, 40, 20, 30, 7
SIZE, LARGE = (640, 480), (4000, 3000)
FOLDER, SIMPLE_LOOP = "images of 640x480", "simple loop: FaceDetectorYN, ONNX Runtime"
HERE = Path(__file__).resolve().parent


def main() -> None:
    """Measure, print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--fer", type=Path, help="Python interpreter with the package fer")
    parser.add_argument("--yunet", type=Path, default=os.environ.get("MIEN_YUNET"), help="YuNet's ONNX file")
    parser.add_argument("--bundle", default="small", help="name or file of a bundle")
    parser.add_argument("--images", type=int, default=2000, help="number of images of 640x480")
    parser.add_argument("-o", "--output", type=Path, default=Path(), help="folder of speed.json")
    parser.add_argument("--case", nargs=2, metavar=("ENGINE", "FACES"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        print(json.dumps(network_here(options.bundle, options.case[0], int(options.case[1]))))
        return
    rows = []
    print("| what | system | figure | unit |\n|---|---|---:|---|")
    with tempfile.TemporaryDirectory() as folder:
        for row in measurements(options, Path(folder)):
            rows.append(row)
            print(
                f"| {row['what']} | {row['system']} | {_figure(row['figure'])} | {row['unit']} |", flush=True
            )
    machine = {"processor": _processor(), "cores": os.cpu_count(), "platform": platform.platform()}
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "speed.json").write_text(
        json.dumps({"machine": machine, "rows": rows}, indent=2) + "\n"
    )


Row = dict[str, str | float]


def measurements(options: argparse.Namespace, folder: Path) -> Iterator[Row]:
    """Yield one row per measurement."""
    yield from networks(options)
    detector = ["--detector", "mtcnn"]
    if options.yunet:
        detector = ["--detector", "yunet", "--detector-model", str(options.yunet)]
    images, video = write_images(folder / "images", options.images), write_video(folder / "video.mp4")
    photographs = write_photographs(folder / "photographs")
    words = ["--bundle", options.bundle, *detector, "--quiet", "--output", str(folder / "out.jsonl")]
    one = str(next(images.iterdir()))
    what = FOLDER
    yield from _rates(what, images, options.images, "image", words)
    if options.yunet:
        seconds, cpu, faces = simple_loop(images, options.bundle, options.yunet)
        yield _row(what, SIMPLE_LOOP, options.images / seconds, "images/s")
        yield _row(what, SIMPLE_LOOP, 1000 * cpu / options.images, "CPU ms/image")
        yield _row(what, SIMPLE_LOOP, faces, "faces found")
    yield from _rates("photographs of 12 megapixels", photographs, PHOTOGRAPHS, "image", words)
    yield from _rates("video 640x480", video, SECONDS_OF_VIDEO * FRAME_RATE, "frame", words)
    starts = [run_cost("predict", one, *words) for _ in range(STARTS)]
    what = "one image, whole process"
    yield _row(what, "mien predict", median(cost.seconds for cost in starts), "s")
    yield _row(what, "mien predict", median(cost.memory for cost in starts), "MiB, peak")
    yield _row("mien --help", "mien", median(run_cost("--help").seconds for _ in range(STARTS)), "s")
    if options.fer:
        yield from _fer(options.fer, images, video, one)


def _rates(what: str, source: Path, count: int, unit: str, words: list[str]) -> Iterator[Row]:
    """Yield rate, CPU time and number of faces of `mien predict` for a folder or a video."""
    cost = run_cost("predict", str(source), *words)
    yield _row(what, "mien predict", count / cost.seconds, f"{unit}s/s")
    yield _row(what, "mien predict", 1000 * cost.cpu / count, f"CPU ms/{unit}")
    yield _row(what, "mien predict", faces_in(Path(words[-1])), "faces found")


def networks(options: argparse.Namespace) -> Iterator[Row]:
    """Yield milliseconds per face of each engine and alternative, for batches of 1 and 64 faces."""
    for faces in (1, 64):
        what = f"network, batch of {faces}"
        for engine, system in ENGINES.items():
            words = [sys.executable, __file__, "--bundle", options.bundle, "--case", engine, str(faces)]
            yield _row(what, system, _json(words)["ms_per_face"], "ms/face")
        for case, system in (("keras", "fer, its Keras network"), ("lite", "fer, its quantized TFLite file")):
            if options.fer:
                words = [str(options.fer), str(HERE / "speed_fer.py"), f"{case}-{faces}"]
                yield _row(what, system, _json(words)["ms_per_face"], "ms/face")


ENGINES = {
    "openvino": "mien, OpenVINO, 1 thread",
    "onnx": "mien, ONNX Runtime, 1 thread",
    "plain-onnx": "ONNX Runtime, all threads",
    "plain-torch": "PyTorch, all threads",
}


def network_here(bundle: str, engine: str, faces: int) -> dict[str, float]:
    """Measure one engine in this process."""
    images = np.random.default_rng(0).integers(0, 256, (faces, 48, 48), dtype=np.uint8)
    call = {"plain-onnx": _onnx_runtime, "plain-torch": _torch}.get(engine, _engine(engine))(bundle, images)
    return {"ms_per_face": timed(call) / faces}


def _engine(engine: str) -> Callable[[str, np.ndarray], Callable[[], object]]:
    def make(bundle: str, images: np.ndarray) -> Callable[[], object]:
        from mien.bundles.reading import read_bundle
        from mien.recognition.engines.factory import make_engine

        runner = make_engine(read_bundle(bundle), engine, threads=1)
        return lambda: runner(images)

    return make


def _onnx_runtime(bundle: str, images: np.ndarray) -> Callable[[], object]:
    import onnxruntime

    from mien.bundles.reading import find_bundle

    session = onnxruntime.InferenceSession(str(find_bundle(bundle)), providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"faces": images})


def _torch(bundle: str, images: np.ndarray) -> Callable[[], object]:
    """The same network as the bundle's first, newly initialized: weights do not affect the time."""
    import torch

    from mien.bundles.reading import read_bundle
    from mien.config.recipe import Recipe
    from mien.models import build_network

    network = build_network(
        Recipe.model_validate(read_bundle(bundle).metadata.members[0].recipe).network, 7
    ).eval()
    faces = torch.from_numpy(images)[:, None].float() / 255

    def run() -> object:
        with torch.no_grad():
            return network(faces).softmax(1)

    return run


def faces_in(results: Path) -> int:
    """Return the number of faces in a file of JSON lines."""
    with results.open(encoding="utf-8") as lines:
        return sum(len(json.loads(line)["faces"]) for line in lines)


def simple_loop(images: Path, bundle: str, yunet: Path) -> tuple[float, float, int]:
    """Return seconds, CPU seconds and faces of a loop: FaceDetectorYN, crop, resize, one face at a time."""
    import onnxruntime

    from mien.bundles.reading import find_bundle

    session = onnxruntime.InferenceSession(str(find_bundle(bundle)), providers=["CPUExecutionProvider"])
    detector = cv2.FaceDetectorYN.create(str(yunet), "", (640, 480), 0.6)
    started, cpu, faces = time.perf_counter(), time.process_time(), 0
    for path in sorted(images.iterdir()):
        image = cv2.imread(str(path))
        gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        rows = detector.detect(image)[1]
        for left, top, width, height in [] if rows is None else rows[:, :4].round().astype(int).clip(0):
            crop = cv2.resize(gray[top : top + height, left : left + width], (48, 48))
            session.run(None, {"faces": crop[None]})
            faces += 1
    return time.perf_counter() - started, time.process_time() - cpu, faces


def _fer(python: Path, images: Path, video: Path, one: str) -> Iterator[Row]:
    script = str(HERE / "speed_fer.py")
    folder = _json([str(python), script, "folder", str(images)])
    yield _row(FOLDER, "fer", sum(1 for _ in images.iterdir()) / folder["seconds"], "images/s")
    yield _row(FOLDER, "fer", folder["faces"], "faces found")
    clip = _json([str(python), script, "video", str(video)])
    yield _row("video 640x480", "fer", clip["frames"] / clip["seconds"], "frames/s")
    yield _row("video 640x480", "fer", clip["faces"], "faces found")
    started = time.perf_counter()
    _json([str(python), script, "image", one])
    yield _row("one image, whole process", "fer", time.perf_counter() - started, "s")


def write_photographs(folder: Path) -> Path:
    """Write JPEGs of 12 megapixels, four distinct ones, each with one large face."""
    folder.mkdir()
    images = [cv2.resize(scene(number), LARGE, interpolation=cv2.INTER_CUBIC) for number in range(4)]
    contents = [cv2.imencode(".jpg", image)[1].tobytes() for image in images]
    for number in range(PHOTOGRAPHS):
        (folder / f"{number:04d}.jpg").write_bytes(contents[number % len(contents)])
    return folder


def write_images(folder: Path, count: int) -> Path:
    """Write JPEGs of 640x480, fifty distinct ones, each with one face."""
    folder.mkdir()
    contents = [cv2.imencode(".jpg", scene(number))[1].tobytes() for number in range(DISTINCT)]
    for number in range(count):
        (folder / f"{number:04d}.jpg").write_bytes(contents[number % DISTINCT])
    return folder


def write_video(path: Path) -> Path:
    """Write a video of twenty seconds with one slowly moving face."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), FRAME_RATE, SIZE)
    for number in range(SECONDS_OF_VIDEO * FRAME_RATE):
        writer.write(scene(number // FRAME_RATE, shift=number % FRAME_RATE))
    writer.release()
    return path


def scene(number: int, shift: int = 0) -> np.ndarray:
    """Return an image (480, 640, 3), BGR, with one synthetic face."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from picture_builders import scene as synthetic_scene

    emotion = ("happy", "neutral", "surprise", "sad")[number % 4]
    image = synthetic_scene([(emotion, 200 + shift, 120 + number % 40, 200)], size=SIZE, seed=number)
    return cv2.cvtColor(image, cv2.COLOR_RGB2BGR)


class Cost(NamedTuple):
    """Seconds, CPU seconds and peak memory (MiB) of a process."""

    seconds: float
    cpu: float
    memory: float


def run_cost(*words: str) -> Cost:
    """Return the cost of a mien command in its own process."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "mien", *words], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"mien {' '.join(words)} failed")
    seconds = time.perf_counter() - started
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _json(words: list[str]) -> dict[str, float]:
    answer = subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return json.loads(answer.stdout.splitlines()[-1])


def _row(what: str, system: str, figure: float, unit: str) -> Row:
    return {"what": what, "system": system, "figure": figure, "unit": unit}


def _figure(value: float) -> str:
    """Format with three significant digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


if __name__ == "__main__":
    main()
