"""Speed of recognition on this machine, side by side with what people would use instead.

    python benchmarks/speed.py [--fer PYTHON] [--yunet FILE] [--bundle NAME|FILE] [--out FOLDER]

Prints a Markdown table and writes `speed.json`. Every row is a process of its own, one after the
other: milliseconds a face of the network alone (one face at a time, and 64), faces a second over a
folder of 2,000 pictures, frames a second over a video with one face, seconds and memory of a
whole `mien predict one.jpg`. The peers in the same run: the same network in plain torch, plain
ONNX Runtime in the loop that everybody writes first, and `pip install fer`, whose interpreter
`--fer` names (see speed_fer.py).
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

import cv2
import numpy as np
from speed_fer import timed

PICTURES, DISTINCT, SECONDS_OF_VIDEO, FRAME_RATE, STARTS = 2000, 50, 20, 30, 7
SIZE = (640, 480)
HERE = Path(__file__).resolve().parent


def main() -> None:
    """Measure everything, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--fer", type=Path, help="python of an environment with the package fer")
    parser.add_argument(
        "--yunet", type=Path, default=os.environ.get("MIEN_YUNET"), help="the detector's file"
    )
    parser.add_argument("--bundle", default="small", help="a shipped name or a file")
    parser.add_argument("--out", type=Path, default=Path(), help="folder of speed.json")
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
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "speed.json").write_text(json.dumps({"machine": machine, "rows": rows}, indent=2) + "\n")


Row = dict[str, str | float]


def measurements(options: argparse.Namespace, folder: Path) -> Iterator[Row]:
    """Yield a row for each figure, measured one after the other."""
    yield from networks(options)
    detector = ["--detector", "haar"]
    if options.yunet:
        detector = ["--detector", "yunet", "--detector-model", str(options.yunet)]
    pictures, video = write_pictures(folder / "pictures"), write_video(folder / "video.mp4")
    words = ["--bundle", options.bundle, *detector, "--quiet", "--jsonl", str(folder / "out.jsonl")]
    one = str(next(pictures.iterdir()))
    what = "folder of 2,000"
    yield _row(what, "mien predict", PICTURES / mien("predict", str(pictures), *words), "pictures/s")
    yield _row(what, "mien predict", faces_in(folder / "out.jsonl"), "faces found")
    seconds, faces = plain_loop(pictures, options.bundle)
    yield _row(what, "loop: Haar, ONNX Runtime", PICTURES / seconds, "pictures/s")
    yield _row(what, "loop: Haar, ONNX Runtime", faces, "faces found")
    frames = SECONDS_OF_VIDEO * FRAME_RATE
    what = "video 640x480"
    yield _row(what, "mien predict", frames / mien("predict", str(video), *words), "frames/s")
    yield _row(what, "mien predict", faces_in(folder / "out.jsonl"), "faces found")
    starts = [spent("predict", one, *words) for _ in range(STARTS)]
    what = "one picture, whole process"
    yield _row(what, "mien predict", median(time for time, _ in starts), "s")
    yield _row(what, "mien predict", median(size for _, size in starts), "MiB at most")
    yield _row("mien --help", "mien", median(spent("--help")[0] for _ in range(STARTS)), "s")
    if options.fer:
        yield from _fer(options.fer, pictures, video, one)


def networks(options: argparse.Namespace) -> Iterator[Row]:
    """Yield milliseconds a face of each engine and peer, for one face at a time and for 64."""
    for faces in (1, 64):
        what = f"network, {faces} at a time"
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
    "plain-onnx": "plain ONNX Runtime, all threads",
    "plain-torch": "plain torch, all threads",
}


def network_here(bundle: str, engine: str, faces: int) -> dict[str, float]:
    """Measure one engine in this process."""
    images = np.random.default_rng(0).integers(0, 256, (faces, 48, 48), dtype=np.uint8)
    call = {"plain-onnx": _plain_onnx, "plain-torch": _plain_torch}.get(engine, _mien(engine))(bundle, images)
    return {"ms_per_face": timed(call) / faces}


def _mien(engine: str) -> Callable[[str, np.ndarray], Callable[[], object]]:
    def make(bundle: str, images: np.ndarray) -> Callable[[], object]:
        from mien.bundles.reading import read_bundle
        from mien.recognition.engines.factory import make_engine

        runner = make_engine(read_bundle(bundle), engine, threads=1)
        return lambda: runner(images)

    return make


def _plain_onnx(bundle: str, images: np.ndarray) -> Callable[[], object]:
    import onnxruntime

    from mien.bundles.reading import find_bundle

    session = onnxruntime.InferenceSession(str(find_bundle(bundle)), providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"faces": images})


def _plain_torch(bundle: str, images: np.ndarray) -> Callable[[], object]:
    """The same network as the bundle's first, freshly initialized: weights don't change the time."""
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
    """How many faces stand in a file of JSON lines."""
    with results.open(encoding="utf-8") as lines:
        return sum(len(json.loads(line)["faces"]) for line in lines)


def plain_loop(pictures: Path, bundle: str) -> tuple[float, int]:
    """Seconds and faces of the loop that everybody writes first: Haar, crop, resize, one face at a time."""
    import onnxruntime

    from mien.bundles.reading import find_bundle

    session = onnxruntime.InferenceSession(str(find_bundle(bundle)), providers=["CPUExecutionProvider"])
    cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")
    started, faces = time.perf_counter(), 0
    for path in sorted(pictures.iterdir()):
        gray = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2GRAY)
        for left, top, width, height in cascade.detectMultiScale(gray, 1.1, 5):
            crop = cv2.resize(gray[top : top + height, left : left + width], (48, 48))
            session.run(None, {"faces": crop[None]})
            faces += 1
    return time.perf_counter() - started, faces


def _fer(python: Path, pictures: Path, video: Path, one: str) -> Iterator[Row]:
    script = str(HERE / "speed_fer.py")
    folder = _json([str(python), script, "folder", str(pictures)])
    yield _row("folder of 2,000", "fer", PICTURES / folder["seconds"], "pictures/s")
    yield _row("folder of 2,000", "fer", folder["faces"], "faces found")
    film = _json([str(python), script, "video", str(video)])
    yield _row("video 640x480", "fer", film["frames"] / film["seconds"], "frames/s")
    yield _row("video 640x480", "fer", film["faces"], "faces found")
    started = time.perf_counter()
    _json([str(python), script, "picture", one])
    yield _row("one picture, whole process", "fer", time.perf_counter() - started, "s")


def write_pictures(folder: Path) -> Path:
    """Write 2,000 JPEGs of 640x480, fifty different ones, each with one face."""
    folder.mkdir()
    contents = [cv2.imencode(".jpg", scene(number))[1].tobytes() for number in range(DISTINCT)]
    for number in range(PICTURES):
        (folder / f"{number:04d}.jpg").write_bytes(contents[number % DISTINCT])
    return folder


def write_video(path: Path) -> Path:
    """Write twenty seconds in which one face moves slowly."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), FRAME_RATE, SIZE)
    for number in range(SECONDS_OF_VIDEO * FRAME_RATE):
        writer.write(scene(number // FRAME_RATE, shift=number % FRAME_RATE))
    writer.release()
    return path


def scene(number: int, shift: int = 0) -> np.ndarray:
    """A picture (480, 640, 3), BGR, with one synthetic face in front of a plain wall."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from picture_builders import scene as drawn_scene

    emotion = ("happy", "neutral", "surprise", "sad")[number % 4]
    picture = drawn_scene([(emotion, 200 + shift, 120 + number % 40, 200)], size=SIZE, seed=number)
    return cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)


def mien(*words: str) -> float:
    """Seconds of a whole mien command."""
    return spent(*words)[0]


def spent(*words: str) -> tuple[float, float]:
    """Seconds and the largest memory (MiB) of a whole mien command in a process of its own."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "mien", *words], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"mien {' '.join(words)} failed")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def _json(words: list[str]) -> dict[str, float]:
    answer = subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return json.loads(answer.stdout.splitlines()[-1])


def _row(what: str, system: str, figure: float, unit: str) -> Row:
    return {"what": what, "system": system, "figure": figure, "unit": unit}


def _figure(value: float) -> str:
    """Three digits, and whole numbers whole."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


if __name__ == "__main__":
    main()
